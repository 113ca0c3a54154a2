import type { SegmentId, UserId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { UserState } from '../model/user-state.js';
import type { ArchiveEntry, StoreChange, StoreNotice } from './store.js';

/** Keeps the memories of users, each open one whole in this process. */
export interface MemoryStore {
  /**
   * Opens the memory of one user, creating it when there is none, repairing what a crash left.
   * Throws STORE_NEWER, STORE_IO, STORE_CORRUPT (only when nothing can be saved by going on).
   */
  open(userId: UserId): Promise<UserStore>;
  /** Users with a memory here. */
  listUsers(): Promise<UserId[]>;
  /**
   * How far a user's memory has come, without opening it: cheap. Another value than before, or than
   * {@link UserStore.position}, says that it may have changed; the same one that it has not. Null: there is none.
   */
  look(userId: UserId): Promise<string | null>;
}

/** Vectors of one segment; derived, so losing them costs time only. */
export interface SegmentVectors {
  readonly model: string;
  readonly dimensions: number;
  /** Of the segment's summary. */
  readonly summary: { readonly text: string; readonly vector: Float32Array } | null;
  /** By page id. */
  readonly pages: ReadonlyMap<string, Float32Array>;
  /** By page id, what late interaction compares; opaque to the store. Empty where the model gives none. */
  readonly pieces: ReadonlyMap<string, Uint8Array>;
}

/** What becomes of an entry of the archive: the same one where nothing changes, null where it goes. */
export type ArchiveEdit = (entry: ArchiveEntry) => ArchiveEntry | null | Promise<ArchiveEntry | null>;

/** What a purge did. */
export interface PurgeResult {
  /** Segments (those without a page left) and pages that went out of the archive. */
  readonly segments: number;
  readonly pages: number;
  /** Files of this user that may still hold copies, such as damaged ones that were kept aside. */
  readonly remaining: readonly string[];
}

/**
 * The memory of one user, held whole in this process and shared with any number of others. Stands below the port of
 * slices (`store.ts`); beside that only an index that lives in this process uses it.
 */
export interface UserStore {
  readonly userId: UserId;
  /** As of the last open, refresh or transaction. The same object until a `reloaded` change. */
  readonly state: UserState;
  /** How far the memory had come as of `state`, to compare with `look`. To be read after closing, too. */
  readonly position: string;
  /** Transactions up to `state`: never fewer than before, unless some were lost. */
  readonly seq: number;
  /** What opening found and repaired. */
  readonly notices: readonly StoreNotice[];
  /** Reads what other processes have committed since. Cheap when there is nothing: a file's status. */
  refresh(): Promise<void>;
  /**
   * One transaction: under the lock, brings the state up to date, lets `decide` look at it and return
   * operations, makes them durable (fsync), applies them. `decide` is synchronous, has no side effects and
   * may be called again (never twice with success); if it throws, nothing has happened. No operations: nothing
   * is written. Transactions of one process run in the order of the calls.
   * Throws STORE_BUSY (the lock was not had in time), STORE_IO (nothing was kept), STORE_CLOSED, and whatever
   * `decide` throws.
   */
  transact(decide: (state: UserState) => readonly Operation[]): Promise<readonly Operation[]>;
  /** Called after each change of the state, in order, from this process and from others. Returns a canceller. */
  subscribe(listener: (change: StoreChange) => void): () => void;
  /**
   * The right to migrate and analyse: held by one process at a time, for long; lost when its process dies or
   * hangs. Null when another one holds it. It saves work only: transactions stay correct without.
   */
  tryLease(): Promise<Lease | null>;
  loadVectors(segmentId: SegmentId): Promise<SegmentVectors | null>;
  /** Replaces the segment's vectors. What the segment has lost, perhaps meanwhile in another process, is left out. */
  saveVectors(segmentId: SegmentId, vectors: SegmentVectors): Promise<void>;
  /** What left the tiers for want of room, oldest first. */
  readArchive(): AsyncIterable<ArchiveEntry>;
  /**
   * Makes forgetting final, after the transaction that forgets: former logs and former versions of files are
   * removed, and the archive is rewritten as `edit` says, as a whole or not at all (null: the archive holds nothing of
   * it). It is gone through while others go on, entry by entry. May be repeated, also after a crash.
   */
  purge(edit: ArchiveEdit | null): Promise<PurgeResult>;
  /** Gives up what can be made again (vectors, former logs), so that a full disk has room for a change. */
  makeRoom(): Promise<void>;
  /** Brings the files up to the state and shortens the commit log. */
  checkpoint(): Promise<void>;
  /** Checkpoints and lets go of everything. */
  close(): Promise<void>;
}

export interface Lease {
  /** False once another process may have taken over. */
  readonly held: boolean;
  release(): Promise<void>;
}
