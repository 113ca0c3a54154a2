import { blankChanges, logChange } from './change-log.js';
import { MemoryError } from './errors.js';
import type { AssistantId, PageId, SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { Operation } from './operation.js';
import type { Page } from './page.js';
import { traitKey } from './profile.js';
import { countIn, countsOf, type Segment, type SegmentCounts, segmentOf } from './segment.js';
import { putTombstones, type TombstoneEntry } from './tombstones.js';
import { factsOf, findPage, hasPage, knownFacts, type UserState } from './user-state.js';

/** Undoes an operation. Call it only while no later operation has been applied. */
export type Undo = () => void;

type Of<Kind extends Operation['op']> = Extract<Operation, { op: Kind }>;

/**
 * Applies one operation to the state, in place. The same log applied to the empty state gives the same state
 * in every process. Throws STORE_CORRUPT when the operation does not fit the state (an unknown page, a page
 * added twice); the state is then unchanged.
 */
export function applyOperation(state: UserState, operation: Operation): Undo {
  switch (operation.op) {
    case 'page_added':
      return addPage(state, operation.page, operation.segment_id);
    case 'page_migrated':
      return migratePage(state, operation);
    case 'pages_analysed':
      return analysePages(state, operation);
    case 'pages_read':
      return markPages(state, operation.page_ids, { read: true });
    case 'pages_noted':
      return markPages(state, operation.page_ids, { analysed: true, noted: true });
    case 'page_forgotten':
      return forgetPage(state, operation.page_id);
    case 'page_summarised':
      return replacePage(state, operation.page_id, { meta_info: operation.meta_info });
    case 'segment_put':
      return putSegment(state, operation);
    case 'segment_visited':
      return visitSegment(state, operation);
    case 'segment_archived':
      return archiveSegment(state, operation.segment_id);
    case 'segment_removed':
      return removeSegment(state, operation.segment_id);
    case 'archive_reduced':
      return reduceArchive(state, operation);
    case 'trait_put':
      return putIn(state.profile, traitKey(operation.trait), operation.trait);
    case 'trait_removed':
      return removeFrom(state.profile, traitKey(operation));
    case 'fact_put':
      return putFact(state, operation.fact);
    case 'fact_removed':
      return removeFact(state, operation);
    case 'change_logged':
      return changeList(state.changes, (changes) => logChange(changes, operation.change));
    case 'changes_blanked':
      return changeList(state.changes, (changes) => blankChanges(changes, new Set(operation.fact_ids)));
    case 'analysis_failed':
      return putIn(state.troubles, operation.trouble.job, operation.trouble);
    case 'analysis_recovered':
      return removeFrom(state.troubles, operation.job);
    case 'tombstones_put':
      return bury(state, operation);
    case 'loss_noted':
      return changeList(state.losses, (losses) => losses.push(operation.loss));
    case 'losses_accepted':
      return changeList(state.losses, (losses) => losses.splice(0));
    default:
      return operation satisfies never;
  }
}

function addPage(state: UserState, page: Page, segmentId: SegmentId | null): Undo {
  if (hasPage(state, page.id)) throw misfit(`page ${page.id} is stored already`);
  if (segmentId === null) {
    state.shortTerm.push(page);
    state.shortTermById.set(page.id, page);
    return () => {
      state.shortTerm.pop();
      state.shortTermById.delete(page.id);
    };
  }
  const takeOut = appendPage(segmentFor(state, segmentId), page);
  state.segmentOfPage.set(page.id, segmentId);
  return () => {
    takeOut();
    state.segmentOfPage.delete(page.id);
  };
}

function migratePage(state: UserState, move: Of<'page_migrated'>): Undo {
  const index = indexOf(state, move.page_id);
  const page = state.shortTermById.get(move.page_id);
  if (page === undefined) throw misfit(`page ${move.page_id} is not in short-term memory`);
  const segment = segmentFor(state, move.segment_id);
  const { lastMigrated } = state;
  state.shortTerm.splice(index, 1);
  state.shortTermById.delete(page.id);
  const takeOut = appendPage(segment, { ...page, chain_id: move.chain_id, meta_info: move.meta_info });
  state.segmentOfPage.set(page.id, move.segment_id);
  state.lastMigrated = page.id;
  return () => {
    takeOut();
    state.segmentOfPage.delete(page.id);
    state.shortTerm.splice(index, 0, page);
    state.shortTermById.set(page.id, page);
    state.lastMigrated = lastMigrated;
  };
}

function appendPage(segment: Segment, page: Page): Undo {
  const recount = countsKept(segment);
  segment.pages.push(page);
  countIn(segment, page);
  return () => {
    segment.pages.pop();
    recount();
  };
}

function analysePages(state: UserState, operation: Of<'pages_analysed'>): Undo {
  const segment = segmentFor(state, operation.segment_id);
  const before = { ...segment };
  const analysed = new Set(operation.page_ids);
  segment.pages = segment.pages.map((page) => (analysed.has(page.id) ? { ...page, analysed: true } : page));
  Object.assign(segment, countsOf(segment.pages));
  segment.head = { ...segment.head, n_visit: 0 };
  return () => void Object.assign(segment, before);
}

function markPages(state: UserState, ids: readonly PageId[], change: Partial<Page>): Undo {
  const unknown = ids.find((id) => !hasPage(state, id));
  if (unknown !== undefined) throw misfit(`there is no page ${unknown}`);
  const undos = ids.map((id) => replacePage(state, id, change));
  for (const id of new Set(ids.flatMap((page) => state.segmentOfPage.get(page) ?? []))) {
    const segment = segmentFor(state, id);
    undos.push(countsKept(segment));
    Object.assign(segment, countsOf(segment.pages));
  }
  return () => {
    for (const undo of undos.reverse()) undo();
  };
}

function replacePage(state: UserState, id: PageId, change: Partial<Page>): Undo {
  const { pages, index, page } = placeOf(state, id);
  const put = (version: Page) => {
    pages[index] = version;
    if (state.shortTermById.has(id)) state.shortTermById.set(id, version);
  };
  put({ ...page, ...change });
  return () => put(page);
}

function forgetPage(state: UserState, id: PageId): Undo {
  const { pages, index, page } = placeOf(state, id);
  const segmentId = state.segmentOfPage.get(id);
  const segment = segmentId === undefined ? undefined : segmentFor(state, segmentId);
  const recount = segment && countsKept(segment);
  const { lastMigrated } = state;
  pages.splice(index, 1);
  if (segment !== undefined) Object.assign(segment, countsOf(pages));
  state.segmentOfPage.delete(id);
  state.shortTermById.delete(id);
  if (lastMigrated === id) state.lastMigrated = null;
  return () => {
    pages.splice(index, 0, page);
    if (segmentId === undefined) state.shortTermById.set(id, page);
    else state.segmentOfPage.set(id, segmentId);
    recount?.();
    state.lastMigrated = lastMigrated;
  };
}

function putSegment(state: UserState, { head }: Of<'segment_put'>): Undo {
  const segment = state.segments.get(head.id);
  if (segment === undefined) return putIn(state.segments, head.id, segmentOf(head, []));
  return changeHead(segment, head);
}

function visitSegment(state: UserState, { segment_id: id, visits, at }: Of<'segment_visited'>): Undo {
  const segment = segmentFor(state, id);
  const { head } = segment;
  const last_visit_at = laterOf(head.last_visit_at, at);
  return changeHead(segment, { ...head, n_visit: head.n_visit + visits, last_visit_at });
}

function changeHead(segment: Segment, head: Segment['head']): Undo {
  const { head: before } = segment;
  segment.head = head;
  return () => {
    segment.head = before;
  };
}

function archiveSegment(state: UserState, id: SegmentId): Undo {
  const segment = segmentFor(state, id);
  const { archivedSegments, archivedPages } = state;
  state.archivedSegments += 1;
  state.archivedPages += segment.pages.length;
  for (const page of segment.pages) state.segmentOfPage.delete(page.id);
  const putBack = takeOutSegment(state, segment);
  return () => {
    putBack();
    for (const page of segment.pages) state.segmentOfPage.set(page.id, id);
    Object.assign(state, { archivedSegments, archivedPages });
  };
}

function removeSegment(state: UserState, id: SegmentId): Undo {
  const segment = segmentFor(state, id);
  if (segment.pages.length > 0) throw misfit(`segment ${id} still has pages`);
  return takeOutSegment(state, segment);
}

/** Removes a segment. Undoing appends it at the end: applyTransaction restores the order of segments. */
function takeOutSegment(state: UserState, segment: Segment): Undo {
  state.segments.delete(segment.head.id);
  return () => void state.segments.set(segment.head.id, segment);
}

function reduceArchive(state: UserState, { segments, pages }: Of<'archive_reduced'>): Undo {
  const { archivedSegments, archivedPages } = state;
  state.archivedSegments = Math.max(0, archivedSegments - segments);
  state.archivedPages = Math.max(0, archivedPages - pages);
  return () => void Object.assign(state, { archivedSegments, archivedPages });
}

function putFact(state: UserState, fact: Fact): Undo {
  const isFirst = knownFacts(state, fact.assistant_id) === undefined;
  const facts = factsOf(state, fact.assistant_id);
  const index = facts.findIndex((known) => known.id === fact.id);
  const before = facts[index];
  if (before === undefined) facts.push(fact);
  else facts[index] = fact;
  return () => {
    if (before !== undefined) facts[index] = before;
    else if (isFirst && fact.assistant_id !== null) state.assistantKnowledge.delete(fact.assistant_id);
    else facts.pop();
  };
}

function removeFact(
  state: UserState,
  { fact_id: id, assistant_id }: { readonly fact_id: Fact['id']; readonly assistant_id: AssistantId | null },
): Undo {
  const facts = knownFacts(state, assistant_id) ?? [];
  const index = facts.findIndex((fact) => fact.id === id);
  const fact = facts[index];
  if (fact === undefined) throw misfit(`there is no fact ${id}`);
  facts.splice(index, 1);
  return () => void facts.splice(index, 0, fact);
}

function bury({ tombstones }: UserState, entry: TombstoneEntry): Undo {
  const known = tombstones.get(entry.key);
  const before = entry.hashes.map((hash) => [hash, known?.get(hash)] as const);
  putTombstones(tombstones, entry);
  return () => {
    if (known === undefined) tombstones.delete(entry.key);
    for (const [hash, until] of before) {
      if (until === undefined) known?.delete(hash);
      else known?.set(hash, until);
    }
  };
}

function putIn<K, V>(map: Map<K, V>, key: K, value: V): Undo {
  const before = map.get(key);
  map.set(key, value);
  return () => {
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  };
}

/** Removes an entry from a small map. Undoing puts it back at its old position. */
function removeFrom<K, V>(map: Map<K, V>, key: K): Undo {
  if (!map.has(key)) return () => {};
  const entries = [...map];
  map.delete(key);
  return () => {
    map.clear();
    for (const [known, value] of entries) map.set(known, value);
  };
}

/** Changes a short list in place. */
function changeList<T>(list: T[], change: (list: T[]) => void): Undo {
  const before = [...list];
  change(list);
  return () => void list.splice(0, list.length, ...before);
}

/** Returns an undo that restores the segment's present counts. */
function countsKept(segment: Segment): Undo {
  const { size, unanalysed, unread, characters, firstAt, lastAt } = segment;
  const counts: SegmentCounts = { size, unanalysed, unread, characters, firstAt, lastAt };
  return () => void Object.assign(segment, counts);
}

/** Finds the list that holds a page, and the page's index in it. */
function placeOf(state: UserState, id: PageId): { pages: Page[]; index: number; page: Page } {
  const pages = pagesHolding(state, id);
  const index = indexOf(state, id);
  const page = pages[index];
  if (page === undefined) throw misfit(`there is no page ${id}`);
  return { pages, index, page };
}

/**
 * Index of a page in its list, or -1. Short-term memory is searched by object identity, the fastest way
 * through a long list.
 */
function indexOf(state: UserState, id: PageId): number {
  const page = findPage(state, id);
  return page === undefined ? -1 : pagesHolding(state, id).indexOf(page);
}

/** The list that would hold the page: its segment's list, or short-term memory. */
function pagesHolding(state: UserState, id: PageId): Page[] {
  const segmentId = state.segmentOfPage.get(id);
  return segmentId === undefined ? state.shortTerm : segmentFor(state, segmentId).pages;
}

function segmentFor(state: UserState, id: SegmentId): Segment {
  const segment = state.segments.get(id);
  if (segment === undefined) throw misfit(`there is no segment ${id}`);
  return segment;
}

function misfit(what: string): MemoryError {
  return new MemoryError(
    'STORE_CORRUPT',
    `The commit log does not fit the state: ${what}. Run "memoryos-mcp doctor".`,
  );
}

/** All instants have the same format, so comparing their texts compares their times. */
function laterOf(a: string, b: string): string {
  return a.localeCompare(b, 'en') < 0 ? b : a;
}
