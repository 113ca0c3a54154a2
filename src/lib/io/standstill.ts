/**
 * Measures how long a value has stayed the same, on this process's monotonic clock. The time since the
 * previous observation counts for at most `gapMsMax`. So an observer that was suspended does not mistake its own
 * pause for a standstill of the other process.
 */
export class Standstill {
  readonly #gapMsMax: number;
  readonly #now: () => number;
  #seen: string | undefined;
  #lastMs = 0;
  #unchangedMs = 0;

  constructor(gapMsMax: number, now: () => number = () => performance.now()) {
    this.#gapMsMax = gapMsMax;
    this.#now = now;
  }

  /** Observes the value; returns for how many milliseconds it has been unchanged. */
  observe(value: string): number {
    const now = this.#now();
    if (value === this.#seen) this.#unchangedMs += Math.min(now - this.#lastMs, this.#gapMsMax);
    else this.#unchangedMs = 0;
    this.#seen = value;
    this.#lastMs = now;
    return this.#unchangedMs;
  }
}
