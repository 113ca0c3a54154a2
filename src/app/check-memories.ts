import { createFileStore } from '../adapters/files/file-store.js';
import { repairMemory, verifyMemory } from '../adapters/files/recovery/verify.js';
import { heldStore } from '../adapters/held/held-memory.js';
import { recountArchive } from '../engine/forgetting/recount-archive.js';
import { acceptLosses } from '../engine/transfer/accept-losses.js';
import { startThread } from '../lib/io/package-thread.js';
import { MemoryError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { StoreNotice } from '../ports/store.js';
import type { ThreadTask } from './check-thread.js';

export interface CheckedMemory {
  readonly userId: UserId;
  /** `error`: something is or may be lost; `warning`: repairable without loss. */
  readonly defects: readonly StoreNotice[];
  /** Harmless remarks, such as damaged files that were kept. */
  readonly remarks: readonly StoreNotice[];
}

/** Checks the files of every user of a data folder without changing anything, also while servers run. */
export async function checkMemories(dataDir: string): Promise<CheckedMemory[]> {
  const checked: CheckedMemory[] = [];
  for (const userId of await createFileStore({ dataDir }).listUsers()) {
    checked.push({ userId, ...(await verifyMemory(dataDir, userId)) });
  }
  return checked;
}

/**
 * Problems of one user's memory, as sentences. The check reads the complete memory, so it runs in a separate
 * thread and does not delay other calls.
 */
export function problemsInThread(dataDir: string, userId: UserId): Promise<readonly string[]> {
  const workerData: ThreadTask = { dataDir, userId };
  const thread = startThread('dist/app/check-thread.js', 'memoryos-check', workerData);
  // The process may end without waiting for it.
  thread.unref();
  return new Promise((resolve, reject) => {
    thread.once('message', resolve).once('error', reject);
    thread.once('exit', () => reject(new MemoryError('STORE_IO', 'The check has ended without a result.')));
  });
}

/**
 * Accepts the losses of a user's memory: repairs it, recounts the archive, and stops reporting the losses.
 * Returns what was done and accepted. Throws STORE_….
 */
export async function acceptUser(dataDir: string, userId: UserId): Promise<readonly string[]> {
  const done = await repairUser(dataDir, userId);
  const store = await heldStore(createFileStore({ dataDir })).open(userId);
  try {
    const accepted = await acceptLosses(store);
    return [...new Set([...done, ...accepted].map(({ message }) => message))];
  } finally {
    await store.close();
  }
}

/** Repairs what `checkMemories` found for one user. Damaged files are kept. Returns what was done. */
export async function repairUser(dataDir: string, userId: UserId): Promise<readonly StoreNotice[]> {
  const done = await repairMemory(dataDir, userId);
  const store = await heldStore(createFileStore({ dataDir })).open(userId);
  try {
    const { segments, pages } = await recountArchive(store);
    if (segments + pages === 0) return done;
    const message = `users/${encodeURIComponent(userId)}: ${pages} pages of ${segments} evicted segments are missing from the archive and are no longer counted. Restore a backup to get them back.`;
    return [...done, { level: 'error', message }];
  } finally {
    await store.close();
  }
}
