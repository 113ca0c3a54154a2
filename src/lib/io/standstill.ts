/**
 * How long something has been seen unchanged, by this process's own monotonic clock. One look counts for at
 * most `lookMsMax`, so an observer that was itself suspended does not take its own absence for the other's.
 */
export class Standstill {
  readonly #lookMsMax: number;
  readonly #now: () => number;
  #seen: string | undefined;
  #lastLookMs = 0;
  #unchangedMs = 0;

  constructor(lookMsMax: number, now: () => number = () => performance.now()) {
    this.#lookMsMax = lookMsMax;
    this.#now = now;
  }

  /** Looks at it; returns the milliseconds it has been seen unchanged. */
  look(value: string): number {
    const now = this.#now();
    if (value === this.#seen) this.#unchangedMs += Math.min(now - this.#lastLookMs, this.#lookMsMax);
    else this.#unchangedMs = 0;
    this.#seen = value;
    this.#lastLookMs = now;
    return this.#unchangedMs;
  }
}
