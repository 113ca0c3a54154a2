import pg, { escapeLiteral } from 'pg';
import { MemoryError, messageOf } from '../../model/errors.js';
import { migrations } from './schema.js';

export interface DatabaseOptions {
  /** postgres://user:password@host/database */
  readonly url: string;
  /** The schema that holds the tables. */
  readonly schema?: string | undefined;
  readonly connectionsMax?: number | undefined;
}

const schemaDefault = 'memoryos';
const connectionsDefault = 10;
const connectMsMax = 10_000;
/** So long a statement may wait for a lock, and run. */
const lockMsMax = 20_000;
const statementMsMax = 60_000;
/** Transactions that the database took back for others are made again so often. */
const triesMax = 8;
const triesPauseMs = 20;
/** Any number that no other program on the database takes. */
const migrationLock = 7_301_946_215;

export type Row = Readonly<Record<string, string | null>>;

/** Runs statements of one user. Several in one text are one round trip. */
export type Run = (sql: string) => Promise<readonly Row[][]>;

/** A pool of connections to the database, and the schema in it. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #schema: string;
  #ready: Promise<void> | null = null;

  constructor({ url, schema = schemaDefault, connectionsMax = connectionsDefault }: DatabaseOptions) {
    this.#schema = schema;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connectionsMax,
      connectionTimeoutMillis: connectMsMax,
      application_name: 'memoryos-mcp',
      // A command ends when it is done, whoever is connected.
      allowExitOnIdle: true,
      // Every value stays the text it is sent as.
      types: { getTypeParser: () => (value: string) => value },
    });
    // A connection that breaks is replaced by the pool; whoever uses it hears of it by the statement that fails.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => void client.on('error', () => undefined));
  }

  /** Brings the schema up to date, once. Throws STORE_NEWER, STORE_IO. */
  migrated(): Promise<void> {
    this.#ready ??= this.#migrate().catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** Statements outside a memory. */
  async ask(sql: string): Promise<readonly Row[]> {
    await this.migrated();
    return this.#connected(async (run) => (await run(`${this.#path(false)}; ${sql}`)).at(-1) ?? []);
  }

  /** One round trip: statements that see one moment each, of this user only. */
  async read(user: string, sql: string): Promise<readonly Row[]> {
    await this.migrated();
    return this.#connected(async (run) => {
      const results = await run(`begin read only; ${this.#path(true, user)}; ${sql}; commit`);
      return results.at(-2) ?? [];
    });
  }

  /**
   * A transaction of one user: `first` is sent with its beginning, `job` gets what its last statement gave and may go on;
   * what it returns as `last` is sent with the commit. Made again where the database took it back for others.
   */
  async transact<T>(
    user: string,
    first: string,
    job: (rows: readonly Row[], run: Run) => Promise<{ readonly last: string | null; readonly result: T }>,
  ): Promise<T> {
    await this.migrated();
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#connected(async (run) => {
          const begun = await run(`begin; ${this.#path(true, user)}; ${first}`);
          const { last, result } = await job(begun.at(-1) ?? [], run);
          await run(last === null ? 'rollback' : `${last}; commit`);
          return result;
        });
      } catch (error) {
        if (tries >= triesMax || !isTakenBack(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, triesPauseMs * tries * (1 + Math.random())));
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #path(local: boolean, user?: string): string {
    const settings = [
      ['search_path', `${this.#schema}, public`],
      ...(local
        ? [
            ['lock_timeout', String(lockMsMax)],
            ['statement_timeout', String(statementMsMax)],
          ]
        : []),
      ...(user === undefined ? [] : [['memoryos.user', user]]),
    ];
    const set = settings.map(
      ([name, value]) => `set_config('${name}', ${escapeLiteral(value ?? '')}, ${local})`,
    );
    return `select ${set.join(', ')}`;
  }

  async #connected<T>(job: (run: Run) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw failed(error);
    });
    try {
      const result = await job(async (sql) => {
        const results = (await client.query(sql)) as unknown as pg.QueryResult<Row> | pg.QueryResult<Row>[];
        return [results].flat().map(({ rows }) => rows);
      });
      client.release();
      return result;
    } catch (error) {
      // A connection that cannot take its transaction back is not used again.
      const isBack = await client.query('rollback').then(
        () => true,
        () => false,
      );
      client.release(!isBack);
      throw failed(error);
    }
  }

  async #migrate(): Promise<void> {
    const schema = `"${this.#schema.replaceAll('"', '""')}"`;
    // A role that owns nothing may use a schema that is up to date.
    const [present] = await this.#connected((run) =>
      run(`select to_regclass(${escapeLiteral(`${schema}.schema_version`)})::text as version`),
    );
    if (present?.[0]?.version != null) {
      const [rows] = await this.#connected((run) =>
        run(`select max(version)::text as version from ${schema}.schema_version`),
      );
      if (Number(rows?.[0]?.version ?? 0) === migrations.length) return;
    }
    await this.#connected(async (run) => {
      await run(`begin; select pg_advisory_xact_lock(${migrationLock}); create schema if not exists ${schema};
        set local search_path to ${schema}, public; create table if not exists schema_version (version integer not null)`);
      const [rows = []] = await run('select max(version)::text as version from schema_version');
      const version = Number(rows[0]?.version ?? 0);
      if (version > migrations.length) {
        throw new MemoryError(
          'STORE_NEWER',
          `The schema ${this.#schema} of the database is of version ${version}; this program knows ${migrations.length}. Install the newer memoryos-mcp.`,
        );
      }
      for (const [i, migration] of migrations.entries()) {
        if (i + 1 <= version) continue;
        await run(`${migration}; insert into schema_version values (${i + 1})`);
      }
      await run('commit');
    });
  }
}

/** A serialization failure or a deadlock: nothing of it took place, and it may be tried again. */
function isTakenBack(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof MemoryError ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What the database says, in the words of the port. */
function failed(error: unknown): unknown {
  if (error instanceof MemoryError) return error;
  const code = codeOf(error);
  // What `decide` or an edit throws is nobody's but theirs.
  if (code === undefined && !/connect|timeout|terminat/i.test(messageOf(error))) return error;
  const cause = { cause: error };
  if (code === 'MO001') {
    return new MemoryError(
      'STORE_CORRUPT',
      `A change does not fit the memory: ${messageOf(error)}. Nothing was changed.`,
      cause,
    );
  }
  if (code === '55P03' || code === '57014') {
    return new MemoryError(
      'STORE_BUSY',
      'Another process has held this memory for too long. Nothing was changed; try again.',
      cause,
    );
  }
  if (code === '53100') {
    return new MemoryError('STORE_IO', 'The disk of the database is full. Nothing was changed.', cause);
  }
  return new MemoryError(
    'STORE_IO',
    `The database could not be asked: ${messageOf(error)} (${code ?? 'no code'}). What was not answered may not be stored; try again once the database can be reached.`,
    cause,
  );
}
