import { WriteLane } from '../../lib/io/write-lane.js';
import { applyOperation } from '../../model/apply-operation.js';
import { MemoryError } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import { applyTransaction } from '../../model/transaction.js';
import { emptyState } from '../../model/user-state.js';
import type { MemoryStore, SegmentVectors, UserStore } from '../../ports/memory-store.js';
import type { ArchiveEntry, StoreChange } from '../../ports/store.js';
import { heldVectors } from './held-vectors.js';

/** What all openings of one user share. */
interface SharedMemory {
  readonly log: (readonly Operation[])[];
  archive: ArchiveEntry[];
  readonly vectors: Map<string, SegmentVectors>;
  readonly lane: WriteLane;
  leaseHolder: object | null;
}

/**
 * A store that loses everything when the process ends: for dry runs, for the practice before the first call, and
 * for tests. Every opening of a user
 * acts like a separate process: it sees the commits of the others after a refresh.
 */
export function createInMemoryStore(): MemoryStore {
  const users = new Map<UserId, SharedMemory>();
  return {
    async open(userId) {
      let shared = users.get(userId);
      if (shared === undefined) {
        shared = { log: [], archive: [], vectors: new Map(), lane: new WriteLane(), leaseHolder: null };
        users.set(userId, shared);
      }
      const store = openShared(userId, shared);
      await store.refresh();
      return store;
    },
    async listUsers() {
      return [...users.keys()];
    },
    async positionOf(userId) {
      const shared = users.get(userId);
      return shared === undefined ? null : String(shared.log.length);
    },
  };
}

function openShared(userId: UserId, shared: SharedMemory): UserStore {
  const state = emptyState();
  const listeners = new Set<(change: StoreChange) => void>();
  let applied = 0;
  let closed = false;
  let lease: object | null = null;

  const checkOpen = () => {
    if (closed) throw new MemoryError('STORE_CLOSED', `The memory of ${userId} was closed. Open it again.`);
  };
  const tell = (operations: readonly Operation[]) => {
    for (const listener of listeners) listener({ kind: 'operations', operations });
  };
  const catchUp = () => {
    for (; applied < shared.log.length; applied += 1) {
      const operations = shared.log[applied] ?? [];
      for (const operation of operations) applyOperation(state, operation);
      tell(operations);
    }
  };
  const releaseLease = (mine: object) => {
    if (shared.leaseHolder === mine) shared.leaseHolder = null;
  };

  return {
    userId,
    state,
    get position() {
      return String(applied);
    },
    get seq() {
      return applied;
    },
    notices: [],
    async refresh() {
      checkOpen();
      await shared.lane.run(catchUp);
    },
    async transact(decide) {
      checkOpen();
      return shared.lane.run(() => {
        catchUp();
        const operations = structuredClone(decide(state));
        if (operations.length === 0) return operations;
        const { departed } = applyTransaction(state, operations);
        shared.archive.push(
          ...departed.segments.map(({ head, pages }) => ({ kind: 'segment' as const, head, pages })),
          ...departed.facts.map((fact) => ({ kind: 'fact' as const, fact })),
        );
        shared.log.push(operations);
        applied += 1;
        tell(operations);
        return operations;
      });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async tryLease() {
      checkOpen();
      if (shared.leaseHolder !== null) return null;
      const mine = {};
      shared.leaseHolder = mine;
      lease = mine;
      return {
        get held() {
          return shared.leaseHolder === mine;
        },
        async release() {
          releaseLease(mine);
        },
      };
    },
    async loadVectors(segmentId) {
      checkOpen();
      return shared.vectors.get(segmentId) ?? null;
    },
    async saveVectors(segmentId, vectors) {
      checkOpen();
      await shared.lane.run(() => {
        catchUp();
        const segment = state.segments.get(segmentId);
        if (segment === undefined) shared.vectors.delete(segmentId);
        else shared.vectors.set(segmentId, structuredClone(heldVectors(segment, vectors)));
      });
    },
    async *readArchive() {
      checkOpen();
      yield* [...shared.archive];
    },
    makeRoom: async () => undefined,
    async purge(edit) {
      checkOpen();
      const before = countOf(shared.archive);
      if (edit !== null) {
        const edited = await Promise.all(shared.archive.map(edit));
        shared.archive = edited.filter((entry) => entry !== null);
      }
      const after = countOf(shared.archive);
      return { segments: before.segments - after.segments, pages: before.pages - after.pages, remaining: [] };
    },
    async checkpoint() {
      checkOpen();
    },
    async close() {
      if (lease !== null) releaseLease(lease);
      closed = true;
      listeners.clear();
    },
  };
}

function countOf(archive: readonly ArchiveEntry[]): { segments: number; pages: number } {
  const segments = archive.filter((entry) => entry.kind === 'segment');
  return { segments: segments.length, pages: segments.reduce((sum, { pages }) => sum + pages.length, 0) };
}
