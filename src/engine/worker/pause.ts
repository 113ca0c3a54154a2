import type { ModelChanges } from '../../ports/model-changes.js';
import type { Reporter } from '../../ports/reporter.js';

/** What waits after a rejection: jobs that ask the language model, or all, where it is the embedder that rejects. */
export type Held = 'nothing' | 'model' | 'all';

/**
 * The pause after an error that trying again cannot mend: a wrong key, an unknown model. One for all memories whose
 * jobs ask the same endpoints, so that one request and one warning are enough. It ends when the configuration has
 * changed, and with the process.
 */
export interface Pause {
  held(): Held;
  /** Why; null where nothing waits. */
  reason(): string | null;
  /** To be taken before asking, so that a change meanwhile is not missed. */
  readonly mark: number;
  begin(held: Exclude<Held, 'nothing'>, reason: string, mark: number): void;
}

export function createPause(report: Reporter, changes: ModelChanges): Pause {
  let begun: { readonly held: Held; readonly reason: string; readonly mark: number } | null = null;

  const current = () => {
    if (begun !== null) changes.look();
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
        `Analysis is paused until the configuration file changes or a restart: ${reason} Everything else goes on.`,
      );
    },
  };
}
