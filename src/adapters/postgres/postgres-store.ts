import { randomInt, randomUUID } from 'node:crypto';
import { escapeLiteral } from 'pg';
import { Listeners } from '../../lib/io/listeners.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import type { LoggedChange } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import { toUserId, type UserId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import { purgeDone } from '../../model/purge.js';
import type { MemoryIndex, ReadPageTerms } from '../../ports/memory-index.js';
import type {
  Answer,
  ArchiveEdit,
  ArchiveEntry,
  Erased,
  Need,
  Store,
  StoreChange,
  StoredMemory,
  WorkClaim,
} from '../../ports/store.js';
import { Database, type DatabaseOptions, type Row, type Run } from './database.js';
import { changesLog, rowsOf } from './operations.js';
import { PostgresIndex } from './postgres-index.js';
import { CountTable, TokenTable } from './shared-tables.js';
import { entryJson, entryOf, slicesOf } from './slices.js';

/** Another process may take a claim that was not renewed for this long. */
const claimMs = 30_000;
const renewMs = 10_000;
/**
 * A due memory is offered to one process; another process gets it after this time. An offer is a claim
 * without an owner.
 */
const offerMs = 5_000;
const isUnclaimed = '(claimed_until is null or claimed_until < now())';
const isNobodys = `(claimed_by is null or ${isUnclaimed})`;
/** Number of names kept of a user's latest transactions; the same as in `apply_operations`. */
const recentMax = 8;
/** A question uses up to three connections at once. */
const warmConnections = 3;
/** Number of entries of the archive read at once. */
const archiveAtOnce = 50;

export interface PostgresStoreOptions extends DatabaseOptions {
  /** Reads a page's search terms, in the transaction that stores the page. */
  readonly readTerms: ReadPageTerms;
}

/** Memories in PostgreSQL, shared by any number of processes. */
export interface PostgresStore extends Store<PostgresMemory> {
  readonly tokens: TokenTable;
  readonly counts: CountTable;
  /** Updates the schema and returns its version. Throws STORE_NEWER, STORE_IO. */
  migrate(): Promise<number>;
  /** Whether the schema exists and is up to date. Changes nothing. Throws STORE_NEWER, STORE_IO. */
  isUpToDate(): Promise<boolean>;
  /** Opens connections and has them plan a question, for a user without a memory. Throws STORE_IO. */
  warm(): Promise<void>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** Construction does no I/O. The first call updates the schema. */
export function createPostgresStore({ readTerms, ...options }: PostgresStoreOptions): PostgresStore {
  const database = new Database(options);
  return {
    tokens: new TokenTable(database),
    counts: new CountTable(database),
    async open(userId) {
      const user = escapeLiteral(userId);
      await database.ask(`insert into memories (user_id) values (${user}) on conflict do nothing`);
      return new PostgresMemory(database, userId, readTerms);
    },
    async listUsers() {
      const rows = await database.ask('select user_id from memories order by user_id');
      return rows.flatMap(({ user_id }) => (user_id == null ? [] : [toUserId(user_id)]));
    },
    async positionOf(userId) {
      const [row] = await database.ask(
        `select version from memories where user_id = ${escapeLiteral(userId)}`,
      );
      return row?.version ?? null;
    },
    async due(nowMs, limit) {
      const rows = await database.ask(
        `with taken as (select user_id, work_at from memories where work_at <= to_timestamp(${nowMs / 1000}) and ${isUnclaimed}
            order by work_at limit ${Math.trunc(limit)} for update skip locked),
          offered as (update memories m set claimed_by = null, claimed_until = now() + interval '${offerMs} milliseconds'
            from taken t where m.user_id = t.user_id returning m.user_id)
        select t.user_id from taken t join offered o on o.user_id = t.user_id order by t.work_at`,
      );
      return rows.flatMap(({ user_id }) => (user_id == null ? [] : [toUserId(user_id)]));
    },
    watch(listener) {
      const { notices } = database;
      const stop = notices.listen((userId) => listener(userId));
      return {
        get isLive() {
          return notices.isLive;
        },
        stop,
      };
    },
    migrate: () => database.migrate(),
    isUpToDate: () => database.isUpToDate(),
    async warm() {
      const index = new PostgresIndex(database, toUserId('nobody'));
      const meaning = { model: '', vector: new Float32Array(64) };
      const spans = [{ fromMs: 0, untilMs: 1 }];
      const need = { terms: [{ term: 'nothing', worth: 1 }], meaning, spans, within: null, limit: 1 };
      await Promise.all(Array.from({ length: warmConnections }, () => index.candidates(need)));
    },
    close: () => database.close(),
  };
}

/** The memory of one user in PostgreSQL. The process keeps nothing of it. */
export class PostgresMemory implements StoredMemory {
  readonly userId: UserId;
  readonly notices = [];
  /** The search over this memory. */
  readonly index: MemoryIndex;
  readonly #database: Database;
  /** As an SQL literal. */
  readonly #user: string;
  readonly #lane = new WriteLane();
  readonly #listeners = new Listeners<StoreChange>();
  readonly #claims = new Set<Claim>();
  /** The version read last; null before the first read. */
  #version: number | null = null;
  /** The latest version that listeners know of. */
  #told = 0;
  #stopHearing: (() => void) | null = null;
  /** The version and the time of the last call of `rest`. */
  #rested = '';
  #closed: Promise<void> | null = null;

  readonly #readTerms: ReadPageTerms;

  constructor(database: Database, userId: UserId, readTerms: ReadPageTerms) {
    this.userId = userId;
    this.index = new PostgresIndex(database, userId);
    this.#readTerms = readTerms;
    this.#database = database;
    this.#user = escapeLiteral(userId);
  }

  get position(): string {
    return String(this.#version ?? 0);
  }

  async read<const N extends Need>(need: N): Promise<Answer<N>> {
    this.#checkOpen();
    const { sql, decode } = slicesOf(this.#user, need);
    const [row] = await this.#database.read(this.userId, sql);
    if (row === undefined) throw this.#gone();
    this.#follow(Number(row.version));
    return decode(row);
  }

  async transact<const N extends Need>(
    need: N,
    decide: (slices: Answer<N>) => readonly Operation[],
  ): Promise<readonly Operation[]> {
    this.#checkOpen();
    return this.#lane.run(() => this.#transact(need, async (slices) => decide(slices)));
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    const cancel = this.#listeners.add(listener);
    this.#stopHearing ??= this.#database.notices.listen((userId, version) => {
      if (userId !== null && userId !== this.userId) return;
      // This process's own transactions announce themselves.
      void this.#lane
        .idle()
        .then(async () => this.#hear(version ?? (await this.#stored())))
        .catch(() => this.#listeners.tell({ kind: 'reloaded' }));
    });
    return cancel;
  }

  get isWatched(): boolean {
    return this.#stopHearing !== null && this.#database.notices.isLive;
  }

  async claimWork(): Promise<WorkClaim | null> {
    this.#checkOpen();
    const claim = new Claim(this.#database, this.#user, () => this.#version);
    if (!(await claim.take())) return null;
    this.#claims.add(claim);
    return claim;
  }

  async rest(nextAtMs: number | null): Promise<void> {
    const seen = this.#version;
    const asked = `${seen} ${nextAtMs}`;
    if (seen === null || this.#rested === asked) return;
    await this.#database.ask(
      `update memories set work_at = ${instant(nextAtMs)}, claimed_by = null, claimed_until = null where user_id = ${this.#user} and version = ${seen} and ${isNobodys}`,
    );
    this.#rested = asked;
  }

  async *readArchive(): AsyncGenerator<ArchiveEntry> {
    let place = '-1';
    for (;;) {
      this.#checkOpen();
      const rows = await this.#database.read(
        this.userId,
        `select place, entry from archive where user_id = ${this.#user} and place > ${place} order by place limit ${archiveAtOnce}`,
      );
      for (const row of rows) yield entryOf(row.entry ?? 'null');
      place = rows.at(-1)?.place ?? place;
      if (rows.length < archiveAtOnce) return;
    }
  }

  async erase(edit: ArchiveEdit | null): Promise<Erased> {
    this.#checkOpen();
    await this.#lane.run(() =>
      this.#transact({ purging: true }, async ({ purging }, run) => {
        const gone = { segments: 0, pages: 0 };
        if (edit !== null) {
          const [rows = []] = await run(
            `select place, entry from archive where user_id = ${this.#user} order by place`,
          );
          const changes = rows.flatMap((row) => this.#edited(row, edit, gone));
          if (changes.length > 0) await run(changes.join('; '));
        }
        return [
          ...(gone.segments + gone.pages > 0 ? [{ op: 'archive_reduced' as const, ...gone }] : []),
          ...purgeDone(purging),
        ];
      }),
    );
    return { remaining: [] };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#lane.idle();
    for (const claim of this.#claims) await claim.release().catch(() => undefined);
    this.#stopHearing?.();
    this.#listeners.clear();
  }

  async #transact<N extends Need>(
    need: N,
    decide: (
      slices: Answer<N>,
      run: (sql: string) => Promise<readonly Row[][]>,
    ) => Promise<readonly Operation[]>,
  ): Promise<readonly Operation[]> {
    const { sql, decode } = slicesOf(this.#user, need);
    const lock = `select from memories where user_id = ${this.#user} for update`;
    const name = String(randomInt(2 ** 47));
    const tookPlace = async ({ before }: { readonly before: number }) => {
      // The memory's row is locked during the transaction.
      const [row] = await this.#database.ask(
        `select version, (recent @> array[${name}]::bigint[])::text as is_here from memories where user_id = ${this.#user} for share`,
      );
      if (row === undefined) return null;
      return row.is_here === 'true' ? true : Number(row.version) - before <= recentMax ? false : null;
    };
    const carryOut = async ([row]: readonly Row[], run: Run) => {
      if (row === undefined) throw this.#gone();
      const before = Number(row.version);
      const operations = await decide(decode(row), run);
      if (operations.length === 0) return { last: null, result: { before, operations } };
      let changes: LoggedChange[] = [];
      if (changesLog(operations)) {
        const [rows] = await run(`select log from changes where user_id = ${this.#user}`);
        changes = JSON.parse(rows?.[0]?.log ?? '[]');
      }
      const json = escapeLiteral(JSON.stringify(rowsOf(operations, changes, this.#readTerms)));
      const last = `select apply_operations(${this.#user}, ${before + 1}, ${json}::json, ${name})`;
      return { last, result: { before, operations } };
    };
    const done = await this.#database.transact(this.userId, `${lock}; ${sql}`, carryOut, tookPlace);
    this.#follow(done.before);
    if (done.operations.length > 0) {
      this.#version = done.before + 1;
      this.#told = Math.max(this.#told, this.#version);
      this.#listeners.tell({ kind: 'operations', operations: done.operations });
    }
    return done.operations;
  }

  /** The statements that apply an edit to an entry. */
  #edited(row: Row, edit: ArchiveEdit, gone: { segments: number; pages: number }): string[] {
    const before = entryOf(row.entry ?? 'null');
    const after = edit(before);
    if (after === before) return [];
    if (before.kind === 'segment') {
      if (after === null) gone.segments += 1;
      gone.pages += before.pages.length - (after?.kind === 'segment' ? after.pages.length : 0);
    }
    const here = `user_id = ${this.#user} and place = ${row.place}`;
    return after === null
      ? [`delete from archive where ${here}`]
      : [`update archive set entry = ${escapeLiteral(entryJson(after))} where ${here}`];
  }

  /** Announces others' changes once they are seen. */
  #follow(version: number): void {
    const before = this.#version;
    if (before !== null && version <= before) return;
    this.#version = version;
    if (before === null) this.#told = Math.max(this.#told, version);
    else this.#hear(version);
  }

  async #stored(): Promise<number> {
    const [row] = await this.#database.ask(`select version from memories where user_id = ${this.#user}`);
    return Number(row?.version ?? 0);
  }

  #hear(version: number): void {
    if (this.#version === null || version <= this.#told) return;
    this.#told = version;
    this.#listeners.tell({ kind: 'reloaded' });
  }

  #checkOpen(): void {
    if (this.#closed === null) return;
    throw new MemoryError('STORE_CLOSED', `The memory of ${this.userId} was closed. Open it again.`);
  }

  #gone(): MemoryError {
    return new MemoryError('STORE_CORRUPT', `The memory of ${this.userId} is no longer in the database.`);
  }
}

function instant(ms: number | null): string {
  return ms === null ? 'null' : `to_timestamp(${ms / 1000})`;
}

/** The right to work on a memory, renewed while it is held. */
class Claim implements WorkClaim {
  readonly #database: Database;
  readonly #user: string;
  readonly #seen: () => number | null;
  readonly #token = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #heldUntilMs = 0;

  /** `seen`: the version that the holder read last. */
  constructor(database: Database, user: string, seen: () => number | null) {
    this.#database = database;
    this.#user = user;
    this.#seen = seen;
  }

  get held(): boolean {
    return performance.now() < this.#heldUntilMs;
  }

  async take(): Promise<boolean> {
    const isHeld = await this.#hold(`${isNobodys} or claimed_by = '${this.#token}'`);
    if (isHeld) this.#timer = setInterval(() => void this.#renew(), renewMs).unref();
    return isHeld;
  }

  async release(nextAtMs?: number | null): Promise<void> {
    clearInterval(this.#timer);
    if (!this.held) return;
    this.#heldUntilMs = 0;
    const due =
      nextAtMs === undefined
        ? ''
        : `, work_at = case when version = ${this.#seen() ?? -1} then ${instant(nextAtMs)} else work_at end`;
    await this.#database.ask(
      `update memories set claimed_by = null, claimed_until = null${due} where user_id = ${this.#user} and claimed_by = '${this.#token}'`,
    );
  }

  async #renew(): Promise<void> {
    await this.#hold(`claimed_by = '${this.#token}'`).catch(() => false);
  }

  async #hold(where: string): Promise<boolean> {
    const askedAtMs = performance.now();
    const rows = await this.#database.ask(
      `update memories set claimed_by = '${this.#token}', claimed_until = now() + interval '${claimMs} milliseconds' where user_id = ${this.#user} and (${where}) returning version`,
    );
    if (rows.length > 0) this.#heldUntilMs = askedAtMs + claimMs;
    return rows.length > 0;
  }
}
