import { setTimeout as pause } from 'node:timers/promises';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';

export interface DueWorkOptions {
  /** Users whose memory wants work now, at most so many. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly UserId[]>;
  readonly engineOf: (userId: UserId) => Pick<MemoryEngine, 'flush'>;
  /** How often it is looked where nothing was due. */
  readonly lookEveryMs: number;
  readonly report: Reporter;
}

/** Memories that are worked on at once. */
const atOnce = 2;

/**
 * Works on memories that want work until the signal ends it, also of users who never come back. Several processes may
 * do so: each memory is one's at a time.
 */
export async function doDueWork(options: DueWorkOptions, signal: AbortSignal): Promise<void> {
  const { due, engineOf, lookEveryMs, report } = options;
  while (!signal.aborted) {
    let users: readonly UserId[] = [];
    try {
      users = await due(Date.now(), atOnce);
      await Promise.all(users.map((userId) => engineOf(userId).flush({ signal })));
    } catch (error) {
      if (signal.aborted) return;
      users = [];
      report('warning', `Due work failed and will be tried again: ${messageOf(error)}`);
    }
    if (users.length === 0) await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
