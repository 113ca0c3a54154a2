import { codeOf } from '../../lib/io/files.js';
import { MemoryError } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import { isPurging, purgeDone } from '../../model/purge.js';
import type { UserState } from '../../model/user-state.js';
import type { MemoryStore, UserStore } from '../../ports/memory-store.js';
import type { Answer, ArchiveEdit, Erased, Need, Store, StoredMemory, WorkClaim } from '../../ports/store.js';
import { slicesOf } from './slices.js';
import { Timeline } from './timeline.js';

/** Implements the store port over an adapter that holds each open memory completely. */
export function heldStore(memories: MemoryStore): Store<HeldMemory> {
  return {
    open: async (userId) => new HeldMemory(await memories.open(userId)),
    listUsers: () => memories.listUsers(),
    positionOf: (userId) => memories.positionOf(userId),
    // Every process works on the memories it has open.
    due: async () => [],
    // Files do not announce changes.
    watch: () => ({ isLive: false, stop: () => undefined }),
  };
}

/** The memory of one user, with slices cut from a state that the adapter holds completely. */
export class HeldMemory implements StoredMemory {
  /** The store below, for an index in this process that follows it. */
  readonly held: UserStore;
  readonly #timeline = new Timeline();
  /**
   * Segments that lost pages through this object and whose vectors have not been cleaned yet; null: unknown.
   */
  #reduced: Set<SegmentId> | null = null;

  constructor(held: UserStore) {
    this.held = held;
    held.subscribe((change) => this.#timeline.follow(change));
  }

  get userId() {
    return this.held.userId;
  }

  get position() {
    return this.held.position;
  }

  get notices() {
    return this.held.notices;
  }

  get isWatched() {
    return false;
  }

  async read<const N extends Need>(need: N): Promise<Answer<N>> {
    await this.held.refresh();
    return this.#slices(this.held.state, need);
  }

  async transact<const N extends Need>(
    need: N,
    decide: (slices: Answer<N>) => readonly Operation[],
  ): Promise<readonly Operation[]> {
    let forgets = false;
    const reduced = new Set<SegmentId>();
    const run = () =>
      this.held.transact((state) => {
        const operations = decide(this.#slices(state, need));
        forgets = operations.some(isForgetting);
        for (const operation of operations) {
          const segment =
            operation.op === 'page_forgotten' ? state.segmentOfPage.get(operation.page_id) : undefined;
          if (segment !== undefined) reduced.add(segment);
        }
        return operations;
      });
    const done = await run().catch(async (error: unknown) => {
      if (!forgets || !isFullDisk(error)) throw error;
      await this.held.makeRoom();
      return run();
    });
    if (forgets) this.#reduced = new Set([...(this.#reduced ?? []), ...reduced]);
    return done;
  }

  subscribe(listener: Parameters<UserStore['subscribe']>[0]): () => void {
    return this.held.subscribe(listener);
  }

  async claimWork(): Promise<WorkClaim | null> {
    const lease = await this.held.tryLease();
    if (lease === null) return null;
    return {
      get held() {
        return lease.held;
      },
      release: () => lease.release(),
    };
  }

  async rest(): Promise<void> {}

  readArchive(): ReturnType<StoredMemory['readArchive']> {
    return this.held.readArchive();
  }

  async erase(edit: ArchiveEdit | null): Promise<Erased> {
    try {
      return await this.#erase(edit);
    } catch (error) {
      if (!isFullDisk(error)) throw error;
    }
    await this.held.makeRoom();
    try {
      return await this.#erase(edit);
    } catch (error) {
      // The content is forgotten. Its derived copies are removed by the next purge, or at the next opening, that
      // has enough space.
      if (isFullDisk(error)) return { remaining: [uncleaned] };
      throw error;
    }
  }

  close(): Promise<void> {
    return this.held.close();
  }

  /** Number of segment pages with a saved vector of this model. */
  async vectorsSaved(model: string): Promise<number> {
    let count = 0;
    for (const [id, { pages }] of this.held.state.segments) {
      const saved = await this.held.loadVectors(id);
      if (saved?.model === model) count += pages.filter((page) => saved.pages.has(page.id)).length;
    }
    return count;
  }

  async #erase(edit: ArchiveEdit | null): Promise<Erased> {
    // Saving again drops the vectors of pages that the segment no longer has.
    for (const id of this.#reduced ?? [...this.held.state.segments.keys()]) {
      const vectors = await this.held.loadVectors(id);
      if (vectors !== null) await this.held.saveVectors(id, vectors);
    }
    const { segments, pages, remaining } = await this.held.purge(edit);
    await this.held.transact((state) => [
      ...(segments + pages > 0 ? [{ op: 'archive_reduced' as const, segments, pages }] : []),
      ...purgeDone(isPurging(state.troubles)),
    ]);
    this.#reduced?.clear();
    return { remaining };
  }

  #slices<N extends Need>(state: UserState, need: N): Answer<N> {
    return slicesOf({ state, seq: this.held.seq, timeline: this.#timeline }, need);
  }
}

const uncleaned = 'former files of this memory (the disk is full; they are cleaned once there is room)';

function isForgetting(operation: Operation): boolean {
  return (
    operation.op === 'page_forgotten' || (operation.op === 'fact_removed' && operation.reason === 'forgotten')
  );
}

function isFullDisk(error: unknown): boolean {
  const cause = error instanceof MemoryError ? error.cause : error;
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(cause) ?? '');
}
