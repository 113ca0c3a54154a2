import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { PooledUser } from './pooled-user.js';

/**
 * Looks again and again at the memories that are watched and closed, one after the other, so that their listeners
 * hear of what other processes wrote without a memory being held open. Returns a canceller.
 */
export function followClosed(
  users: Iterable<PooledUser>,
  look: (userId: UserId) => Promise<string | null>,
  everyMs: number,
  report: Reporter,
): () => void {
  let isOver = false;
  let timer = setTimeout(round, everyMs).unref();

  async function round(): Promise<void> {
    for (const user of [...users].filter((one) => one.isUnheard)) {
      if (isOver) return;
      await user.follow(look).catch((error: unknown) => report('debug', messageOf(error)));
    }
    if (!isOver) timer = setTimeout(round, everyMs).unref();
  }

  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
