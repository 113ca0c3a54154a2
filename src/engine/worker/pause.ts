import type { ModelChanges } from '../../ports/model-changes.js';
import type { Reporter } from '../../ports/reporter.js';

/**
 * What is paused after a rejection: jobs that use the language model, or all jobs when the embedder rejects.
 */
export type Held = 'nothing' | 'model' | 'all';

/**
 * The pause after an error that retrying cannot fix: a wrong key, an unknown model. Shared by all memories
 * that use the same endpoints, so that one request and one warning are enough. It ends when the configuration
 * changes or the process ends.
 */
export interface Pause {
  held(): Held;
  /** The reason; null when nothing is paused. */
  reason(): string | null;
  /** Read it before a request, so that a change during the request is not missed. */
  readonly mark: number;
  begin(held: Exclude<Held, 'nothing'>, reason: string, mark: number): void;
}

export function createPause(report: Reporter, changes: ModelChanges): Pause {
  let begun: { readonly held: Held; readonly reason: string; readonly mark: number } | null = null;

  const current = () => {
    if (begun !== null) changes.check();
    if (begun?.mark !== changes.count) begun = null;
    return begun;
  };

  return {
    held: () => current()?.held ?? 'nothing',
    reason: () => current()?.reason ?? null,
    get mark() {
      return changes.count;
    },
    begin(held, reason, mark) {
      const before = current()?.held;
      if (mark !== changes.count || before === held || before === 'all') return;
      begun = { held, reason, mark };
      report(
        'warning',
        `Analysis is paused until the configuration file changes or a restart: ${reason} Everything else continues.`,
      );
    },
  };
}
