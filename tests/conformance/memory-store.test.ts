import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { filesOf } from '../../src/lib/io/files.js';
import { makeFolder } from '../support/folders.js';
import { describeMemoryStore } from './memory-store.js';

describeMemoryStore('in memory', async () => ({
  store: createInMemoryStore(),
  dispose: async () => undefined,
}));

describeMemoryStore('files', async () => {
  const { folder, remove } = await makeFolder();
  return { store: createFileStore({ dataDir: folder }), dispose: remove };
});

describeMemoryStore('files without symbolic links, as on Windows', async () => {
  const { folder, remove } = await makeFolder();
  return { store: createFileStore({ dataDir: folder, files: filesOf(true) }), dispose: remove };
});
