import { readFileSync } from 'node:fs';

const everyMs = 2;
/** Processor time of the main thread on Linux; on other systems, of the whole process at best. */
const ownTime = `/proc/self/task/${process.pid}/schedstat`;

/**
 * Measures stalls of the event loop: the longest delay of a timer of two milliseconds, and the most processor time of
 * the thread in one delay. Other load on the machine makes only the first longer.
 */
export class StallWatch {
  worstMs = 0;
  worstComputingMs = 0;
  #lastAt = performance.now();
  #lastComputedMs = computedMs();
  readonly #timer = setInterval(() => this.#tick(), everyMs);

  reset(): void {
    this.worstMs = 0;
    this.worstComputingMs = 0;
    this.#lastAt = performance.now();
    this.#lastComputedMs = computedMs();
  }

  /** Resolves when a stall that has just ended is counted. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 4 * everyMs));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    const computed = computedMs();
    this.worstMs = Math.max(this.worstMs, nowMs - this.#lastAt - everyMs);
    this.worstComputingMs = Math.max(this.worstComputingMs, computed - this.#lastComputedMs);
    this.#lastAt = nowMs;
    this.#lastComputedMs = computed;
  }
}

/** Milliseconds of processor time, or of the clock if the system does not report processor time. */
function computedMs(): number {
  try {
    return Number(readFileSync(ownTime, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
