import { MemoryError, messageOf } from '../model/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Reporter } from '../ports/reporter.js';

const retryMaxMs = 60_000;

/** Whether the embedder answers, and when it is worth asking again. */
export class EmbedderHealth {
  #failures = 0;
  #lastError: string | null = null;
  /** Null: not before a restart. */
  #nextTryMs: number | null = 0;
  readonly #clock: Clock;
  readonly #retryBaseMs: number;
  readonly #report: Reporter;

  constructor(clock: Clock, retryBaseMs: number, report: Reporter) {
    this.#clock = clock;
    this.#retryBaseMs = retryBaseMs;
    this.#report = report;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  /** True while a call would come too early after the last failure. */
  get resting(): boolean {
    return this.#nextTryMs === null || this.#clock.now() < this.#nextTryMs;
  }

  /** Returns how long to wait; null where trying again is of no use. */
  failed(error: unknown): number | null {
    this.#failures += 1;
    this.#lastError = messageOf(error);
    const rejected = error instanceof MemoryError && error.code === 'MODEL_REJECTED';
    const waitMs = Math.min(retryMaxMs, this.#retryBaseMs * 2 ** (this.#failures - 1));
    this.#nextTryMs = rejected ? null : this.#clock.now() + waitMs;
    if (this.#failures === 1) {
      const next = rejected ? 'mend the configuration and start again' : 'it is tried again';
      this.#report('warning', `The embedder fails: ${this.#lastError} Search goes on by words; ${next}.`);
    }
    return rejected ? null : waitMs;
  }

  succeeded(): void {
    if (this.#failures > 0) this.#report('info', 'The embedder answers again.');
    this.#failures = 0;
    this.#lastError = null;
    this.#nextTryMs = 0;
  }
}
