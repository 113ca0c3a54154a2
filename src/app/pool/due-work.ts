import { setTimeout as pause } from 'node:timers/promises';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';

export interface DueWorkOptions {
  /** Users whose memory is due for work, at most `limit`. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly UserId[]>;
  readonly engineOf: (userId: UserId) => Pick<MemoryEngine, 'flush'>;
  /**
   * How long a memory must be due. A server leaves new pages to the process that added them, which reads them
   * at once.
   */
  readonly graceMs: number;
  /** How often to check when nothing was due. */
  readonly checkEveryMs: number;
  readonly report: Reporter;
}

/** Number of memories processed at once. */
const atOnce = 2;

/**
 * Processes due memories until the signal is aborted, also those of users who never return. Several processes
 * may do so: each memory is processed by one at a time.
 */
export async function doDueWork(options: DueWorkOptions, signal: AbortSignal): Promise<void> {
  const { due, engineOf, graceMs, checkEveryMs, report } = options;
  while (!signal.aborted) {
    let users: readonly UserId[] = [];
    try {
      users = await due(Date.now() - graceMs, atOnce);
      await Promise.all(users.map((userId) => engineOf(userId).flush({ signal })));
    } catch (error) {
      if (signal.aborted) return;
      users = [];
      report('warning', `Due work failed and will be tried again: ${messageOf(error)}`);
    }
    if (users.length === 0) await pause(checkEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
