import type { LoggedChange } from '../model/change-log.js';
import type { ChainId, PageId, SegmentId, UserId } from '../model/ids.js';
import type { Fact, KnownFacts, Owner } from '../model/knowledge.js';
import type { AnalysisTrouble, Loss, Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import type { Trait } from '../model/profile.js';
import type { SegmentHead, SegmentOutline } from '../model/segment.js';
import type { Tombstones } from '../model/tombstones.js';

/** Keeps the memories of users. Construction does no I/O. */
export interface Store<M extends StoredMemory = StoredMemory> {
  /**
   * Opens the memory of one user, and creates it when there is none. Throws STORE_NEWER, STORE_IO,
   * STORE_CORRUPT (only when continuing could save nothing).
   */
  open(userId: UserId): Promise<M>;
  /** Users that have a memory in this store. */
  listUsers(): Promise<UserId[]>;
  /**
   * Position of a user's memory, read without opening it. Cheap. A value that differs from the last one, or
   * from {@link StoredMemory.position}, means that the memory may have changed; an equal value means that it
   * has not. Null: there is no memory.
   */
  positionOf(userId: UserId): Promise<string | null>;
  /**
   * Users whose memory is due for work and that no process works on, longest waiting first. Each is offered to
   * one caller at a time, which claims it within seconds. Always empty when each process works on the memories it
   * has open, as on files.
   */
  due(nowMs: number, limit: number): Promise<UserId[]>;
  /** Prepares connections for the first question, if there are any. Throws STORE_IO. */
  warm?(): Promise<void>;
  /** Calls the listener when another process may have changed a memory; null: any memory may have changed. */
  watch(listener: (userId: UserId | null) => void): Watch;
}

export interface Watch {
  /** Whether the store reports changes now. If false, the caller has to look for them itself. */
  readonly isLive: boolean;
  stop(): void;
}

/** A page of short-term or mid-term memory with its location. */
export interface PlacedPage {
  readonly page: Page;
  /** Null for short-term memory. */
  readonly segmentId: SegmentId | null;
}

/** A segment with its pages, in the order they were added. */
export interface WholeSegment {
  readonly head: SegmentHead;
  readonly pages: readonly Page[];
}

/** Both ends are included. Milliseconds since 1970. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Selects pages: by id, or all pages said before a time. */
export type PageTarget =
  | { readonly kind: 'pages'; readonly ids: ReadonlySet<PageId> }
  | { readonly kind: 'before'; readonly ms: number };

/** Selects exchanges to list, newest first. An exchange must match every filter given. */
export interface TimelineNeed {
  /** Lower-cased text to find, ignoring case. '' matches everything. */
  readonly text: string;
  /** Searches only what this side said, and lists only exchanges in which it said something. */
  readonly side?: 'user' | 'agent' | undefined;
  /** As `projectOf` returns it. */
  readonly project?: string | undefined;
  /** Inclusive. */
  readonly sinceMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  readonly segmentId?: SegmentId | undefined;
  /** Lists the exchanges that follow this one. */
  readonly after?: PageId | undefined;
  readonly limit: number;
}

export interface TimelineSlice {
  /** Newest first. Among exchanges of the same time, the one stored last comes first. */
  readonly exchanges: readonly PlacedPage[];
  /** Number of exchanges that match the filters. */
  readonly total: number;
  /** Whether more exchanges follow. */
  readonly more: boolean;
}

/** Sizes of the parts of a memory. */
export interface Counts {
  /** Pages in short-term memory. */
  readonly shortTerm: number;
  readonly segments: number;
  /** Pages in segments. */
  readonly midTerm: number;
  /** Pages of both tiers that have not been analysed. */
  readonly unanalysed: number;
  /** Of both tiers, that the built-in reader has not read. */
  readonly unread: number;
  readonly traits: number;
  /** Facts of the user and of all assistants, including superseded ones. */
  readonly facts: number;
  /** Segments evicted so far, without forgotten ones. */
  readonly archivedSegments: number;
  readonly archivedPages: number;
  /** Number of transactions. It never decreases, unless transactions were lost. */
  readonly seq: number;
}

/**
 * Selects segments that have unanalysed pages and enough visits and unanalysed pages together:
 * perVisit * n_visit + perUnanalysed * unanalysed + base >= least.
 */
export interface WeightedCounts {
  readonly perVisit: number;
  readonly perUnanalysed: number;
  readonly base: number;
  readonly least: number;
}

/**
 * Selects slices of a memory. An adapter reads all of them as of one moment, in one round trip where it has
 * to ask for them. Lists are short unless noted.
 */
export interface Need {
  readonly counts?: true;
  /** Pages by id. */
  readonly pages?: readonly PageId[];
  /** Pages said within one of the spans. */
  readonly around?: readonly TimeSpan[];
  /** This many of the oldest pages of short-term memory. */
  readonly oldest?: number;
  /** This many of the newest pages of short-term memory. */
  readonly newest?: number;
  /**
   * At most this many pages said directly before a page, in either tier, and at most this many characters of both
   * sides.
   */
  readonly before?: { readonly pageId: PageId; readonly most: number; readonly characters: number };
  /**
   * This many pages that the built-in reader has not read: first those of segments, then those of short-term
   * memory.
   */
  readonly unread?: number;
  /**
   * Pages that have not been analysed. `notNoted`: also pages that the host has not noted, which may be all.
   * Segments in the order they were opened, then short-term memory.
   */
  readonly waiting?: 'notAnalysed' | 'notNoted';
  /** The page that left short-term memory last. */
  readonly lastMigrated?: true;
  /** Segments without their pages: all, some, or those with high counts. */
  readonly heads?: 'all' | readonly SegmentId[] | WeightedCounts;
  /** Segments with their pages. */
  readonly segments?: readonly SegmentId[];
  /**
   * Segments that hold a page of the target, or a page that shares a dialogue chain with the target or with
   * `chains`; also the pages of short-term memory in the target.
   */
  readonly touched?: { readonly target: PageTarget; readonly chains: readonly ChainId[] };
  /** All facts about these owners; `all`: about the user and every assistant. */
  readonly facts?: 'all' | readonly Owner[];
  readonly profile?: true;
  /** Failed analyses. */
  readonly troubles?: true;
  /** Whether a purge is unfinished (see `erase`). */
  readonly purging?: true;
  readonly tombstones?: true;
  readonly changes?: true;
  readonly losses?: true;
  readonly timeline?: TimelineNeed;
  /** Exchanges for each day, for this many of the latest days that have any. */
  readonly days?: number;
  /** Ids of pages: all, or those of these that are in either tier. */
  readonly pageIds?: 'all' | readonly PageId[];
  /** Every page of both tiers; may be very long. For export and for work on the whole memory. */
  readonly everyPage?: true;
}

/** The answer to a need. Values are a snapshot and do not change afterwards. */
export interface Slices {
  readonly counts: Counts;
  /** In the order of the ids. Ids that are in neither tier are absent. */
  readonly pages: ReadonlyMap<PageId, PlacedPage>;
  /** Short-term memory in its order, then each segment from its last page to its first. */
  readonly around: readonly Page[];
  /** Oldest first, like `newest`, `before` and `unread`. */
  readonly oldest: readonly Page[];
  readonly newest: readonly Page[];
  readonly before: readonly Page[];
  readonly unread: readonly Page[];
  readonly waiting: readonly PlacedPage[];
  /** The id stays after the page has gone to the archive. Forgetting the page makes both null. */
  readonly lastMigrated: { readonly id: PageId | null; readonly page: Page | null };
  /** In the order they were opened. */
  readonly heads: ReadonlyMap<SegmentId, SegmentOutline>;
  readonly segments: ReadonlyMap<SegmentId, WholeSegment>;
  readonly touched: { readonly segments: readonly WholeSegment[]; readonly shortTerm: readonly Page[] };
  /**
   * Oldest first for each owner. Superseded facts are included and marked. `all` includes each owner that has
   * facts.
   */
  readonly facts: KnownFacts;
  /** Keyed `group/dimension`. */
  readonly profile: ReadonlyMap<string, Trait>;
  /** By job. */
  readonly troubles: ReadonlyMap<string, AnalysisTrouble>;
  readonly purging: boolean;
  readonly tombstones: Tombstones;
  /** Oldest first. */
  readonly changes: readonly LoggedChange[];
  /** Losses that nobody has accepted yet, oldest first. */
  readonly losses: readonly Loss[];
  /** Null: the exchange given as `after` is not in the list. */
  readonly timeline: TimelineSlice | null;
  /** By day (`YYYY-MM-DD`, UTC). */
  readonly days: ReadonlyMap<string, number>;
  readonly pageIds: ReadonlySet<PageId>;
  /** Segments in the order they were opened, then short-term memory. */
  readonly everyPage: readonly PlacedPage[];
}

/** The slices that a need selects. */
export type Answer<N extends Need> = Pick<Slices, keyof N & keyof Slices>;

/** What a store tells its subscribers. */
export type StoreChange =
  | { readonly kind: 'operations'; readonly operations: readonly Operation[] }
  /** Anything may have changed: the changes are unknown, or there were too many. */
  | { readonly kind: 'reloaded' };

/**
 * What left the tiers because of capacity limits and is kept: a segment as it was when it was evicted, or a
 * fact.
 */
export type ArchiveEntry =
  | { readonly kind: 'segment'; readonly head: SegmentHead; readonly pages: readonly Page[] }
  | { readonly kind: 'fact'; readonly fact: Fact };

/** Edits an entry of the archive: returns the same entry to keep it, null to remove it. Pure. */
export type ArchiveEdit = (entry: ArchiveEntry) => ArchiveEntry | null;

/** The result of a purge. */
export interface Erased {
  /** Copies outside the memory that may still hold forgotten content, as text for people. Usually empty. */
  readonly remaining: readonly string[];
}

/** Something a person should know about the stored data. Contains nothing a user said. */
export interface StoreNotice {
  readonly level: 'info' | 'warning' | 'error';
  /** What happened, where, and what was done or has to be done. */
  readonly message: string;
}

/** The memory of one user, shared with any number of other processes. */
export interface StoredMemory {
  readonly userId: UserId;
  /** Position after the last read or transaction, to compare with `positionOf`. Readable after closing, too. */
  readonly position: string;
  /** What opening found and repaired. */
  readonly notices: readonly StoreNotice[];
  /** Reads slices as of one moment, including everything other processes have committed. */
  read<const N extends Need>(need: N): Promise<Answer<N>>;
  /**
   * Runs one transaction. Alone among the user's transactions, it reads the slices, calls `decide`, and makes
   * the returned operations durable, all or none, before it resolves. `decide` must be synchronous and
   * without side effects; it may be called again, but succeeds at most once. If it throws, nothing has
   * happened. If it returns no operations, nothing is written. Transactions of one process run in the order
   * of the calls. On a full disk, a transaction that forgets frees space by deleting derived data. Throws
   * STORE_BUSY (its turn did not come in time), STORE_IO (nothing was kept), STORE_CLOSED, and whatever
   * `decide` throws.
   */
  transact<const N extends Need>(
    need: N,
    decide: (slices: Answer<N>) => readonly Operation[],
  ): Promise<readonly Operation[]>;
  /** Whether subscribers hear now of what other processes change, also when nothing reads. */
  readonly isWatched: boolean;
  /**
   * Calls the listener after changes, in order, of this process and of others. Returns a function that
   * unsubscribes.
   */
  subscribe(listener: (change: StoreChange) => void): () => void;
  /**
   * Claims the right to migrate and analyse. One process holds it for a long time, and loses it when it dies
   * or hangs. Null: another process holds it. It only avoids duplicate work: transactions are correct without
   * it.
   */
  claimWork(): Promise<WorkClaim | null>;
  /**
   * Records when the memory is due for work again (null: at no set time). Called by a process that looked and
   * found nothing to do. The memory stays due when something was stored after the caller's last read. Does
   * nothing when each process works on the memories it has open.
   */
  rest(nextAtMs: number | null): Promise<void>;
  /** What left the tiers because of capacity limits, oldest first. May be long. */
  readArchive(): AsyncIterable<ArchiveEntry>;
  /**
   * Completes forgetting, after its transaction: removes forgotten content from the archive, old logs and
   * derived vectors. `edit` is applied to the whole archive or not at all; null: the archive holds nothing to
   * remove. Ends the unfinished purge, which records that this step is outstanding. May be repeated, also
   * after a crash.
   */
  erase(edit: ArchiveEdit | null): Promise<Erased>;
  /** Releases everything. */
  close(): Promise<void>;
}

export interface WorkClaim {
  /** False once another process may have taken over. */
  readonly held: boolean;
  /**
   * Gives the right back. `nextAtMs`: when the memory is due for work again, as of the holder's last read;
   * null: at no set time; undefined: unchanged, for a holder that did no work. The memory stays due when
   * another transaction happened since that read.
   */
  release(nextAtMs?: number | null): Promise<void>;
}
