import type { MemoryChange } from '../../engine/memory-engine.js';
import type { UserId } from '../../model/ids.js';
import type { StatsResult } from '../../model/results.js';
import type { OpenedMemory } from '../create-engine.js';

const anything: MemoryChange = {
  shortTerm: true,
  segments: new Set(),
  segmentsListed: true,
  longTerm: true,
  anything: true,
};

/** What the pool knows of one user. */
export class PooledUser {
  readonly userId: UserId;
  readonly listeners = new Set<(change: MemoryChange) => void>();
  /** Set from the moment the user waits for a place until the engine is closed or has failed to open. */
  opening: Promise<OpenedMemory> | null = null;
  /** Set while it is open. */
  engine: OpenedMemory | null = null;
  /** The end of the former engine, which the next one waits for. */
  closing: Promise<void> = Promise.resolve();
  #inUse = 0;
  #lastUsedMs = performance.now();
  /** How far its memory had come when its listeners were last up to date; null before that. */
  #position: string | null = null;

  constructor(userId: UserId) {
    this.userId = userId;
  }

  get isIdle(): boolean {
    return this.#inUse === 0;
  }

  /** Of the monotonic clock. */
  get lastUsedMs(): number {
    return this.#lastUsedMs;
  }

  /** Nobody has it, opens it or listens to it. */
  get isForgotten(): boolean {
    return this.engine === null && this.opening === null && this.isIdle && this.listeners.size === 0;
  }

  enter(): void {
    this.#inUse += 1;
  }

  leave(): void {
    this.#inUse -= 1;
    this.#lastUsedMs = performance.now();
  }

  /** The engine is open; who listened before may have missed something. */
  opened(engine: OpenedMemory): void {
    this.engine = engine;
    engine.onChange((change) => this.#tell(change));
    this.#upTo(engine.position);
  }

  /** The engine has told all it knew. */
  closed(engine: OpenedMemory): void {
    this.#position = engine.position;
  }

  /** Nobody would tell its listeners of a change now. */
  get isUnheard(): boolean {
    return this.listeners.size > 0 && this.engine === null && this.opening === null;
  }

  /** Tells its listeners when the memory has changed while it is closed. */
  async follow(look: (userId: UserId) => Promise<string | null>): Promise<void> {
    await this.closing;
    const before = this.#position;
    const now = await look(this.userId);
    if (now !== null && this.isUnheard && this.#position === before) this.#upTo(now);
  }

  #upTo(position: string): void {
    const before = this.#position;
    this.#position = position;
    if (before !== null && before !== position) this.#tell(anything);
  }

  /** Whether analysis is at work or about to be; not when it waits for a model to come back. */
  async hasWork(): Promise<boolean> {
    try {
      const found = await this.look();
      if (found === null) return false;
      const { pages_waiting, segments_waiting, paused, last_error } = found.analysis;
      return pages_waiting + segments_waiting > 0 && !paused && last_error === null;
    } catch {
      return false;
    }
  }

  /** Figures of an open memory, which does not count as a use of it. Null when it is not open. */
  async look(): Promise<StatsResult | null> {
    if (this.engine === null) return null;
    this.#inUse += 1;
    try {
      return await this.engine.stats();
    } finally {
      this.#inUse -= 1;
    }
  }

  #tell(change: MemoryChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
