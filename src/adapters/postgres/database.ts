import pg, { escapeLiteral } from 'pg';
import { MemoryError } from '../../model/errors.js';
import { Notices, type NoticesOptions, notifySql } from './notices.js';
import { checkMayMigrate, checkMayWork, checkServer, dangerOf, readinessSql } from './readiness.js';
import { migrations } from './schema.js';
import { failed, isCutOff, isTakenBack } from './trouble.js';

export interface DatabaseOptions {
  /** postgres://user:password@host/database */
  readonly url: string;
  /** The schema that holds the tables. */
  readonly schema?: string | undefined;
  readonly connectionsMax?: number | undefined;
  /**
   * What updates the schema: the first process that connects (`auto`, the default), or only the command
   * `migrate`.
   */
  readonly migrate?: 'auto' | 'manual' | undefined;
  /** Called once with a warning when the set-up is less safe than it should be. */
  readonly warn?: ((message: string) => void) | undefined;
  /** How to check that notices arrive; replaced only by tests. */
  readonly notices?: Pick<NoticesOptions, 'checkEveryMs' | 'arriveMsMax'> | undefined;
}

const schemaDefault = 'memoryos';
const connectionsDefault = 10;
const connectMsMax = 10_000;
/** Limits of a statement: waiting for a lock, and running. */
const lockMsMax = 20_000;
const statementMsMax = 60_000;
/** Enough for the working data of a search in a memory of 100,000 pages. */
const workMemory = '32MB';
/** How often a transaction is repeated after the database rolled it back because of others. */
const triesMax = 8;
const triesPauseMs = 20;
/** How long work is retried after a broken connection, so that a restart or a failover can pass. */
const awayMsMax = 15_000;
const awayPauseMs = 100;
/** An arbitrary number that no other program on the database uses. */
const migrationLock = 7_301_946_215;

export type Row = Readonly<Record<string, string | null>>;

/** Runs statements of one user. Several statements in one text take one round trip. */
export type Run = (sql: string) => Promise<readonly Row[][]>;

/** A pool of connections to the database and its schema. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #url: string;
  readonly #schema: string;
  readonly #migrates: boolean;
  #ready: Promise<void> | null = null;
  #warn: (message: string) => void;
  /** Announces changes by other processes. */
  readonly notices: Notices;

  constructor({
    url,
    schema = schemaDefault,
    connectionsMax = connectionsDefault,
    migrate = 'auto',
    notices = {},
    warn = () => undefined,
  }: DatabaseOptions) {
    this.#warn = warn;
    this.#url = url;
    this.#schema = schema;
    this.#migrates = migrate === 'auto';
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connectionsMax,
      connectionTimeoutMillis: connectMsMax,
      application_name: 'memoryos-mcp',
      // An idle connection does not keep a finished command alive.
      allowExitOnIdle: true,
      // Every value stays the text that was sent.
      types: { getTypeParser: () => (value: string) => value },
    });
    // The pool replaces a broken connection. The statement that used it fails and reports the error.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => void client.on('error', () => undefined));
    const send = async (payload: string) => void (await this.ask(notifySql(payload)));
    this.notices = new Notices({ url, schema, send, ...notices });
  }

  /** Updates the schema, once. Throws STORE_NEWER, STORE_IO. */
  migrated(): Promise<void> {
    this.#ready ??= this.#prepare(this.#migrates).catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** Updates the schema, even if `migrate` is `manual`. Returns its version. */
  async migrate(): Promise<number> {
    await this.#prepare(true);
    this.#ready = Promise.resolve();
    return migrations.length;
  }

  /**
   * Whether the schema exists and is up to date. Changes nothing. Throws when the database cannot hold
   * memories.
   */
  async isUpToDate(): Promise<boolean> {
    const { version } = await this.#readState();
    return version === migrations.length;
  }

  /** Runs one statement outside a memory that may safely run twice. */
  async ask(sql: string): Promise<readonly Row[]> {
    await this.migrated();
    // One message is one transaction, so the settings end with it, also behind PgBouncer.
    return this.#again(() =>
      this.#connected(async (run) => (await run(`${this.#path()}; ${sql}`)).at(-1) ?? []),
    );
  }

  /** Reads in one round trip: a snapshot, of this user only. */
  async read(user: string, sql: string): Promise<readonly Row[]> {
    await this.migrated();
    return this.#again(() =>
      this.#connected(async (run) => {
        const results = await run(`begin read only; ${this.#path(user)}; ${sql}; commit`);
        return results.at(-2) ?? [];
      }),
    );
  }

  /**
   * Runs a transaction of one user. `first` is sent together with the beginning. `job` receives the result of
   * its last statement and may continue; the `last` it returns is sent together with the commit. The
   * transaction is repeated when the database rolled it back because of others, and when the connection broke
   * before it was committed. When a commit was not answered, `tookPlace` checks the stored data; null: the
   * data does not show it.
   */
  async transact<T>(
    user: string,
    first: string,
    job: (rows: readonly Row[], run: Run) => Promise<{ readonly last: string | null; readonly result: T }>,
    tookPlace: (result: T) => Promise<boolean | null>,
  ): Promise<T> {
    await this.migrated();
    return this.#again(async () => {
      const sent: T[] = [];
      try {
        return await this.#connected(async (run) => {
          const begun = await run(`begin; ${this.#path(user)}; ${first}`);
          const { last, result } = await job(begun.at(-1) ?? [], run);
          if (last !== null) sent.push(result);
          await run(last === null ? 'rollback' : `${last}; commit`);
          return result;
        });
      } catch (error) {
        for (const unanswered of isCutOff(error) ? sent : []) {
          const isStored = await tookPlace(unanswered).catch(() => null);
          if (isStored === true) return unanswered;
          if (isStored === false) throw error;
          throw new MemoryError(
            'STORE_IO',
            'The connection to the database broke while it committed. Check whether it is stored before you try again.',
            { cause: new Error('unanswered commit', { cause: error }) },
          );
        }
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.notices.close();
    await this.#pool.end();
  }

  /** Settings of a transaction; they end with it. */
  #path(user?: string): string {
    const settings = [
      ['search_path', `${this.#schema}, public`],
      ['lock_timeout', String(lockMsMax)],
      ['statement_timeout', String(statementMsMax)],
      ['work_mem', workMemory],
      // JIT compilation costs more than any of these statements.
      ['jit', 'off'],
      ...(user === undefined ? [] : [['memoryos.user', user]]),
    ];
    const set = settings.map(([name, value]) => `set_config('${name}', ${escapeLiteral(value ?? '')}, true)`);
    return `select ${set.join(', ')}`;
  }

  /** Repeats a job that failed without an effect and may succeed now. */
  async #again<T>(job: () => Promise<T>): Promise<T> {
    const untilMs = performance.now() + awayMsMax;
    for (let tries = 1; ; tries += 1) {
      try {
        return await job();
      } catch (error) {
        const isTaken = tries < triesMax && isTakenBack(error);
        const isAway = performance.now() < untilMs && isCutOff(error);
        if (this.#pool.ending || !(isTaken || isAway)) throw error;
        const pauseMs = isTaken ? triesPauseMs * tries : awayPauseMs;
        await new Promise((resolve) => setTimeout(resolve, pauseMs * (1 + Math.random())));
      }
    }
  }

  async #connected<T>(job: (run: Run) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw failed(error, this.#url);
    });
    try {
      const result = await job(async (sql) => {
        const results = (await client.query(sql)) as unknown as pg.QueryResult<Row> | pg.QueryResult<Row>[];
        return [results].flat().map(({ rows }) => rows);
      });
      client.release();
      return result;
    } catch (error) {
      // A connection that cannot roll back is not used again.
      const isBack = await client.query('rollback').then(
        () => true,
        () => false,
      );
      client.release(!isBack);
      throw failed(error, this.#url);
    }
  }

  /** The schema's name as an SQL identifier. */
  get #quoted(): string {
    return `"${this.#schema.replaceAll('"', '""')}"`;
  }

  /** Reads the state of the database and the schema's version. Changes nothing. */
  async #readState(): Promise<{ readonly state: Row; readonly version: number }> {
    const [[state = {}] = []] = await this.#connected((run) => run(readinessSql(this.#schema)));
    checkServer(state, this.#url);
    // Without the right to use the schema, its version cannot be read.
    if (state.has_version === 'true' && state.may_use !== 'true')
      checkMayWork(state, this.#url, this.#schema);
    const version =
      state.has_version === 'true' ? await this.#connected((run) => this.#versionOf(run, this.#quoted)) : 0;
    this.#checkKnown(version);
    return { state, version };
  }

  async #prepare(migrates: boolean): Promise<void> {
    const { state, version } = await this.#readState();
    const danger = dangerOf(state, this.#url);
    if (danger !== null) this.#warn(danger);
    this.#warn = () => undefined;
    if (version < migrations.length) {
      if (!migrates) {
        throw new MemoryError(
          'STORE_IO',
          `The schema ${this.#schema} of the database has version ${version}; this program needs version ${migrations.length}. Because migrate is "manual", run "memoryos-mcp migrate". Nothing was changed.`,
        );
      }
      checkMayMigrate(state, this.#url, this.#schema);
      await this.#migrate(this.#quoted);
      return;
    }
    checkMayWork(state, this.#url, this.#schema);
  }

  async #migrate(schema: string): Promise<void> {
    await this.#connected(async (run) => {
      await run(`begin; select pg_advisory_xact_lock(${migrationLock}); create schema if not exists ${schema};
        set local search_path to ${schema}, public; create table if not exists schema_version (version integer not null)`);
      const version = await this.#versionOf(run, schema);
      this.#checkKnown(version);
      for (const [i, migration] of migrations.entries()) {
        if (i + 1 <= version) continue;
        await run(`${migration}; insert into schema_version values (${i + 1})`);
      }
      await run('commit');
    });
  }

  async #versionOf(run: Run, schema: string): Promise<number> {
    const [rows] = await run(`select max(version)::text as version from ${schema}.schema_version`);
    return Number(rows?.[0]?.version ?? 0);
  }

  #checkKnown(version: number): void {
    if (version <= migrations.length) return;
    throw new MemoryError(
      'STORE_NEWER',
      `The schema ${this.#schema} of the database has version ${version}; this program knows version ${migrations.length}. Install the newer memoryos-mcp.`,
    );
  }
}
