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
  /** The user to restore to; absent: the user named in the backup. */
  readonly userId?: UserId | undefined;
  /** Replaces the present memory, after making a backup of it. */
  readonly replace: boolean;
  /** Folder for the backup made first. */
  readonly folder: string;
  /** Also restores what this memory has forgotten since the backup. */
  readonly includeForgotten?: boolean | undefined;
  readonly clock: Clock;
  readonly onProgress?: ((counts: Readonly<ImportCounts>) => void) | undefined;
  /** Called with the path of the backup of the present memory, before anything is changed. */
  readonly onBackup?: ((path: string) => void) | undefined;
}

export interface Restored {
  readonly userId: UserId;
  readonly exportedAt: string;
  readonly counts: ImportCounts;
  /** The backup of the present memory; null when there was none. */
  readonly before: string | null;
}

/**
 * Restores a memory as it was when the backup was made. The complete file is checked before anything is
 * changed. An interrupted restore is completed by running it again. Throws INPUT_INVALID (damaged file, or
 * the memory is not empty and `replace` is false), NOT_FOUND, STORE_….
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
          `The memory of ${userId} is not empty. Add --replace to replace it with the backup (the present memory is backed up first), or import the file to add only what is missing.`,
        );
      }
      const { folder, clock } = options;
      const backup = await makeBackup(store, { folder, kind: 'before-restore', clock });
      before = backup.path;
      options.onBackup?.(before);
      await clearMemory(store, backup.ids);
      // A person who restores a backup knows of the losses.
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

/** Reads the complete file once to check it. */
async function checked(path: string): Promise<TransferReading> {
  const reading = await open(path);
  for await (const _ of reading.records());
  return reading;
}
