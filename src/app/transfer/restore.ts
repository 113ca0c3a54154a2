import { acceptLosses } from '../../engine/transfer/accept-losses.js';
import { clearMemory, isEmptyMemory } from '../../engine/transfer/clear-memory.js';
import type { ImportCounts } from '../../engine/transfer/import-batch.js';
import { importMemory } from '../../engine/transfer/import-memory.js';
import { readTransfer, type TransferReading } from '../../engine/transfer/read-records.js';
import { MemoryError } from '../../model/errors.js';
import { type ChainId, toUserId, type UserId } from '../../model/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { Store } from '../../ports/store.js';
import { makeBackup } from './backups.js';
import { openTransfer } from './transfer-files.js';

export interface RestoreOptions {
  /** Whose memory it becomes; left out: that of the backup. */
  readonly userId?: UserId | undefined;
  /** Takes the place of what is there, of which a backup is made first. */
  readonly replace: boolean;
  /** Of the backup made first. */
  readonly folder: string;
  /** Brings back also what this memory was made to forget since. */
  readonly includeForgotten?: boolean | undefined;
  readonly clock: Clock;
  readonly onProgress?: ((counts: Readonly<ImportCounts>) => void) | undefined;
  /** Told where the backup of what is there lies, before anything is changed. */
  readonly onBackup?: ((path: string) => void) | undefined;
}

export interface Restored {
  readonly userId: UserId;
  readonly exportedAt: string;
  readonly counts: ImportCounts;
  /** The backup of what was there; null when there was nothing. */
  readonly before: string | null;
}

/**
 * Makes a memory what it was when the backup was made. The whole file is checked before anything is changed.
 * Interrupted, it is completed by running it again. Throws INPUT_INVALID (damaged; or the memory is not empty
 * and `replace` is false), NOT_FOUND, STORE_….
 */
export async function restoreBackup(
  memories: Store,
  path: string,
  options: RestoreOptions,
): Promise<Restored> {
  const { header } = await checked(path);
  const userId = options.userId ?? toUserId(header.user_id);
  const store = await memories.open(userId);
  try {
    let before: string | null = null;
    if (!(await isEmptyMemory(store))) {
      if (!options.replace) {
        throw new MemoryError(
          'INPUT_INVALID',
          `The memory of ${userId} is not empty. Add --replace to put the backup in its place (a backup of what is there is made first), or import the file to add what is missing.`,
        );
      }
      const { folder, clock } = options;
      const backup = await makeBackup(store, { folder, kind: 'before-restore', clock });
      before = backup.path;
      options.onBackup?.(before);
      await clearMemory(store, backup.ids);
      // Whoever restores knows of them.
      await acceptLosses(store);
    }
    const { includeForgotten, onProgress } = options;
    const shared = { includeForgotten, brokenChains: new Set<ChainId>() };
    if ((await store.read({ tombstones: true })).tombstones.size > 0) {
      const first = await open(path);
      await importMemory(store, first.header, first.records(), { ...shared, dryRun: true });
    }
    const reading = await open(path);
    const counts = await importMemory(store, reading.header, reading.records(), { ...shared, onProgress });
    return { userId, exportedAt: header.exported_at, counts, before };
  } finally {
    await store.close();
  }
}

async function open(path: string): Promise<TransferReading> {
  const source = await openTransfer(path);
  return readTransfer(source.lines(), { name: path });
}

/** Reads all of it once. */
async function checked(path: string): Promise<TransferReading> {
  const reading = await open(path);
  for await (const _ of reading.records());
  return reading;
}
