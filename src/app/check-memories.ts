import { Worker } from 'node:worker_threads';
import { createFileStore } from '../adapters/files/file-store.js';
import { repairMemory, verifyMemory } from '../adapters/files/recovery/verify.js';
import { heldStore } from '../adapters/held/held-memory.js';
import { recountArchive } from '../engine/forgetting/recount-archive.js';
import { acceptLosses } from '../engine/transfer/accept-losses.js';
import { packageFile } from '../lib/io/package-files.js';
import { MemoryError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { StoreNotice } from '../ports/store.js';
import type { ThreadTask } from './check-thread.js';

export interface CheckedMemory {
  readonly userId: UserId;
  /** `error`: something is or may be lost; `warning`: can be repaired without loss. */
  readonly defects: readonly StoreNotice[];
  /** Harmless, such as damaged files that were kept aside. */
  readonly remarks: readonly StoreNotice[];
}

/** Looks at the files of every user of a data folder and changes nothing, also while servers run. */
export async function checkMemories(dataDir: string): Promise<CheckedMemory[]> {
  const checked: CheckedMemory[] = [];
  for (const userId of await createFileStore({ dataDir }).listUsers()) {
    checked.push({ userId, ...(await verifyMemory(dataDir, userId)) });
  }
  return checked;
}

/**
 * What is wrong with one user's memory, in sentences. A large memory is read whole, so it is looked at in a thread of
 * its own: the calls of others go on meanwhile.
 */
export function problemsInThread(dataDir: string, userId: UserId): Promise<readonly string[]> {
  const workerData: ThreadTask = { dataDir, userId };
  const thread = new Worker(packageFile('dist/app/check-thread.js'), { name: 'memoryos-check', workerData });
  // A process that ends does not wait for it.
  thread.unref();
  return new Promise((resolve, reject) => {
    thread.once('message', resolve).once('error', reject);
    thread.once('exit', () => reject(new MemoryError('STORE_IO', 'The check has ended without a result.')));
  });
}

/**
 * Goes on with what is left of a user's memory: repairs it, counts what the archive holds, and ends the telling of what
 * was lost. Returns what was done and accepted. Throws STORE_….
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

/** Repairs what `checkMemories` found of one user; damaged files are kept aside. Returns what was done. */
export async function repairUser(dataDir: string, userId: UserId): Promise<readonly StoreNotice[]> {
  const done = await repairMemory(dataDir, userId);
  const store = await heldStore(createFileStore({ dataDir })).open(userId);
  try {
    const { segments, pages } = await recountArchive(store);
    if (segments + pages === 0) return done;
    const message = `users/${encodeURIComponent(userId)}: ${pages} pages of ${segments} evicted segments are not in the archive any more and are not counted any more. Restore a backup to get them back.`;
    return [...done, { level: 'error', message }];
  } finally {
    await store.close();
  }
}
