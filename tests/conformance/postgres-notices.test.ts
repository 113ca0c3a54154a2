import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPostgresStore, type PostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { followClosed } from '../../src/app/pool/follow-closed.js';
import { PooledUser } from '../../src/app/pool/pooled-user.js';
import { toUserId } from '../../src/model/ids.js';
import type { StoreChange } from '../../src/ports/store.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { PostgresProcess } from '../support/postgres-process.js';
import { added, makePage } from '../support/records.js';

const alice = toUserId('alice');
const readTerms = createPageTerms();

describeWithDatabase('notices of a PostgreSQL database', (url) => {
  let database: EmptyDatabase;
  const stores: PostgresStore[] = [];
  const proxies: Server[] = [];

  beforeEach(async () => {
    database = await emptyDatabase(url);
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    for (const proxy of proxies.splice(0)) proxy.close();
    await database.drop();
  });

  function storeAt(given: string, notices = { checkEveryMs: 100, arriveMsMax: 300 }): PostgresStore {
    const store = createPostgresStore({ url: given, readTerms, notices });
    stores.push(store);
    return store;
  }

  /** A connection to the database that passes on no notifications while `isDeaf`, like PgBouncer. */
  async function proxy(): Promise<{ url: string; isDeaf: boolean; cut(): void }> {
    const target = new URL(database.url);
    const sockets = new Set<Socket>();
    const way = { url: '', isDeaf: false, cut: () => sockets.forEach((socket) => void socket.destroy()) };
    const server = createServer((client) => {
      const upstream = connect(Number(target.port || 5432), target.hostname);
      client.on('data', (chunk) => upstream.write(chunk));
      upstream.on('data', (chunk: Buffer) => {
        // Notifications are messages of type 'A'.
        if (way.isDeaf && chunk[0] === 0x41) return;
        client.write(chunk);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxies.push(server);
    const own = new URL(database.url);
    own.port = String((server.address() as AddressInfo).port);
    own.hostname = '127.0.0.1';
    way.url = own.href;
    return way;
  }

  /** Opens a memory and records the changes that its subscriber gets. No other code reads this memory. */
  async function listening(store: PostgresStore) {
    const memory = await store.open(alice);
    await memory.read({ counts: true });
    const told: StoreChange['kind'][] = [];
    memory.subscribe((change) => void told.push(change.kind));
    return { memory, told };
  }

  it('report to a process what another one changed, within the transaction', async () => {
    const { memory, told } = await listening(storeAt(database.url));
    await expect.poll(() => memory.isWatched, { timeout: 10_000 }).toBe(true);
    const before = told.length;
    const writer = new PostgresProcess({
      url: database.url,
      schema: 'memoryos',
      user: 'alice',
      name: 'w',
      migrates: false,
    });
    await writer.ready;
    await expect.poll(() => told.length, { timeout: 10_000 }).toBeGreaterThan(before);
    await writer.kill();
    expect(new Set(told)).toEqual(new Set(['reloaded']));
    // The memory's own change is reported once, with its kind.
    await memory.read({ counts: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    told.length = 0;
    await memory.transact({}, () => [added(makePage('own'))]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toEqual(['operations']);
    // A transaction that is rolled back sends no notice; one of another user or schema is not received.
    await database.run(`begin; select pg_notify('memoryos', '["memoryos","alice",99]'); rollback`);
    await database.run(`select pg_notify('memoryos', '["other","alice",99]')`);
    await database.run(`select pg_notify('memoryos', '["memoryos","bob",99]')`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toEqual(['operations']);
  });

  it('do not delay work on changes that were not seen', async () => {
    const { memory } = await listening(storeAt(database.url));
    await expect.poll(() => memory.isWatched, { timeout: 10_000 }).toBe(true);
    const other = storeAt(database.url);
    const second = await other.open(alice);
    await second.transact({}, () => [added(makePage('waits'))]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The change was announced and not read, so the memory stays due.
    await memory.rest(null);
    expect(await other.due(Date.now() + 60_000, 9)).toEqual([alice]);
  });

  it('are not relied on while none arrive, and everything is checked when they arrive again', async () => {
    const way = await proxy();
    way.isDeaf = true;
    const store = storeAt(way.url);
    const { memory, told } = await listening(store);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(memory.isWatched).toBe(false);
    const other = await storeAt(database.url).open(alice);
    await other.transact({}, () => [added(makePage('one'))]);
    expect(told).toEqual([]);
    // A check finds the change.
    await memory.read({ counts: true });
    expect(told).toEqual(['reloaded']);
    await other.transact({}, () => [added(makePage('two'))]);
    way.isDeaf = false;
    await expect.poll(() => memory.isWatched, { timeout: 20_000 }).toBe(true);
    await expect.poll(() => told).toEqual(['reloaded', 'reloaded']);
    way.cut();
    await expect.poll(() => memory.isWatched).toBe(false);
    await other.transact({}, () => [added(makePage('three'))]);
    await expect.poll(() => memory.isWatched, { timeout: 20_000 }).toBe(true);
    await expect.poll(() => told).toEqual(['reloaded', 'reloaded', 'reloaded']);
  });

  it('reach listeners of a closed memory without polling', async () => {
    const store = storeAt(database.url);
    const memory = await store.open(alice);
    await memory.close();
    const user = new PooledUser(alice);
    let heard = 0;
    user.listeners.add(() => {
      heard += 1;
    });
    user.closed({ position: memory.position } as never);
    let checks = 0;
    const positionOf = (userId: typeof alice) => {
      checks += 1;
      return store.positionOf(userId);
    };
    const watch = async (listener: Parameters<PostgresStore['watch']>[0]) => store.watch(listener);
    const stop = followClosed([user], { positionOf, watch, checkEveryMs: 20, report: () => undefined });
    const notices = store.watch(() => undefined);
    await expect.poll(() => notices.isLive, { timeout: 10_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = checks;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(checks).toBe(before);
    const other = await storeAt(database.url).open(alice);
    await other.transact({}, () => [added(makePage('heard'))]);
    await expect.poll(() => heard).toBe(1);
    expect(checks).toBe(before + 1);
    stop();
  });
});
