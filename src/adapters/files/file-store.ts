import { type Files, nodeFiles } from '../../lib/io/files.js';
import { MemoryError } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { MemoryStore } from '../../ports/memory-store.js';
import { createSystemClock } from '../system-clock.js';
import type { StoreTimes } from './context.js';
import { openUserStore, openUserStoreReadOnly } from './file-user-store.js';
import { asStoreErrors } from './io-errors.js';
import { layoutOf, userOfFolder, usersFolder } from './layout.js';
import { endOfLog } from './lock/log-position.js';

export interface FileStoreOptions extends Partial<StoreTimes> {
  /** Absolute path. Everything is stored below `users/` in it. */
  readonly dataDir: string;
  readonly clock?: Clock;
  /**
   * Read-only: nothing is written, created or repaired, and `open` throws NOT_FOUND when there is no memory.
   */
  readonly readOnly?: boolean;
  /**
   * Pages of saved segments are read from their files when they are needed, instead of being held. For work
   * that stores much and reads little, such as an import: reading a page blocks the process.
   */
  readonly shelvesPages?: boolean;
  /** Replaced only by tests. */
  readonly files?: Files;
}

const usualTimes: StoreTimes = {
  lockWaitMs: 10_000,
  takeOverAfterMs: 2_500,
  leaseTakeOverAfterMs: 5_000,
  checkpointAfterMs: 5_000,
};

/**
 * Creates a memory store on the files of a folder, shared by any number of processes. See docs/durability.md.
 */
export function createFileStore(options: FileStoreOptions): MemoryStore {
  const {
    dataDir,
    clock = createSystemClock(),
    files = nodeFiles,
    readOnly = false,
    shelvesPages = false,
    ...given
  } = options;
  const times: StoreTimes = { ...usualTimes, ...given };
  return {
    async open(userId) {
      const shared = { files, clock, times, shelvesPages, userId, layout: layoutOf(dataDir, userId) };
      if (!readOnly) return openUserStore(shared);
      const store = await openUserStoreReadOnly(shared);
      if (store !== null) return store;
      throw new MemoryError('NOT_FOUND', `There is no memory of ${userId} in ${dataDir}.`);
    },
    async listUsers() {
      const folder = usersFolder(dataDir);
      const names = await asStoreErrors('list the users', folder, () => files.list(folder));
      return names.map(userOfFolder).filter((id): id is UserId => id !== null);
    },
    async positionOf(userId) {
      const layout = layoutOf(dataDir, userId);
      return asStoreErrors('read the position of the memory', layout.root, () => endOfLog(files, layout));
    },
  };
}
