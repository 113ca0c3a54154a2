import type { Clock } from '../../ports/clock.js';
import type { Reporter } from '../../ports/reporter.js';

const reportEveryMs = 5_000;

/** Reports progress while an index made with another embedding model is rebuilt. */
export class RebuildProgress {
  readonly #model: string;
  readonly #clock: Clock;
  readonly #report: Reporter;
  #pages = 0;
  #reportedMs = 0;

  constructor(model: string, clock: Clock, report: Reporter) {
    this.#model = model;
    this.#clock = clock;
    this.#report = report;
  }

  /** Adds pages whose vectors are unusable. */
  found(pages: number): void {
    this.#pages += pages;
  }

  /** `left`: pages without a vector. */
  at(left: number): void {
    if (this.#pages === 0) return;
    const now = this.#clock.now();
    if (left > 0 && now - this.#reportedMs < reportEveryMs) return;
    this.#reportedMs = now;
    if (left > 0) {
      this.#report(
        'info',
        `The search index was made with another embedding model; it is rebuilt with ${this.#model}, ${left} pages to go. Meanwhile, they are found only by their words.`,
      );
      return;
    }
    this.#report('info', `The search index was rebuilt with ${this.#model}: ${this.#pages} pages.`);
    this.#pages = 0;
  }
}
