/**
 * Measures how long a value has stayed the same, on this process's monotonic clock. The time since the
 * previous look counts for at most `lookMsMax`. So an observer that was suspended does not mistake its own
 * pause for a standstill of the other process.
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

  /** Observes the value; returns for how many milliseconds it has been unchanged. */
  look(value: string): number {
    const now = this.#now();
    if (value === this.#seen) this.#unchangedMs += Math.min(now - this.#lastLookMs, this.#lookMsMax);
    else this.#unchangedMs = 0;
    this.#seen = value;
    this.#lastLookMs = now;
    return this.#unchangedMs;
  }
}
