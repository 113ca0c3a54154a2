import { Listeners } from '../../lib/io/listeners.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import { applyOperation } from '../../model/apply-operation.js';
import { MemoryError } from '../../model/errors.js';
import type { SegmentId, UserId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import { applyTransaction } from '../../model/transaction.js';
import { emptyState } from '../../model/user-state.js';
import type {
  ArchiveEdit,
  Lease,
  MemoryStore,
  PurgeResult,
  SegmentVectors,
  UserStore,
} from '../../ports/memory-store.js';
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
 * A store that loses everything when the process ends: for dry runs, for the temporary memory of `EngineFactory.warm`,
 * and for tests. Every opening of a user acts like a separate process: it sees the commits of the others after a refresh.
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
      const store = new InMemoryUserStore(userId, shared);
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

/** One opening of a user's memory. */
class InMemoryUserStore implements UserStore {
  readonly userId: UserId;
  readonly state = emptyState();
  readonly notices = [];
  readonly #shared: SharedMemory;
  readonly #listeners = new Listeners<StoreChange>();
  #applied = 0;
  #isClosed = false;
  #lease: object | null = null;

  constructor(userId: UserId, shared: SharedMemory) {
    this.userId = userId;
    this.#shared = shared;
  }

  get position(): string {
    return String(this.#applied);
  }

  get seq(): number {
    return this.#applied;
  }

  async refresh(): Promise<void> {
    this.#checkOpen();
    await this.#shared.lane.run(() => this.#catchUp());
  }

  async transact(decide: Parameters<UserStore['transact']>[0]): Promise<readonly Operation[]> {
    this.#checkOpen();
    return this.#shared.lane.run(() => {
      this.#catchUp();
      const operations = structuredClone(decide(this.state));
      if (operations.length === 0) return operations;
      const { departed } = applyTransaction(this.state, operations);
      this.#shared.archive.push(
        ...departed.segments.map(({ head, pages }) => ({ kind: 'segment' as const, head, pages })),
        ...departed.facts.map((fact) => ({ kind: 'fact' as const, fact })),
      );
      this.#shared.log.push(operations);
      this.#applied += 1;
      this.#listeners.tell({ kind: 'operations', operations });
      return operations;
    });
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  async tryLease(): Promise<Lease | null> {
    this.#checkOpen();
    const shared = this.#shared;
    if (shared.leaseHolder !== null) return null;
    const mine = {};
    shared.leaseHolder = mine;
    this.#lease = mine;
    return {
      get held() {
        return shared.leaseHolder === mine;
      },
      release: async () => this.#release(mine),
    };
  }

  async loadVectors(segmentId: SegmentId): Promise<SegmentVectors | null> {
    this.#checkOpen();
    return this.#shared.vectors.get(segmentId) ?? null;
  }

  async saveVectors(segmentId: SegmentId, vectors: SegmentVectors): Promise<void> {
    this.#checkOpen();
    await this.#shared.lane.run(() => {
      this.#catchUp();
      const segment = this.state.segments.get(segmentId);
      if (segment === undefined) this.#shared.vectors.delete(segmentId);
      else this.#shared.vectors.set(segmentId, structuredClone(heldVectors(segment, vectors)));
    });
  }

  async *readArchive(): AsyncGenerator<ArchiveEntry> {
    this.#checkOpen();
    yield* [...this.#shared.archive];
  }

  async makeRoom(): Promise<void> {}

  async purge(edit: ArchiveEdit | null): Promise<PurgeResult> {
    this.#checkOpen();
    const before = countOf(this.#shared.archive);
    if (edit !== null) {
      const edited = await Promise.all(this.#shared.archive.map(edit));
      this.#shared.archive = edited.filter((entry) => entry !== null);
    }
    const after = countOf(this.#shared.archive);
    return { segments: before.segments - after.segments, pages: before.pages - after.pages, remaining: [] };
  }

  async checkpoint(): Promise<void> {
    this.#checkOpen();
  }

  async close(): Promise<void> {
    if (this.#lease !== null) this.#release(this.#lease);
    this.#isClosed = true;
    this.#listeners.clear();
  }

  #checkOpen(): void {
    if (this.#isClosed)
      throw new MemoryError('STORE_CLOSED', `The memory of ${this.userId} was closed. Open it again.`);
  }

  /** Applies what other openings have committed. */
  #catchUp(): void {
    const { log } = this.#shared;
    for (; this.#applied < log.length; this.#applied += 1) {
      const operations = log[this.#applied] ?? [];
      for (const operation of operations) applyOperation(this.state, operation);
      this.#listeners.tell({ kind: 'operations', operations });
    }
  }

  #release(lease: object): void {
    if (this.#shared.leaseHolder === lease) this.#shared.leaseHolder = null;
  }
}

function countOf(archive: readonly ArchiveEntry[]): { segments: number; pages: number } {
  const segments = archive.filter((entry) => entry.kind === 'segment');
  return { segments: segments.length, pages: segments.reduce((sum, { pages }) => sum + pages.length, 0) };
}
