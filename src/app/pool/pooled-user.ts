import type { MemoryChange } from '../../engine/memory-engine.js';
import { Listeners } from '../../lib/io/listeners.js';
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

/** The pool's data about one user. */
export class PooledUser {
  readonly userId: UserId;
  readonly listeners = new Listeners<MemoryChange>();
  /** Set from the time the user waits for a slot until the engine is closed or could not be opened. */
  opening: Promise<OpenedMemory> | null = null;
  /** Set while it is open. */
  engine: OpenedMemory | null = null;
  /** The closing of the previous engine, which the next one waits for. */
  closing: Promise<void> = Promise.resolve();
  /** Frees the user's slot of the pool; may be called without one. */
  leavePlace: () => void = () => undefined;
  #inUse = 0;
  #lastUsedMs = performance.now();
  /** Position of the memory when its listeners were last up to date; null before that. */
  #position: string | null = null;

  constructor(userId: UserId) {
    this.userId = userId;
  }

  get isIdle(): boolean {
    return this.#inUse === 0;
  }

  /** On the monotonic clock. */
  get lastUsedMs(): number {
    return this.#lastUsedMs;
  }

  /** Whether it is not in use, not being opened and not listened to. */
  get isForgotten(): boolean {
    return this.engine === null && this.opening === null && this.isIdle && this.listeners.isEmpty;
  }

  enter(): void {
    this.#inUse += 1;
  }

  leave(): void {
    this.#inUse -= 1;
    this.#lastUsedMs = performance.now();
  }

  /** Called when the engine is open; earlier listeners may have missed changes. */
  opened(engine: OpenedMemory): void {
    this.engine = engine;
    engine.onChange((change) => this.listeners.tell(change));
    this.#upTo(engine.position);
  }

  /** Called when the engine has reported all its changes. */
  closed(engine: OpenedMemory): void {
    this.#position = engine.position;
  }

  /** Whether listeners would miss a change now. */
  get isUnheard(): boolean {
    return !this.listeners.isEmpty && this.engine === null && this.opening === null;
  }

  /** Notifies listeners when the memory has changed while it was closed. */
  async follow(positionOf: (userId: UserId) => Promise<string | null>): Promise<void> {
    await this.closing;
    const before = this.#position;
    const now = await positionOf(this.userId);
    if (now !== null && this.isUnheard && this.#position === before) this.#upTo(now);
  }

  #upTo(position: string): void {
    const before = this.#position;
    this.#position = position;
    if (before !== null && before !== position) this.listeners.tell(anything);
  }

  /** Whether analysis runs or is about to; false while it waits for a model. */
  async hasWork(): Promise<boolean> {
    try {
      const found = await this.statsIfOpen();
      if (found === null) return false;
      const { pages_waiting, segments_waiting, paused, last_error } = found.analysis;
      return pages_waiting + segments_waiting > 0 && !paused && last_error === null;
    } catch {
      return false;
    }
  }

  /** Statistics of an open memory; does not count as use. Null when it is not open. */
  async statsIfOpen(): Promise<StatsResult | null> {
    if (this.engine === null) return null;
    this.#inUse += 1;
    try {
      return await this.engine.stats();
    } finally {
      this.#inUse -= 1;
    }
  }
}
