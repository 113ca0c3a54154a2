import type { LoggedChange } from './change-log.js';
import type { AssistantId, PageId, SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { AnalysisTrouble, Loss } from './operation.js';
import type { Page } from './page.js';
import type { Trait } from './profile.js';
import type { Segment } from './segment.js';
import type { Tombstones } from './tombstones.js';

/** All three tiers of one user, in memory. Only applying an operation changes it. */
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

/** As {@link factsOf}, without making a list for an assistant that has none. */
export function knownFacts(state: UserState, assistantId: AssistantId | null): Fact[] | undefined {
  return assistantId === null ? state.userKnowledge : state.assistantKnowledge.get(assistantId);
}

/** Every fact about the user and about each assistant. */
export function* allFacts(state: UserState): Iterable<Fact> {
  yield* state.userKnowledge;
  for (const facts of state.assistantKnowledge.values()) yield* facts;
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
  return state.segments.get(segmentId)?.pages.find((page) => page.id === id);
}
