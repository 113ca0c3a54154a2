import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, it } from 'vitest';

/**
 * Describes tests that need a PostgreSQL server (`TEST_DATABASE_URL`) and, if it is given, a program on PATH.
 * If one is missing, a skipped test says so. Each test creates a database of its own on the server.
 */
export function describeWithDatabase(name: string, tests: (url: string) => void, program?: string): void {
  const url = process.env.TEST_DATABASE_URL;
  const missing = [
    ...(url === undefined ? ['TEST_DATABASE_URL is not set'] : []),
    ...(program !== undefined && spawnSync(program, ['--version']).status !== 0
      ? [`${program} is not on PATH`]
      : []),
  ];
  describe(name, () => {
    if (url !== undefined && missing.length === 0) tests(url);
    else it.skip(`skipped: ${missing.join(', ')}`, () => undefined);
  });
}

export interface EmptyDatabase {
  readonly url: string;
  readonly name: string;
  /** Runs several statements; returns the first row of the one at this index (negative: from the end). */
  last(sql: string, at: number): Promise<unknown>;
  /** Runs statements as the owner of the database. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** Creates an empty database on the server of this URL. */
export async function emptyDatabase(url: string): Promise<EmptyDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client(url);
  // A test may restart the database.
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const client = new pg.Client(own.href);
  // A test may restart the database.
  client.on('error', () => undefined);
  await client.connect();
  return {
    url: own.href,
    name,
    async last(sql, at) {
      const results = (await client.query(sql)) as unknown as pg.QueryResult[];
      return results.at(at)?.rows[0];
    },
    run: async (sql) => (await client.query(sql)).rows,
    async drop() {
      await client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
