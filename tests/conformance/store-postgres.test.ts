import { randomUUID } from 'node:crypto';
import { describe, it } from 'vitest';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { toUserId } from '../../src/model/ids.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { describeMemoryIndex } from './memory-index.js';
import { describeStore } from './store.js';

const url = process.env.TEST_DATABASE_URL;

if (url === undefined) {
  describe('store: PostgreSQL', () => {
    it.skip('is left out: TEST_DATABASE_URL names no database', () => undefined);
  });
} else {
  describeStore('PostgreSQL', async () => {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    const store = createPostgresStore({ url, schema, readTerms: createPageTerms() });
    return { store, sharesWork: true, dispose: () => store.close() };
  });

  describeMemoryIndex('PostgreSQL', async (readTerms) => {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    const store = createPostgresStore({ url, schema, readTerms });
    const memory = await store.open(toUserId('alice'));
    return {
      memory,
      index: memory.index,
      dispose: async () => {
        await memory.close();
        await store.close();
      },
    };
  });
}
