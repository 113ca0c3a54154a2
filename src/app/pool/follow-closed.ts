import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Watch } from '../../ports/store.js';
import type { PooledUser } from './pooled-user.js';

export interface Following {
  readonly look: (userId: UserId) => Promise<string | null>;
  /** As of the factory; left out: nobody tells of changes. */
  readonly watch?: ((listener: (userId: UserId | null) => void) => Promise<Watch>) | undefined;
  /** How often it is looked where nobody tells. */
  readonly lookEveryMs: number;
  readonly report: Reporter;
}

/**
 * Looks at the memories that are listened to and closed when the store tells that they have changed, and again and
 * again where it does not tell, one after the other, so that their listeners hear of what other processes wrote
 * without a memory being held open. Returns a canceller.
 */
export function followClosed(
  users: Iterable<PooledUser>,
  { look, watch, lookEveryMs, report }: Following,
): () => void {
  let isOver = false;
  let watching: Watch | null = null;
  let hasAsked = false;
  let timer = setTimeout(round, lookEveryMs).unref();

  async function follow(userId: UserId | null): Promise<void> {
    for (const user of [...users].filter((one) => one.isUnheard && (userId ?? one.userId) === one.userId)) {
      if (isOver) return;
      await user.follow(look).catch((error: unknown) => report('debug', messageOf(error)));
    }
  }

  async function round(): Promise<void> {
    if (watching?.isLive !== true) await follow(null);
    // Not before somebody listens: it opens a connection.
    if (!hasAsked && watch !== undefined && [...users].some((user) => user.listeners.size > 0)) {
      hasAsked = true;
      watching = await watch((userId) => void follow(userId)).catch(() => {
        hasAsked = false;
        return null;
      });
      if (isOver) watching?.stop();
    }
    if (!isOver) timer = setTimeout(round, lookEveryMs).unref();
  }

  return () => {
    isOver = true;
    clearTimeout(timer);
    watching?.stop();
  };
}
