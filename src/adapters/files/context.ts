import type { Files } from '../../lib/io/files.js';
import type { UserId } from '../../model/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { StoreChange, StoreNotice } from '../../ports/store.js';
import type { Layout } from './layout.js';
import type { LockTimes } from './lock/user-lock.js';

export interface StoreTimes extends LockTimes {
  /** A lease may be taken over when its heartbeat has not changed for this long. */
  readonly leaseTakeOverAfterMs: number;
  /**
   * Idle time after a transaction before the files are brought up to date. Does not apply to transactions
   * that only add pages.
   */
  readonly checkpointAfterMs: number;
}

/** What all parts of one user's store share. */
export interface StoreContext {
  readonly files: Files;
  readonly layout: Layout;
  readonly userId: UserId;
  readonly clock: Clock;
  readonly times: StoreTimes;
  /** Keeps in memory only the pages of segments whose file is behind; the others are read when needed. */
  readonly shelvesPages: boolean;
  notice(level: StoreNotice['level'], message: string): void;
  tell(change: StoreChange): void;
}

export function instantOf(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** The name under which an unusable file is kept: `<name>.corrupt-2026-03-01T10-00-00-000Z`. */
export function asideName(path: string, clock: Clock): string {
  return `${path}.corrupt-${instantOf(clock).replaceAll(/[:.]/g, '-')}`;
}
