import { randomUUID } from 'node:crypto';
import { describe, it } from 'vitest';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { describeStore } from './store.js';

const url = process.env.TEST_DATABASE_URL;

if (url === undefined) {
  describe('store: PostgreSQL', () => {
    it.skip('is left out: TEST_DATABASE_URL names no database', () => undefined);
  });
} else {
  describeStore('PostgreSQL', async () => {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    const store = createPostgresStore({ url, schema });
    return { store, sharesWork: true, dispose: () => store.close() };
  });
}
