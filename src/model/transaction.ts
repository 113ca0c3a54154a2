import type { AssistantId, PageId, SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { Operation } from './operation.js';
import { countsOf, type Segment } from './segment.js';
import { applyOperation, factsOf, type UserState } from './user-state.js';

/** What a transaction moved out of the state but not out of the memory: it belongs into the archive. */
export interface Departed {
  readonly segments: Segment[];
  readonly facts: Fact[];
}

export interface AppliedTransaction {
  readonly departed: Departed;
  /** Takes the transaction back. Only as long as nothing was applied after it. */
  undo(): void;
}

/**
 * Applies operations as a whole or not at all: when one does not fit (STORE_CORRUPT, as applyOperation), those
 * before it are taken back and the state is as it was.
 */
export function applyTransaction(state: UserState, operations: readonly Operation[]): AppliedTransaction {
  const ways: (() => void)[] = [];
  const departed: Departed = { segments: [], facts: [] };
  let order: readonly SegmentId[] | null = null;
  const undo = () => {
    for (const back of ways.reverse()) back();
    ways.length = 0;
    if (order !== null) reorder(state.segments, order);
  };
  for (const operation of operations) {
    try {
      if (operation.op === 'segment_archived' || operation.op === 'segment_removed') {
        order ??= [...state.segments.keys()];
      }
      noteDeparted(state, operation, departed);
      const back = wayBack(state, operation);
      applyOperation(state, operation);
      ways.push(back);
    } catch (error) {
      undo();
      throw error;
    }
  }
  return { departed, undo };
}

function noteDeparted(state: UserState, operation: Operation, departed: Departed): void {
  if (operation.op === 'segment_archived') {
    const segment = state.segments.get(operation.segment_id);
    if (segment !== undefined) departed.segments.push(segment);
  }
  if (operation.op === 'fact_removed' && operation.reason === 'capacity') {
    const fact = knownFacts(state, operation.assistant_id)?.find((known) => known.id === operation.fact_id);
    if (fact !== undefined) departed.facts.push(fact);
  }
}

/** As factsOf, without making a list for an assistant that has none. */
function knownFacts(state: UserState, assistantId: AssistantId | null): Fact[] | undefined {
  return assistantId === null ? state.userKnowledge : state.assistantKnowledge.get(assistantId);
}

/** What takes the operation back; made before it is applied, run after it was. */
function wayBack(state: UserState, operation: Operation): () => void {
  switch (operation.op) {
    case 'page_added': {
      const { page, segment_id: segmentId } = operation;
      if (segmentId === null) {
        return () => {
          state.shortTerm.pop();
          state.shortTermById.delete(page.id);
        };
      }
      return () => {
        unappend(state.segments.get(segmentId));
        state.segmentOfPage.delete(page.id);
      };
    }
    case 'page_migrated': {
      const { page_id: pageId, segment_id: segmentId } = operation;
      const index = state.shortTerm.findIndex((page) => page.id === pageId);
      const page = state.shortTerm[index];
      const { lastMigrated } = state;
      return () => {
        unappend(state.segments.get(segmentId));
        state.segmentOfPage.delete(pageId);
        if (page !== undefined) {
          state.shortTerm.splice(index, 0, page);
          state.shortTermById.set(pageId, page);
        }
        state.lastMigrated = lastMigrated;
      };
    }
    case 'page_forgotten':
      return wayBackFromForgotten(state, operation.page_id);
    case 'page_summarised': {
      const { list, index, page } = placeOf(state, operation.page_id);
      return () => {
        if (page === undefined) return;
        list[index] = page;
        if (list === state.shortTerm) state.shortTermById.set(page.id, page);
      };
    }
    case 'pages_read':
    case 'pages_noted':
      return wayBackFromMarked(state, operation.page_ids);
    case 'pages_analysed':
    case 'segment_visited': {
      const segment = state.segments.get(operation.segment_id);
      const before = segment && { ...segment };
      return () => void (segment && before && Object.assign(segment, before));
    }
    case 'segment_put': {
      const segment = state.segments.get(operation.head.id);
      if (segment === undefined) return () => void state.segments.delete(operation.head.id);
      const { head } = segment;
      return () => {
        segment.head = head;
      };
    }
    case 'segment_archived':
    case 'segment_removed': {
      const { archivedSegments, archivedPages } = state;
      const segment = state.segments.get(operation.segment_id);
      return () => {
        if (segment === undefined) return;
        state.segments.set(operation.segment_id, segment);
        for (const page of segment.pages) state.segmentOfPage.set(page.id, operation.segment_id);
        Object.assign(state, { archivedSegments, archivedPages });
      };
    }
    case 'archive_reduced': {
      const { archivedSegments, archivedPages } = state;
      return () => void Object.assign(state, { archivedSegments, archivedPages });
    }
    case 'trait_put':
    case 'trait_removed': {
      const traits = [...state.profile];
      return () => restore(state.profile, traits);
    }
    case 'fact_put':
    case 'fact_removed': {
      const assistantId = operation.op === 'fact_put' ? operation.fact.assistant_id : operation.assistant_id;
      const facts = knownFacts(state, assistantId)?.slice();
      return () => {
        if (facts === undefined && assistantId !== null) state.assistantKnowledge.delete(assistantId);
        else factsOf(state, assistantId).splice(0, Number.POSITIVE_INFINITY, ...(facts ?? []));
      };
    }
    case 'change_logged':
    case 'changes_blanked': {
      const changes = [...state.changes];
      return () => void state.changes.splice(0, state.changes.length, ...changes);
    }
    case 'analysis_failed':
    case 'analysis_recovered': {
      const troubles = [...state.troubles];
      return () => restore(state.troubles, troubles);
    }
    case 'tombstones_put': {
      const { key } = operation;
      const known = state.tombstones.get(key);
      const before = known && new Map(known);
      return () => {
        if (before === undefined) state.tombstones.delete(key);
        else state.tombstones.set(key, before);
      };
    }
    case 'loss_noted':
      return () => void state.losses.pop();
    case 'losses_accepted': {
      const losses = [...state.losses];
      return () => void state.losses.push(...losses);
    }
    default:
      return operation satisfies never;
  }
}

function wayBackFromForgotten(state: UserState, pageId: PageId): () => void {
  const { segmentId, list, index, page } = placeOf(state, pageId);
  const { lastMigrated } = state;
  return () => {
    if (page !== undefined) list.splice(index, 0, page);
    if (segmentId !== undefined) state.segmentOfPage.set(pageId, segmentId);
    else if (page !== undefined) state.shortTermById.set(pageId, page);
    const segment = segmentId === undefined ? undefined : state.segments.get(segmentId);
    if (segment !== undefined) Object.assign(segment, countsOf(segment.pages));
    state.lastMigrated = lastMigrated;
  };
}

function wayBackFromMarked(state: UserState, pageIds: readonly PageId[]): () => void {
  const places = pageIds.map((id) => placeOf(state, id));
  return () => {
    for (const { list, index, page } of places) {
      if (page === undefined) continue;
      list[index] = page;
      if (list === state.shortTerm) state.shortTermById.set(page.id, page);
    }
    for (const { segmentId } of places) {
      const segment = segmentId === undefined ? undefined : state.segments.get(segmentId);
      if (segment !== undefined) Object.assign(segment, countsOf(segment.pages));
    }
  };
}

function unappend(segment: Segment | undefined): void {
  if (segment === undefined) return;
  segment.pages.pop();
  Object.assign(segment, countsOf(segment.pages));
}

function placeOf(state: UserState, pageId: PageId) {
  const segmentId = state.segmentOfPage.get(pageId);
  const list = (segmentId === undefined ? state.shortTerm : state.segments.get(segmentId)?.pages) ?? [];
  const index = list.findIndex((page) => page.id === pageId);
  return { segmentId, list, index, page: list[index] };
}

/** Segments that were put back went to the end; those opened since the order was noted are gone again. */
function reorder(segments: Map<SegmentId, Segment>, order: readonly SegmentId[]): void {
  for (const id of order) {
    const segment = segments.get(id);
    if (segment === undefined) continue;
    segments.delete(id);
    segments.set(id, segment);
  }
}

/** Puts a map back, in its former order. */
function restore<K, V>(map: Map<K, V>, entries: readonly [K, V][]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
