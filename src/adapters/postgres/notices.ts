import { randomUUID } from 'node:crypto';
import pg, { escapeLiteral } from 'pg';
import type { UserId } from '../../model/ids.js';

/** The channel on which `apply_operations` announces a transaction: [schema, user, version]. */
const channel = 'memoryos';
const connectMsMax = 10_000;
const againMsMin = 1_000;
const againMsMax = 30_000;

export interface NoticesOptions {
  readonly url: string;
  readonly schema: string;
  /** Sends a notice to all processes, on another connection than the listening one. */
  readonly send: (payload: string) => Promise<void>;
  /** How often to check that notices arrive, and how long one may take. */
  readonly checkEveryMs?: number | undefined;
  readonly arriveMsMax?: number | undefined;
}

/** `version` null: it is unknown whether something changed, or how far. */
export type NoticeListener = (userId: UserId | null, version: number | null) => void;

/**
 * Changes by other processes, announced by the database on one connection. Notices are trusted only while
 * this process receives those it sends to itself; behind PgBouncer in transaction mode, none arrive. When
 * they arrive again, listeners are told that anything may have changed.
 */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #listeners = new Set<NoticeListener>();
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | undefined;
  #againMs = againMsMin;
  #expected: { readonly name: string; arrived(): void } | null = null;
  #isLive = false;
  #closed = false;

  /** Connects when there is a listener. */
  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Whether changes by others are announced. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Returns a function that unsubscribes. */
  listen(listener: NoticeListener): () => void {
    const isFirst = this.#client === null && this.#timer === undefined;
    this.#listeners.add(listener);
    if (isFirst && !this.#closed) void this.#connect();
    return () => void this.#listeners.delete(listener);
  }

  /** Does not wait for the end of the connection, which would keep no process alive. */
  close(): void {
    this.#closed = true;
    this.#isLive = false;
    clearTimeout(this.#timer);
    this.#listeners.clear();
    void this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: connectMsMax,
      application_name: 'memoryos-mcp notices',
      keepAlive: true,
    });
    this.#client = client;
    const lost = () => this.#lost(client);
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload }) => this.#take(payload));
    try {
      await client.connect();
      // An idle connection does not keep a finished command alive.
      (client as pg.Client & Pick<NodeJS.Timeout, 'unref'>).unref();
      await client.query(`listen ${channel}`);
    } catch {
      return lost();
    }
    await this.#check(client);
  }

  /** Sends a notice to this process and waits for it. */
  async #check(client: pg.Client): Promise<void> {
    const { schema, send, checkEveryMs = 30_000, arriveMsMax = 5_000 } = this.#options;
    const name = randomUUID();
    const arrival = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), arriveMsMax).unref();
      this.#expected = {
        name,
        arrived: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
    });
    const arrives = await send(JSON.stringify([schema, null, name])).then(
      () => arrival,
      () => false,
    );
    if (this.#client !== client || this.#closed) return;
    if (!arrives) return this.#lost(client);
    this.#againMs = againMsMin;
    if (!this.#isLive) {
      this.#isLive = true;
      this.#tell(null, null);
    }
    this.#timer = setTimeout(() => void this.#check(client), checkEveryMs).unref();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = null;
    this.#isLive = false;
    clearTimeout(this.#timer);
    void client.end().catch(() => undefined);
    this.#timer = setTimeout(() => void this.#connect(), this.#againMs).unref();
    this.#againMs = Math.min(againMsMax, this.#againMs * 2);
  }

  #take(payload: string | undefined): void {
    const [schema, user, version] = JSON.parse(payload ?? '[]') as [string?, (UserId | null)?, unknown?];
    if (schema !== this.#options.schema) return;
    if (user == null) {
      if (this.#expected?.name === version) this.#expected?.arrived();
      return;
    }
    if (this.#isLive) this.#tell(user, Number(version));
  }

  #tell(userId: UserId | null, version: number | null): void {
    for (const listener of this.#listeners) listener(userId, version);
  }
}

/** The statement that sends a notice. */
export const notifySql = (payload: string) => `select pg_notify('${channel}', ${escapeLiteral(payload)})`;
