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
  /** Who brings the schema up to date: whoever connects first, or `migrate` and nobody else. Without: `auto`. */
  readonly migrate?: 'auto' | 'manual' | undefined;
  /** Told once what is not as safe as it should be. */
  readonly warn?: ((message: string) => void) | undefined;
  /** How it is checked that notices arrive; replaced by tests only. */
  readonly notices?: Pick<NoticesOptions, 'checkEveryMs' | 'arriveMsMax'> | undefined;
}

const schemaDefault = 'memoryos';
const connectionsDefault = 10;
const connectMsMax = 10_000;
/** So long a statement may wait for a lock, and run. */
const lockMsMax = 20_000;
const statementMsMax = 60_000;
/** Holds what a search weighs in a memory of 100,000 pages. */
const workMemory = '32MB';
/** Transactions that the database took back for others are made again so often. */
const triesMax = 8;
const triesPauseMs = 20;
/** What a break of the connection stopped is tried again for so long: a restart or a failover passes. */
const awayMsMax = 15_000;
const awayPauseMs = 100;
/** Any number that no other program on the database takes. */
const migrationLock = 7_301_946_215;

export type Row = Readonly<Record<string, string | null>>;

/** Runs statements of one user. Several in one text are one round trip. */
export type Run = (sql: string) => Promise<readonly Row[][]>;

/** A pool of connections to the database, and the schema in it. */
export class Database {
  readonly #pool: pg.Pool;
  readonly #url: string;
  readonly #schema: string;
  readonly #migrates: boolean;
  #ready: Promise<void> | null = null;
  #warn: (message: string) => void;
  /** What other processes changed. */
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
      // A command ends when it is done, whoever is connected.
      allowExitOnIdle: true,
      // Every value stays the text it is sent as.
      types: { getTypeParser: () => (value: string) => value },
    });
    // A connection that breaks is replaced by the pool; whoever uses it hears of it by the statement that fails.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => void client.on('error', () => undefined));
    const send = async (payload: string) => void (await this.ask(notifySql(payload)));
    this.notices = new Notices({ url, schema, send, ...notices });
  }

  /** Brings the schema up to date, once. Throws STORE_NEWER, STORE_IO. */
  migrated(): Promise<void> {
    this.#ready ??= this.#prepare(this.#migrates).catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  /** Brings the schema up to date, also where nobody does without being told. Returns its version. */
  async migrate(): Promise<number> {
    await this.#prepare(true);
    this.#ready = Promise.resolve();
    return migrations.length;
  }

  /** Whether the schema is there and up to date. Touches nothing. Throws where the database can hold no memories. */
  async isUpToDate(): Promise<boolean> {
    const { version } = await this.#look();
    return version === migrations.length;
  }

  /** One statement outside a memory that may be carried out twice. */
  async ask(sql: string): Promise<readonly Row[]> {
    await this.migrated();
    // In one message they are one transaction, so that the settings end with it, also behind PgBouncer.
    return this.#again(() =>
      this.#connected(async (run) => (await run(`${this.#path()}; ${sql}`)).at(-1) ?? []),
    );
  }

  /** One round trip: statements that see one moment each, of this user only. */
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
   * A transaction of one user: `first` is sent with its beginning, `job` gets what its last statement gave and may go on;
   * what it returns as `last` is sent with the commit. Made again where the database took it back for others, and where
   * the connection broke before it took place. Where a commit was not answered, `tookPlace` looks in what is stored; null:
   * that does not say.
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
            'The connection to the database broke while it committed. Look whether it is stored before you try again.',
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

  /** Settings of a transaction; none outlives it. */
  #path(user?: string): string {
    const settings = [
      ['search_path', `${this.#schema}, public`],
      ['lock_timeout', String(lockMsMax)],
      ['statement_timeout', String(statementMsMax)],
      ['work_mem', workMemory],
      // Compiling costs more than any of these statements.
      ['jit', 'off'],
      ...(user === undefined ? [] : [['memoryos.user', user]]),
    ];
    const set = settings.map(([name, value]) => `set_config('${name}', ${escapeLiteral(value ?? '')}, true)`);
    return `select ${set.join(', ')}`;
  }

  /** Carries a job out again where nothing of it took place and it may go well now. */
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
      // A connection that cannot take its transaction back is not used again.
      const isBack = await client.query('rollback').then(
        () => true,
        () => false,
      );
      client.release(!isBack);
      throw failed(error, this.#url);
    }
  }

  /** Its name as it stands in SQL. */
  get #quoted(): string {
    return `"${this.#schema.replaceAll('"', '""')}"`;
  }

  /** Looks at everything and touches nothing. */
  async #look(): Promise<{ readonly state: Row; readonly version: number }> {
    const [[state = {}] = []] = await this.#connected((run) => run(readinessSql(this.#schema)));
    checkServer(state, this.#url);
    // What nobody may use cannot be read either.
    if (state.has_version === 'true' && state.may_use !== 'true')
      checkMayWork(state, this.#url, this.#schema);
    const version =
      state.has_version === 'true' ? await this.#connected((run) => this.#versionOf(run, this.#quoted)) : 0;
    this.#checkKnown(version);
    return { state, version };
  }

  async #prepare(migrates: boolean): Promise<void> {
    const { state, version } = await this.#look();
    const danger = dangerOf(state, this.#url);
    if (danger !== null) this.#warn(danger);
    this.#warn = () => undefined;
    if (version < migrations.length) {
      if (!migrates) {
        throw new MemoryError(
          'STORE_IO',
          `The schema ${this.#schema} of the database is of version ${version}, this program needs ${migrations.length}, and migrate is "manual". Run memoryos-mcp migrate. Nothing was changed.`,
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
      `The schema ${this.#schema} of the database is of version ${version}; this program knows ${migrations.length}. Install the newer memoryos-mcp.`,
    );
  }
}
