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
   * Opens the memory of one user, creating it when there is none. Throws STORE_NEWER, STORE_IO, STORE_CORRUPT (only
   * when nothing can be saved by going on).
   */
  open(userId: UserId): Promise<M>;
  /** Users with a memory here. */
  listUsers(): Promise<UserId[]>;
  /**
   * How far a user's memory has come, without opening it: cheap. Another value than before, or than
   * {@link StoredMemory.position}, says that it may have changed; the same one that it has not. Null: there is none.
   */
  look(userId: UserId): Promise<string | null>;
  /**
   * Users whose memory wants work at this time and that no process is working on, the one that waits longest first.
   * Empty where every process works for the memories it has open, as on files.
   */
  due(nowMs: number, limit: number): Promise<UserId[]>;
}

/** A page of short-term or mid-term memory with its place. */
export interface PlacedPage {
  readonly page: Page;
  /** Null for short-term memory. */
  readonly segmentId: SegmentId | null;
}

/** A segment with its pages, in the order they came. */
export interface WholeSegment {
  readonly head: SegmentHead;
  readonly pages: readonly Page[];
}

/** Both ends belong to it. Milliseconds since 1970. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Which pages: by id, or everything said before a time. */
export type PageTarget =
  | { readonly kind: 'pages'; readonly ids: ReadonlySet<PageId> }
  | { readonly kind: 'before'; readonly ms: number };

/** Which exchanges to list, newest first. Every filter that is given has to fit. */
export interface TimelineNeed {
  /** Lower-cased; stands in what one side said, in upper or lower case. '' fits everything. */
  readonly text: string;
  /** Only what this side said is searched, and only exchanges in which it said something are listed. */
  readonly side?: 'user' | 'agent' | undefined;
  /** As `projectOf` a page gives it. */
  readonly project?: string | undefined;
  /** From this time on. */
  readonly sinceMs: number;
  /** Before this time. */
  readonly untilMs: number;
  readonly segmentId?: SegmentId | undefined;
  /** Those that follow this one in the list. */
  readonly after?: PageId | undefined;
  readonly limit: number;
}

export interface TimelineSlice {
  /** Newest first; of those said at one time the one stored last is the newest. */
  readonly exchanges: readonly PlacedPage[];
  /** How many fit the filters. */
  readonly total: number;
  /** Whether more follow. */
  readonly more: boolean;
}

/** How much there is. */
export interface Counts {
  /** Pages in short-term memory. */
  readonly shortTerm: number;
  readonly segments: number;
  /** Pages in segments. */
  readonly midTerm: number;
  /** Pages of both that nobody has analysed. */
  readonly unanalysed: number;
  readonly traits: number;
  /** Also superseded ones, of the user and of all assistants. */
  readonly facts: number;
  /** Evicted so far and not forgotten. */
  readonly archivedSegments: number;
  readonly archivedPages: number;
  /** Transactions so far: never fewer than before, unless some were lost. */
  readonly seq: number;
}

/**
 * Which slices of a memory somebody wants. An adapter answers all of them as of one moment, in one round trip where it
 * has to ask for them. Lists are short unless it says otherwise.
 */
export interface Need {
  readonly counts?: true;
  /** Pages by id. */
  readonly pages?: readonly PageId[];
  /** Pages said within one of the spans. */
  readonly around?: readonly TimeSpan[];
  /** So many of the oldest pages of short-term memory. */
  readonly oldest?: number;
  /** So many of the newest pages of short-term memory. */
  readonly newest?: number;
  /** So many pages that stand directly before one in short-term memory. */
  readonly before?: { readonly pageId: PageId; readonly most: number };
  /** So many pages that the built-in reader has not read: those of segments first, then of short-term memory. */
  readonly unread?: number;
  /**
   * Pages that nobody has analysed; `notNoted`: also those that the host has not noted, which may be all.
   * Segments in the order they were opened, then short-term memory.
   */
  readonly waiting?: 'notAnalysed' | 'notNoted';
  /** The page that left short-term memory last. */
  readonly lastMigrated?: true;
  /** What is known of segments without their pages. */
  readonly heads?: 'all' | readonly SegmentId[];
  /** Segments with their pages. */
  readonly segments?: readonly SegmentId[];
  /**
   * Segments that hold a page of the target, or a page of a dialogue chain that one of these or of `chains` belongs to;
   * and the pages of short-term memory that are of the target.
   */
  readonly touched?: { readonly target: PageTarget; readonly chains: readonly ChainId[] };
  /** Everything that is known of these owners; `all`: of the user and every assistant. */
  readonly facts?: 'all' | readonly Owner[];
  readonly profile?: true;
  readonly troubles?: true;
  readonly tombstones?: true;
  readonly changes?: true;
  readonly losses?: true;
  readonly timeline?: TimelineNeed;
  /** Exchanges a day, of the latest so many days that have any. */
  readonly days?: number;
  /** Every page of both tiers, for export and for what goes over everything: long. */
  readonly everyPage?: true;
}

/** What answers a need. Values are of the moment they were read and do not change afterwards. */
export interface Slices {
  readonly counts: Counts;
  /** In the order of the ids; what is not in short-term or mid-term memory is left out. */
  readonly pages: ReadonlyMap<PageId, PlacedPage>;
  /** Short-term memory in its order, then segments, in each the last page first. */
  readonly around: readonly Page[];
  /** Oldest first, as are `newest`, `before` and `unread`. */
  readonly oldest: readonly Page[];
  readonly newest: readonly Page[];
  readonly before: readonly Page[];
  readonly unread: readonly Page[];
  readonly waiting: readonly PlacedPage[];
  /** Its id stays known when it has gone to the archive; forgetting it makes both null. */
  readonly lastMigrated: { readonly id: PageId | null; readonly page: Page | null };
  /** In the order they were opened. */
  readonly heads: ReadonlyMap<SegmentId, SegmentOutline>;
  readonly segments: ReadonlyMap<SegmentId, WholeSegment>;
  readonly touched: { readonly segments: readonly WholeSegment[]; readonly shortTerm: readonly Page[] };
  /** Of each owner oldest first; superseded facts stay, marked. `all` has the owners of whom something is known. */
  readonly facts: KnownFacts;
  /** Keyed `group/dimension`. */
  readonly profile: ReadonlyMap<string, Trait>;
  /** By job. */
  readonly troubles: ReadonlyMap<string, AnalysisTrouble>;
  readonly tombstones: Tombstones;
  /** Oldest first. */
  readonly changes: readonly LoggedChange[];
  /** What was lost and nobody has accepted yet, oldest first. */
  readonly losses: readonly Loss[];
  /** Null: the exchange that the list should go on after is not in it. */
  readonly timeline: TimelineSlice | null;
  /** By day (`YYYY-MM-DD`, UTC). */
  readonly days: ReadonlyMap<string, number>;
  /** Segments in the order they were opened, then short-term memory. */
  readonly everyPage: readonly PlacedPage[];
}

/** The slices that a need asks for. */
export type Answer<N extends Need> = Pick<Slices, keyof N & keyof Slices>;

/** What a store tells its subscriber. */
export type StoreChange =
  | { readonly kind: 'operations'; readonly operations: readonly Operation[] }
  /** It is not known what changed, or too much was missed: anything may have. */
  | { readonly kind: 'reloaded' };

/** What left the tiers for want of room and is kept: a segment as it was when it was evicted, or a fact. */
export type ArchiveEntry =
  | { readonly kind: 'segment'; readonly head: SegmentHead; readonly pages: readonly Page[] }
  | { readonly kind: 'fact'; readonly fact: Fact };

/** What becomes of an entry of the archive: the same one where nothing changes, null where it goes. Pure. */
export type ArchiveEdit = (entry: ArchiveEntry) => ArchiveEntry | null;

/** What making a forgetting final did. */
export interface Erased {
  /** Copies outside the memory that may still hold something of it, for people to read. Mostly empty. */
  readonly remaining: readonly string[];
}

/** Something a person should know about what is stored. Never holds what a user said. */
export interface StoreNotice {
  readonly level: 'info' | 'warning' | 'error';
  /** What + where + what was done or is to be done. */
  readonly message: string;
}

/** The memory of one user, shared with any number of other processes. */
export interface StoredMemory {
  readonly userId: UserId;
  /** How far the memory had come as of the last read or transaction, to compare with `look`. Also after closing. */
  readonly position: string;
  /** What opening found and repaired. */
  readonly notices: readonly StoreNotice[];
  /** The slices as they are now, with everything that other processes have committed, all of one moment. */
  read<const N extends Need>(need: N): Promise<Answer<N>>;
  /**
   * One transaction: alone among the user's transactions, reads the slices, lets `decide` look at them and return
   * operations, and makes these durable before it resolves; all or none. `decide` is synchronous, has no side effects
   * and may be called again (never twice with success); if it throws, nothing has happened. No operations: nothing is
   * written. Transactions of one process run in the order of the calls. One that forgets finds room on a full disk
   * where anything can be given up for it. Throws STORE_BUSY (its turn did not come in time), STORE_IO (nothing was
   * kept), STORE_CLOSED, and whatever `decide` throws.
   */
  transact<const N extends Need>(
    need: N,
    decide: (slices: Answer<N>) => readonly Operation[],
  ): Promise<readonly Operation[]>;
  /** Called after changes, in order, of this process and of others. Returns a canceller. */
  subscribe(listener: (change: StoreChange) => void): () => void;
  /**
   * The right to migrate and analyse: held by one process at a time, for long; lost when its process dies or
   * hangs. Null when another one holds it. It saves work only: transactions stay correct without.
   */
  claimWork(): Promise<WorkClaim | null>;
  /**
   * Says when the memory wants work again (null: not by itself), by one who looked and found nothing to do now. What
   * was stored since it was last read keeps it due. Does nothing where a process works for the memories it has open.
   */
  rest(nextAtMs: number | null): Promise<void>;
  /** What left the tiers for want of room, oldest first. Long. */
  readArchive(): AsyncIterable<ArchiveEntry>;
  /**
   * Makes forgetting final, after the transaction that forgets: what is kept beside the tiers (archive, former logs,
   * derived vectors) loses what is gone. `edit`: what becomes of the archive, as a whole or not at all; null: it holds
   * nothing of it. Ends the trouble `purgeJob`, which says that this is still to be done. May be repeated, also after a
   * crash.
   */
  erase(edit: ArchiveEdit | null): Promise<Erased>;
  /** Lets go of everything. */
  close(): Promise<void>;
}

export interface WorkClaim {
  /** False once another process may have taken over. */
  readonly held: boolean;
  /**
   * Gives it back. `nextAtMs`: when the memory wants work again by what its holder last read; null: not by itself; left
   * out: as before, by one who did not work. A transaction of others since then keeps it due.
   */
  release(nextAtMs?: number | null): Promise<void>;
}
