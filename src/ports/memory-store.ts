import type { SegmentId, UserId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { UserState } from '../model/user-state.js';
import type { ArchiveEntry, StoreChange, StoreNotice } from './store.js';

/** Keeps the memories of users. An open memory is loaded completely into this process. */
export interface MemoryStore {
  /**
   * Opens the memory of one user, creates it when there is none, and repairs it after a crash. Throws
   * STORE_NEWER, STORE_IO, STORE_CORRUPT (only when continuing could save nothing).
   */
  open(userId: UserId): Promise<UserStore>;
  /** Users with a memory here. */
  listUsers(): Promise<UserId[]>;
  /**
   * Position of a user's memory, read without opening it. Cheap. A value that differs from the last one, or
   * from {@link UserStore.position}, means that the memory may have changed; an equal value means that it has
   * not. Null: there is no memory.
   */
  positionOf(userId: UserId): Promise<string | null>;
}

/** Vectors of one segment. They are derived, so losing them only costs time. */
export interface SegmentVectors {
  readonly model: string;
  readonly dimensions: number;
  /** Vector of the segment's summary. */
  readonly summary: { readonly text: string; readonly vector: Float32Array } | null;
  /** By page id. */
  readonly pages: ReadonlyMap<string, Float32Array>;
  /** By page id: vectors for late interaction, opaque to the store. Empty when the model has none. */
  readonly pieces: ReadonlyMap<string, Uint8Array>;
}

/** Edits an entry of the archive: returns the same entry to keep it, null to remove it. */
export type ArchiveEdit = (entry: ArchiveEntry) => ArchiveEntry | null | Promise<ArchiveEntry | null>;

/** The result of a purge. */
export interface PurgeResult {
  /** Segments and pages removed from the archive. A segment counts when none of its pages is left. */
  readonly segments: number;
  readonly pages: number;
  /** Files of this user that may still hold copies, such as damaged files that were kept. */
  readonly remaining: readonly string[];
}

/**
 * The memory of one user, loaded completely into this process and shared with any number of other processes.
 * It is the layer below `store.ts`; apart from that, only an index in this process uses it.
 */
export interface UserStore {
  readonly userId: UserId;
  /**
   * The state after the last open, refresh or transaction. The object stays the same until a `reloaded`
   * change.
   */
  readonly state: UserState;
  /** Position of `state`, to compare with `positionOf`. Readable after closing, too. */
  readonly position: string;
  /** Number of transactions in `state`. It never decreases, unless transactions were lost. */
  readonly seq: number;
  /** What opening found and repaired. */
  readonly notices: readonly StoreNotice[];
  /**
   * Reads what other processes have committed since. Cheap when there is nothing new: it reads a file's
   * status.
   */
  refresh(): Promise<void>;
  /**
   * Runs one transaction: takes the lock, brings the state up to date, calls `decide`, writes the returned
   * operations durably (fsync) and applies them. `decide` must be synchronous and without side effects; it
   * may be called again, but succeeds at most once. If it throws, nothing has happened. If it returns no
   * operations, nothing is written. Transactions of one process run in the order of the calls. Throws
   * STORE_BUSY (the lock was not free in time), STORE_IO (nothing was kept), STORE_CLOSED, and whatever
   * `decide` throws.
   */
  transact(decide: (state: UserState) => readonly Operation[]): Promise<readonly Operation[]>;
  /**
   * Calls the listener after each change of the state, in order, from this process and others. Returns a
   * function that unsubscribes.
   */
  subscribe(listener: (change: StoreChange) => void): () => void;
  /**
   * Claims the right to migrate and analyse. One process holds it for a long time, and loses it when it dies
   * or hangs. Null: another process holds it. It only avoids duplicate work: transactions are correct without
   * it.
   */
  tryLease(): Promise<Lease | null>;
  loadVectors(segmentId: SegmentId): Promise<SegmentVectors | null>;
  /**
   * Replaces the segment's vectors. Vectors of pages that have left the segment meanwhile, also in another
   * process, are dropped.
   */
  saveVectors(segmentId: SegmentId, vectors: SegmentVectors): Promise<void>;
  /** What left the tiers because of capacity limits, oldest first. */
  readArchive(): AsyncIterable<ArchiveEntry>;
  /**
   * Completes forgetting, after its transaction: removes old logs and old versions of files, and rewrites
   * the archive with `edit`, entirely or not at all (null: the archive holds nothing to remove). Other work
   * continues meanwhile. May be repeated, also after a crash.
   */
  purge(edit: ArchiveEdit | null): Promise<PurgeResult>;
  /** Deletes what can be rebuilt (vectors, old logs), so that a full disk has room for a change. */
  makeRoom(): Promise<void>;
  /** Writes the state to its files and shortens the commit log. */
  checkpoint(): Promise<void>;
  /** Writes a checkpoint and releases everything. */
  close(): Promise<void>;
}

export interface Lease {
  /** False once another process may have taken over. */
  readonly held: boolean;
  release(): Promise<void>;
}
