import { createFileStore } from '../../src/adapters/files/file-store.js';
import { heldStore } from '../../src/adapters/held/held-memory.js';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { makeFolder } from '../support/folders.js';
import { StoreProcess } from '../support/store-process.js';
import { describeStore } from './store.js';

describeStore('in memory', async () => ({
  store: heldStore(createInMemoryStore()),
  dispose: async () => undefined,
}));

for (const shelvesPages of [false, true]) {
  describeStore(shelvesPages ? 'files, without holding pages' : 'files', async () => {
    const { folder, remove } = await makeFolder();
    return {
      store: heldStore(
        createFileStore({ dataDir: folder, shelvesPages, ...(shelvesPages ? { checkpointAfterMs: 0 } : {}) }),
      ),
      spawn: (name, migrate) =>
        new StoreProcess({ dataDir: folder, user: 'alice', name, migrate, capacity: 5 }),
      dispose: remove,
    };
  });
}
