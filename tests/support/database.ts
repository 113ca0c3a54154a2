import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database for tests, in which each test makes a database of its own; undefined: none is at hand. */
export const testDatabaseUrl = process.env.TEST_DATABASE_URL;

export interface EmptyDatabase {
  readonly url: string;
  readonly name: string;
  /** The first row of one of several statements, counted from the end as `at` does. */
  last(sql: string, at: number): Promise<unknown>;
  /** Runs statements as its owner. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** Makes an empty database beside the one that is named. */
export async function emptyDatabase(url: string): Promise<EmptyDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client(url);
  // The database may be restarted meanwhile.
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const client = new pg.Client(own.href);
  // The database may be restarted meanwhile.
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
