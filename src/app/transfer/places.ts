import { resolve } from 'node:path';
import { MemoryError } from '../../model/errors.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Store } from '../../ports/store.js';
import type { Config } from '../config/config.js';
import { openMemories } from '../create-engine.js';
import { openStoreReadOnly } from '../open-store-read-only.js';
import { postgresMemories } from '../postgres-memories.js';

/** A store to copy from or to. */
export interface Place {
  /** For people; never contains the password. */
  readonly name: string;
  /** The configuration with the keys of this store. */
  readonly config: Config;
}

/**
 * The store that was named: a database's URL or a folder; absent: the configured store. Throws INPUT_INVALID.
 */
export function placeOf(config: Config, named: string | undefined): Place {
  if (named === undefined) {
    return config.store === 'postgres'
      ? databasePlace(config, config.database_url ?? '')
      : folderPlace(config, config.data_storage_path);
  }
  if (/^postgres(?:ql)?:/.test(named)) return databasePlace(config, named);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(named)) {
    throw new MemoryError(
      'INPUT_INVALID',
      '--from and --to take a folder, or a database as postgres://user@host/database.',
    );
  }
  return folderPlace(config, resolve(named));
}

function databasePlace(config: Config, url: string): Place {
  if (!URL.canParse(url)) {
    throw new MemoryError(
      'INPUT_INVALID',
      'The URL of the database is not valid. Write it as postgres://user@host/database, with @ in a password as %40 and # as %23.',
    );
  }
  const { host, pathname } = new URL(url);
  const name = `the database ${decodeURIComponent(pathname.slice(1))} at ${host || 'localhost'}`;
  return { name, config: { ...config, store: 'postgres', database_url: url } };
}

function folderPlace(config: Config, folder: string): Place {
  return { name: folder, config: { ...config, store: 'files', data_storage_path: folder } };
}

/** Opens a store for reading only. Throws STORE_…. */
export async function sourceAt({
  config,
  name,
}: Place): Promise<{ store: Store; close: () => Promise<void> }> {
  if (config.store === 'files')
    return { store: (await openStoreReadOnly(config)).store, close: async () => {} };
  const store = await postgresMemories({ ...config, migrate: 'manual' });
  if (await store.isUpToDate()) return { store, close: () => store.close() };
  await store.close();
  throw new MemoryError(
    'NOT_FOUND',
    `There are no memories in ${name}, or its tables have an older version. Run "memoryos-mcp migrate" on it first.`,
  );
}

/** Opens a store for writing; null for a dry run when it does not exist yet. Throws STORE_…. */
export async function targetAt(
  { config }: Place,
  dryRun: boolean,
  report: Reporter,
): Promise<{ store: Store | null; close: () => Promise<void> }> {
  if (config.store === 'files') {
    const { store } = await (dryRun ? openStoreReadOnly(config) : openMemories(config, report));
    return { store, close: async () => {} };
  }
  const store = await postgresMemories(config);
  const isMade = !dryRun || (await store.isUpToDate());
  return { store: isMade ? store : null, close: () => store.close() };
}
