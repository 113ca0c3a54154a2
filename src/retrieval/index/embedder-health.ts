import { MemoryError, messageOf } from '../../model/errors.js';
import type { Clock } from '../../ports/clock.js';
import { type ModelChanges, noModelChanges } from '../../ports/model-changes.js';
import type { Reporter } from '../../ports/reporter.js';

const retryMaxMs = 60_000;
/** Interval for checking whether a rejected request may be repeated. */
const lookEveryMs = 1000;

export interface EmbedderHealthParts {
  readonly clock: Clock;
  /**
   * Wait after the first failure; it doubles with each further failure, up to a minute. Default: a second.
   */
  readonly retryBaseMs?: number | undefined;
  readonly modelChanges?: ModelChanges | undefined;
  readonly report: Reporter;
}

/** Tracks whether the embedder answers, and when to try it again. */
export class EmbedderHealth {
  #failures = 0;
  #lastError: string | null = null;
  #nextTryMs = 0;
  /** Set after a rejected request. Further requests are useless until the configuration changes. */
  #rejectedAt: number | null = null;
  readonly #parts: { readonly [Key in keyof EmbedderHealthParts]-?: NonNullable<EmbedderHealthParts[Key]> };

  constructor({ clock, report, retryBaseMs = 1000, modelChanges = noModelChanges }: EmbedderHealthParts) {
    this.#parts = { clock, report, retryBaseMs, modelChanges };
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  /** Whether it is too early for another call after a failure. */
  get resting(): boolean {
    const { modelChanges } = this.#parts;
    if (this.#rejectedAt !== null) modelChanges.check();
    if (this.#rejectedAt !== null) return this.#rejectedAt === modelChanges.count;
    return this.#parts.clock.now() < this.#nextTryMs;
  }

  /** Read it before a request, so that a change during the request is not missed. */
  get mark(): number {
    return this.#parts.modelChanges.count;
  }

  /** Returns the time after which to check {@link resting} again. */
  failed(error: unknown, mark: number): number {
    const { clock, retryBaseMs, report } = this.#parts;
    this.#failures += 1;
    this.#lastError = messageOf(error);
    const rejected = error instanceof MemoryError && error.code === 'MODEL_REJECTED';
    const waitMs = Math.min(retryMaxMs, retryBaseMs * 2 ** (this.#failures - 1));
    this.#rejectedAt = rejected ? mark : null;
    this.#nextTryMs = clock.now() + waitMs;
    if (this.#failures === 1) {
      const next = rejected ? '' : ' It will be tried again.';
      report(
        'warning',
        `The embedding model fails: ${this.#lastError} Search continues with words only.${next}`,
      );
    }
    return rejected ? lookEveryMs : waitMs;
  }

  succeeded(): void {
    if (this.#failures > 0) this.#parts.report('info', 'The embedding model answers again.');
    this.#failures = 0;
    this.#lastError = null;
    this.#rejectedAt = null;
    this.#nextTryMs = 0;
  }
}
