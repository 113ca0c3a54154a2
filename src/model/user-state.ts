import { blankChanges, type LoggedChange, logChange } from './change-log.js';
import { MemoryError } from './errors.js';
import type { AssistantId, PageId, SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { AnalysisTrouble, Loss, Operation } from './operation.js';
import type { Page } from './page.js';
import type { Trait } from './profile.js';
import { countIn, countsOf, type Segment, segmentOf } from './segment.js';
import { putTombstones, type Tombstones } from './tombstones.js';

/** All three tiers of one user, in memory. Only {@link applyOperation} changes it. */
export interface UserState {
  /** Short-term memory, oldest first. Longer than its capacity while migration waits. */
  readonly shortTerm: Page[];
  /** The same by id: while migration waits they may be many. */
  readonly shortTermById: Map<PageId, Page>;
  /** Mid-term memory, in the order the segments were opened. */
  readonly segments: Map<SegmentId, Segment>;
  /** Where a page of mid-term memory is. */
  readonly segmentOfPage: Map<PageId, SegmentId>;
  /** The page that left short-term memory last: what the next one may continue. */
  lastMigrated: PageId | null;
  /** The user profile, keyed `group/dimension`. */
  readonly profile: Map<string, Trait>;
  /** Oldest first; superseded facts stay, marked. */
  readonly userKnowledge: Fact[];
  readonly assistantKnowledge: Map<AssistantId, Fact[]>;
  /** What was changed by hand, oldest first. */
  readonly changes: LoggedChange[];
  readonly troubles: Map<string, AnalysisTrouble>;
  /** What was forgotten and must not come back by analysis or import. */
  readonly tombstones: Tombstones;
  /** What was lost and nobody has accepted yet, oldest first. */
  readonly losses: Loss[];
  /** Evicted so far. */
  archivedSegments: number;
  archivedPages: number;
}

/** The memory of a user nobody has told anything. */
export function emptyState(): UserState {
  return {
    shortTerm: [],
    shortTermById: new Map(),
    segments: new Map(),
    segmentOfPage: new Map(),
    lastMigrated: null,
    profile: new Map(),
    userKnowledge: [],
    assistantKnowledge: new Map(),
    changes: [],
    troubles: new Map(),
    tombstones: new Map(),
    losses: [],
    archivedSegments: 0,
    archivedPages: 0,
  };
}

/** The list a fact belongs to: user knowledge or the knowledge of one assistant. */
export function factsOf(state: UserState, assistantId: AssistantId | null): Fact[] {
  if (assistantId === null) return state.userKnowledge;
  let facts = state.assistantKnowledge.get(assistantId);
  if (facts === undefined) {
    facts = [];
    state.assistantKnowledge.set(assistantId, facts);
  }
  return facts;
}

/** Makes these pages short-term memory, as they were kept. */
export function setShortTerm(state: UserState, pages: readonly Page[]): void {
  state.shortTerm.length = 0;
  state.shortTermById.clear();
  for (const page of pages) {
    state.shortTerm.push(page);
    state.shortTermById.set(page.id, page);
  }
}

/** Pages stored in all tiers and in the archive. */
export function pagesTotal(state: UserState): number {
  return state.shortTerm.length + state.segmentOfPage.size + state.archivedPages;
}

/** Whether a page is in short-term or mid-term memory. */
export function hasPage(state: UserState, id: PageId): boolean {
  return state.shortTermById.has(id) || state.segmentOfPage.has(id);
}

/** Finds a page in short-term or mid-term memory. */
export function findPage(state: UserState, id: PageId): Page | undefined {
  const segmentId = state.segmentOfPage.get(id);
  if (segmentId === undefined) return state.shortTermById.get(id);
  return segmentFor(state, segmentId).pages.find((page) => page.id === id);
}

/**
 * Carries out one operation, in place. Applying the same log to the empty state gives the same state in every
 * process. An operation that does not fit the state (an unknown page, a page added twice) throws
 * STORE_CORRUPT and changes nothing.
 */
export function applyOperation(state: UserState, operation: Operation): void {
  switch (operation.op) {
    case 'page_added':
      addPage(state, operation.page, operation.segment_id);
      return;
    case 'page_migrated':
      migratePage(state, operation);
      return;
    case 'pages_analysed': {
      const segment = segmentFor(state, operation.segment_id);
      const analysed = new Set(operation.page_ids);
      segment.pages = segment.pages.map((page) =>
        analysed.has(page.id) ? { ...page, analysed: true } : page,
      );
      Object.assign(segment, countsOf(segment.pages));
      segment.head = { ...segment.head, n_visit: 0 };
      return;
    }
    case 'pages_read':
      markPages(state, operation.page_ids, { read: true });
      return;
    case 'pages_noted':
      markPages(state, operation.page_ids, { analysed: true, noted: true });
      return;
    case 'page_forgotten':
      forgetPage(state, operation.page_id);
      return;
    case 'page_summarised':
      replacePage(state, operation.page_id, { meta_info: operation.meta_info });
      return;
    case 'segment_put': {
      const segment = state.segments.get(operation.head.id);
      if (segment === undefined) state.segments.set(operation.head.id, segmentOf(operation.head, []));
      else segment.head = operation.head;
      return;
    }
    case 'segment_visited': {
      const segment = segmentFor(state, operation.segment_id);
      const { head } = segment;
      segment.head = {
        ...head,
        n_visit: head.n_visit + operation.visits,
        last_visit_at: laterOf(head.last_visit_at, operation.at),
      };
      return;
    }
    case 'segment_archived': {
      const segment = segmentFor(state, operation.segment_id);
      state.archivedSegments += 1;
      state.archivedPages += segment.pages.length;
      for (const page of segment.pages) state.segmentOfPage.delete(page.id);
      state.segments.delete(operation.segment_id);
      return;
    }
    case 'segment_removed': {
      const segment = segmentFor(state, operation.segment_id);
      if (segment.pages.length > 0) throw misfit(`segment ${operation.segment_id} still has pages`);
      state.segments.delete(operation.segment_id);
      return;
    }
    case 'archive_reduced':
      state.archivedSegments = Math.max(0, state.archivedSegments - operation.segments);
      state.archivedPages = Math.max(0, state.archivedPages - operation.pages);
      return;
    case 'trait_put':
      state.profile.set(`${operation.trait.group}/${operation.trait.dimension}`, operation.trait);
      return;
    case 'trait_removed':
      state.profile.delete(`${operation.group}/${operation.dimension}`);
      return;
    case 'fact_put': {
      const facts = factsOf(state, operation.fact.assistant_id);
      const index = facts.findIndex((fact) => fact.id === operation.fact.id);
      if (index === -1) facts.push(operation.fact);
      else facts[index] = operation.fact;
      return;
    }
    case 'fact_removed': {
      const facts = factsOf(state, operation.assistant_id);
      const index = facts.findIndex((fact) => fact.id === operation.fact_id);
      if (index === -1) throw misfit(`there is no fact ${operation.fact_id}`);
      facts.splice(index, 1);
      return;
    }
    case 'change_logged':
      logChange(state.changes, operation.change);
      return;
    case 'changes_blanked':
      blankChanges(state.changes, new Set(operation.fact_ids));
      return;
    case 'analysis_failed':
      state.troubles.set(operation.trouble.job, operation.trouble);
      return;
    case 'analysis_recovered':
      state.troubles.delete(operation.job);
      return;
    case 'tombstones_put':
      putTombstones(state.tombstones, operation);
      return;
    case 'loss_noted':
      state.losses.push(operation.loss);
      return;
    case 'losses_accepted':
      state.losses.length = 0;
      return;
    default:
      operation satisfies never;
  }
}

function addPage(state: UserState, page: Page, segmentId: SegmentId | null): void {
  if (hasPage(state, page.id)) throw misfit(`page ${page.id} is stored already`);
  if (segmentId === null) {
    state.shortTerm.push(page);
    state.shortTermById.set(page.id, page);
    return;
  }
  appendPage(segmentFor(state, segmentId), page);
  state.segmentOfPage.set(page.id, segmentId);
}

function migratePage(state: UserState, move: Extract<Operation, { op: 'page_migrated' }>): void {
  const index = indexOf(state, move.page_id);
  const page = state.shortTermById.get(move.page_id);
  if (page === undefined) throw misfit(`page ${move.page_id} is not in short-term memory`);
  const segment = segmentFor(state, move.segment_id);
  state.shortTerm.splice(index, 1);
  state.shortTermById.delete(page.id);
  appendPage(segment, { ...page, chain_id: move.chain_id, meta_info: move.meta_info });
  state.segmentOfPage.set(page.id, move.segment_id);
  state.lastMigrated = page.id;
}

function appendPage(segment: Segment, page: Page): void {
  segment.pages.push(page);
  countIn(segment, page);
}

function markPages(state: UserState, ids: readonly PageId[], change: Partial<Page>): void {
  const unknown = ids.find((id) => !hasPage(state, id));
  if (unknown !== undefined) throw misfit(`there is no page ${unknown}`);
  for (const id of ids) replacePage(state, id, change);
  for (const id of new Set(ids.flatMap((page) => state.segmentOfPage.get(page) ?? []))) {
    const segment = segmentFor(state, id);
    Object.assign(segment, countsOf(segment.pages));
  }
}

function replacePage(state: UserState, id: PageId, change: Partial<Page>): void {
  const pages = pagesHolding(state, id);
  const index = indexOf(state, id);
  const page = pages[index];
  if (page === undefined) throw misfit(`there is no page ${id}`);
  const changed = { ...page, ...change };
  pages[index] = changed;
  if (state.shortTermById.has(id)) state.shortTermById.set(id, changed);
}

function forgetPage(state: UserState, id: PageId): void {
  const pages = pagesHolding(state, id);
  const index = indexOf(state, id);
  const page = pages[index];
  if (page === undefined) throw misfit(`there is no page ${id}`);
  pages.splice(index, 1);
  const segmentId = state.segmentOfPage.get(id);
  if (segmentId !== undefined) Object.assign(segmentFor(state, segmentId), countsOf(pages));
  state.segmentOfPage.delete(id);
  state.shortTermById.delete(id);
  if (state.lastMigrated === id) state.lastMigrated = null;
}

/** Where in that list a page is; -1: nowhere. Of short-term memory by identity, the quickest way through many. */
function indexOf(state: UserState, id: PageId): number {
  const page = findPage(state, id);
  return page === undefined ? -1 : pagesHolding(state, id).indexOf(page);
}

/** The list a page would be in: its segment's, else short-term memory. */
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

/** Instants are written alike, so their order is that of their text. */
function laterOf(a: string, b: string): string {
  return a.localeCompare(b, 'en') < 0 ? b : a;
}
