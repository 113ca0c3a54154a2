import { randomUUID } from 'node:crypto';
import pg, { escapeLiteral } from 'pg';
import type { UserId } from '../../model/ids.js';

/** Where `apply_operations` tells of a transaction: [schema, user, version]. */
const channel = 'memoryos';
const connectMsMax = 10_000;
const againMsMin = 1_000;
const againMsMax = 30_000;

export interface NoticesOptions {
  readonly url: string;
  readonly schema: string;
  /** Sends a notice to everybody by another connection than the one that listens. */
  readonly send: (payload: string) => Promise<void>;
  /** How often it is checked that notices arrive, and how long one may take. */
  readonly checkEveryMs?: number | undefined;
  readonly arriveMsMax?: number | undefined;
}

/** `version` null: it is not known whether something changed, or how far. */
export type NoticeListener = (userId: UserId | null, version: number | null) => void;

/**
 * What other processes changed, told by the database over one connection. Notices are relied on only while those that
 * this process sends to itself arrive: behind PgBouncer in transaction mode none do. Whenever they arrive
 * again, everything may have changed meanwhile, and the listeners are told so.
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

  /** Connects once somebody listens. */
  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Whether what others change is told. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Returns a canceller. */
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
      // A command ends when it is done, whoever is connected.
      (client as pg.Client & Pick<NodeJS.Timeout, 'unref'>).unref();
      await client.query(`listen ${channel}`);
    } catch {
      return lost();
    }
    await this.#check(client);
  }

  /** Sends a notice to itself and waits for it. */
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
