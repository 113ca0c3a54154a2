import type { LoggedChange } from './change-log.js';
import type { AssistantId, PageId, SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { AnalysisTrouble, Loss } from './operation.js';
import type { Page } from './page.js';
import type { Trait } from './profile.js';
import type { Segment } from './segment.js';
import type { Tombstones } from './tombstones.js';

/** All three tiers of one user, in memory. Only operations change it. */
export interface UserState {
  /** Short-term memory, oldest first. It exceeds its capacity while pages wait for migration. */
  readonly shortTerm: Page[];
  /** The same pages by id, because many may wait for migration. */
  readonly shortTermById: Map<PageId, Page>;
  /** Mid-term memory, in the order the segments were opened. */
  readonly segments: Map<SegmentId, Segment>;
  /** The segment of each page of mid-term memory. */
  readonly segmentOfPage: Map<PageId, SegmentId>;
  /** The page that left short-term memory last; the next page may continue its chain. */
  lastMigrated: PageId | null;
  /** The user profile, keyed `group/dimension`. */
  readonly profile: Map<string, Trait>;
  /** Oldest first. Superseded facts stay and are marked. */
  readonly userKnowledge: Fact[];
  readonly assistantKnowledge: Map<AssistantId, Fact[]>;
  /** Changes made by hand, oldest first. */
  readonly changes: LoggedChange[];
  readonly troubles: Map<string, AnalysisTrouble>;
  /** Forgotten content that analysis and import must not bring back. */
  readonly tombstones: Tombstones;
  /** Losses that nobody has accepted yet, oldest first. */
  readonly losses: Loss[];
  /** Segments evicted so far. */
  archivedSegments: number;
  archivedPages: number;
}

/** The memory of a new user. */
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

/**
 * The list that holds facts of this owner: user knowledge, or the knowledge of one assistant. Creates the
 * list when it is missing.
 */
export function factsOf(state: UserState, assistantId: AssistantId | null): Fact[] {
  if (assistantId === null) return state.userKnowledge;
  let facts = state.assistantKnowledge.get(assistantId);
  if (facts === undefined) {
    facts = [];
    state.assistantKnowledge.set(assistantId, facts);
  }
  return facts;
}

/** Like {@link factsOf}, but returns undefined when an assistant has no list. */
export function knownFacts(state: UserState, assistantId: AssistantId | null): Fact[] | undefined {
  return assistantId === null ? state.userKnowledge : state.assistantKnowledge.get(assistantId);
}

/** Every fact about the user and about all assistants. */
export function* allFacts(state: UserState): Iterable<Fact> {
  yield* state.userKnowledge;
  for (const facts of state.assistantKnowledge.values()) yield* facts;
}

/** Replaces short-term memory with these pages. Used when a memory is loaded. */
export function setShortTerm(state: UserState, pages: readonly Page[]): void {
  state.shortTerm.length = 0;
  state.shortTermById.clear();
  for (const page of pages) {
    state.shortTerm.push(page);
    state.shortTermById.set(page.id, page);
  }
}

/** Pages in all tiers and in the archive. */
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
