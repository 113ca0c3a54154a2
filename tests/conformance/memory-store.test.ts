import { createInMemoryStore } from '../../src/adapters/in-memory-store.js';
import { describeMemoryStore } from './memory-store.js';

describeMemoryStore('in memory', async () => ({
  store: createInMemoryStore(),
  dispose: async () => undefined,
}));
