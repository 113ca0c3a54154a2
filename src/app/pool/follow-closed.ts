import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Watch } from '../../ports/store.js';
import type { PooledUser } from './pooled-user.js';

export interface Following {
  readonly positionOf: (userId: UserId) => Promise<string | null>;
  /** From the factory; absent: the store does not announce changes. */
  readonly watch?: ((listener: (userId: UserId | null) => void) => Promise<Watch>) | undefined;
  /** How often to check when changes are not announced. */
  readonly checkEveryMs: number;
  readonly report: Reporter;
}

/**
 * Checks closed memories that have listeners: when the store announces a change, otherwise at intervals, one
 * after another. So listeners learn of other processes' changes without keeping a memory open. Returns a
 * function that stops.
 */
export function followClosed(
  users: Iterable<PooledUser>,
  { positionOf, watch, checkEveryMs, report }: Following,
): () => void {
  let isOver = false;
  let watching: Watch | null = null;
  let hasAsked = false;
  let timer = setTimeout(round, checkEveryMs).unref();

  async function follow(userId: UserId | null): Promise<void> {
    for (const user of [...users].filter((one) => one.isUnheard && (userId ?? one.userId) === one.userId)) {
      if (isOver) return;
      await user.follow(positionOf).catch((error: unknown) => report('debug', messageOf(error)));
    }
  }

  async function round(): Promise<void> {
    if (watching?.isLive !== true) await follow(null);
    // Only when there is a listener, because it opens a connection.
    if (!hasAsked && watch !== undefined && [...users].some((user) => !user.listeners.isEmpty)) {
      hasAsked = true;
      watching = await watch((userId) => void follow(userId)).catch(() => {
        hasAsked = false;
        return null;
      });
      if (isOver) watching?.stop();
    }
    if (!isOver) timer = setTimeout(round, checkEveryMs).unref();
  }

  return () => {
    isOver = true;
    clearTimeout(timer);
    watching?.stop();
  };
}
