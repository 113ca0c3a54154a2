const everyMs = 2;

/** How long the event loop stood still: how late a timer of two milliseconds came, at most. */
export class StallWatch {
  worstMs = 0;
  #lastAt = performance.now();
  readonly #timer = setInterval(() => this.#tick(), everyMs);

  reset(): void {
    this.worstMs = 0;
    this.#lastAt = performance.now();
  }

  /** Resolves when a stall that has just ended was counted. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 4 * everyMs));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    this.worstMs = Math.max(this.worstMs, nowMs - this.#lastAt - everyMs);
    this.#lastAt = nowMs;
  }
}
