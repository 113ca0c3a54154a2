import type { PostgresStore } from '../adapters/postgres/postgres-store.js';
import { codeOf } from '../lib/io/files.js';
import { MemoryError } from '../model/errors.js';
import type { Reporter } from '../ports/reporter.js';
import type { Config } from './config/config.js';

/** The memories of the configured database. Throws CONFIG_INVALID when its driver is not installed. */
export async function postgresMemories(config: Config, report?: Reporter): Promise<PostgresStore> {
  const [{ createPostgresStore }, { createPageTerms }] = await Promise.all([
    import('../adapters/postgres/postgres-store.js').catch((cause: unknown) => {
      if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
      throw new MemoryError(
        'CONFIG_INVALID',
        'store is "postgres", but the package pg is not installed. Install it beside memoryos-mcp: npm install pg.',
        { cause },
      );
    }),
    import('../retrieval/candidates/page-terms.js'),
  ]);
  return createPostgresStore({
    url: config.database_url ?? '',
    migrate: config.migrate,
    warn: (message) => report?.('warning', message),
    readTerms: createPageTerms(),
  });
}
