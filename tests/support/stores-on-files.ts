import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createFileStore, type FileStoreOptions } from '../../src/adapters/files/file-store.js';
import { toUserId } from '../../src/model/ids.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { makeFolderInMemory } from './folders.js';

/** For a test file: makes a folder for each test, and closes its stores after the test. */
export function storesOnFiles() {
  const alice = toUserId('alice');
  let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
  let stores: UserStore[] = [];
  beforeEach(async () => {
    place = await makeFolderInMemory();
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    stores = [];
    await place.remove();
  });
  return {
    get folder(): string {
      return place.folder;
    },
    /** The folder of Alice's memory. */
    get user(): string {
      return join(place.folder, 'users', 'alice');
    },
    /** Stores that are not closed after the test. */
    abandon(...abandoned: readonly UserStore[]): void {
      stores = stores.filter((store) => !abandoned.includes(store));
    },
    async open(options: Omit<FileStoreOptions, 'dataDir'> = {}): Promise<UserStore> {
      const store = await createFileStore({
        dataDir: place.folder,
        checkpointAfterMs: 1_000_000,
        ...options,
      }).open(alice);
      stores.push(store);
      return store;
    },
  };
}
