import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { heldStore } from '../../src/adapters/held/held-memory.js';
import { createPostgresStore, type PostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { createDatabaseTokenVerifier } from '../../src/app/tokens/database-tokens.js';
import { contentOf, differenceOf } from '../../src/engine/transfer/memory-content.js';
import { toUserId } from '../../src/model/ids.js';
import { tombstonesFor } from '../../src/model/tombstones.js';
import type { Store } from '../../src/ports/store.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { cliPath, plainEnv, runCli } from '../support/cli-process.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { makeFolder } from '../support/folders.js';
import { fillMemory, fillSegments } from '../support/full-memory.js';
import { added, makePage } from '../support/records.js';

describeWithDatabase('transfer to a database and back', (url) => {
  let database: EmptyDatabase;
  let place: Awaited<ReturnType<typeof makeFolder>>;
  let data: string;
  let stores: PostgresStore[] = [];

  beforeEach(async () => {
    database = await emptyDatabase(url);
    place = await makeFolder();
    data = path.join(place.folder, 'data');
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    stores = [];
    await place.remove();
    await database.drop();
  });

  const files = (folder = data) => heldStore(createFileStore({ dataDir: folder }));
  const inDatabase = () => {
    const store = createPostgresStore({ url: database.url, readTerms: createPageTerms() });
    stores.push(store);
    return store;
  };
  const cli = (...args: string[]) =>
    runCli(['--data', data, '--log-level', 'error', 'transfer', ...args], { cwd: place.folder });
  const outcomes = (stdout: string) =>
    Object.fromEntries(
      (JSON.parse(stdout).memories as { user_id: string; outcome: string }[]).map((one) => [
        one.user_id,
        one.outcome,
      ]),
    );

  async function told(user: string, segments: number): Promise<void> {
    const memory = await files().open(toUserId(user));
    await fillMemory(memory.held);
    await fillSegments(memory.held, segments, 60, 3);
    const gone = makePage('forgotten');
    await memory.transact({}, () =>
      tombstonesFor('a-key', { pages: [gone], facts: [], traits: [] }, '2026-05-01T00:00:00.000Z'),
    );
    await memory.close();
  }

  async function expectSame(user: string, one: Store, other: Store): Promise<void> {
    const a = await one.open(toUserId(user));
    const b = await other.open(toUserId(user));
    expect(differenceOf(await contentOf(a), await contentOf(b)), user).toBeNull();
    const everything = {
      counts: true,
      heads: 'all',
      everyPage: true,
      facts: 'all',
      profile: true,
    } as const;
    const plain = async (memory: typeof a) => {
      const { counts, ...found } = await memory.read({ ...everything, changes: true, lastMigrated: true });
      return { ...found, counts: { ...counts, seq: 0 } };
    };
    expect(await plain(b)).toEqual(await plain(a));
    await a.close();
    await b.close();
  }

  it('copies every memory there and back, and has nothing to do the second time', async () => {
    for (const [user, segments] of [
      ['alice', 7],
      ['bob', 0],
      ['Ünal ☺', 1],
    ] as const) {
      await told(user, segments);
    }
    const dry = await cli('--to', database.url, '--dry-run');
    expect(outcomes(dry.stdout)).toEqual({ alice: 'copied', bob: 'copied', 'Ünal ☺': 'copied' });
    expect(await database.run(`select 1 from pg_namespace where nspname = 'memoryos'`)).toEqual([]);

    const there = await cli('--to', database.url);
    expect(there).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(there.stdout).memories).toContainEqual({
      user_id: 'alice',
      outcome: 'copied',
      pages: 7 * 60 + 8,
      facts: 5,
      problem: null,
    });
    for (const user of ['alice', 'bob', 'Ünal ☺']) await expectSame(user, files(), inDatabase());
    // Pages that wait for analysis are due in the database.
    expect(await inDatabase().due(Date.now() + 60_000, 9)).toHaveLength(3);

    const again = await cli('--to', database.url);
    expect(outcomes(again.stdout)).toEqual({ alice: 'same', bob: 'same', 'Ünal ☺': 'same' });

    const home = path.join(place.folder, 'home');
    const back = await cli('--from', database.url, '--to', home);
    expect(back).toMatchObject({ code: 0, stderr: '' });
    for (const user of ['alice', 'bob', 'Ünal ☺']) await expectSame(user, files(), files(home));
  });

  it('copies the access tokens, and what was revoked since', async () => {
    await told('alice', 0);
    const token = (...args: string[]) =>
      runCli(['--data', data, '--log-level', 'error', 'token', ...args], { cwd: place.folder });
    const secret = (await token('create', '--user', 'alice')).stdout.trim();
    await token('create', '--user', 'bob');
    const tokens = async (...args: string[]) => JSON.parse((await cli(...args)).stdout).tokens;
    expect(await tokens('--to', database.url, '--user', 'alice')).toEqual({ copied: 0, old: 0 });
    expect(await tokens('--to', database.url)).toEqual({ copied: 2, old: 0 });
    const verifier = createDatabaseTokenVerifier(inDatabase().tokens);
    expect(await verifier.verify(secret)).toMatchObject({ userId: 'alice' });
    await token('revoke', secret.slice(4, 16));
    expect(await tokens('--to', database.url)).toEqual({ copied: 1, old: 0 });
    expect(await verifier.verify(secret)).toBeNull();
    expect(await tokens('--to', database.url)).toEqual({ copied: 0, old: 0 });
  });

  it('continues after it was killed', async () => {
    await told('alice', 20);
    const total = 20 * 60 + 8;
    const child = spawn(process.execPath, [cliPath, '--data', data, 'transfer', '--to', database.url], {
      env: plainEnv(),
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const stored = async () => {
      const rows = await database
        .run(`select count(*)::int as pages from memoryos.pages where user_id = 'alice'`)
        .catch(() => []);
      return Number(rows[0]?.pages ?? 0);
    };
    await expect.poll(stored, { interval: 5, timeout: 30_000 }).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await ended;
    expect(await stored()).toBeLessThan(total);
    const { code, stdout } = await cli('--to', database.url);
    expect({ code, outcomes: outcomes(stdout) }).toEqual({ code: 0, outcomes: { alice: 'copied' } });
    await expectSame('alice', files(), inDatabase());
  });

  it('copies on a second run what was added to the source, and leaves additions to the target', async () => {
    await told('alice', 1);
    await told('bob', 1);
    await cli('--to', database.url);
    const alice = await files().open(toUserId('alice'));
    const { newest } = await alice.read({ newest: 1 });
    await alice.transact({}, () => [
      ...newest.map((page) => ({ op: 'page_forgotten' as const, page_id: page.id })),
      ...tombstonesFor('a-key', { pages: newest, facts: [], traits: [] }, '2026-05-01T00:00:00.000Z'),
      added(makePage('said since')),
    ]);
    await alice.close();
    const store = inDatabase();
    const bob = await store.open(toUserId('bob'));
    await bob.transact({}, () => [added(makePage('said at the target'))]);

    const { code, stdout } = await cli('--to', database.url);
    expect(code).toBe(1);
    expect(outcomes(stdout)).toEqual({ alice: 'copied', bob: 'failed' });
    expect(stdout).toMatch(/memory of bob with 1 pages and facts that the source does not have/);
    await expectSame('alice', files(), store);
    expect(JSON.stringify(await bob.read({ newest: 1 }))).toContain('said at the target');
    await bob.close();
    expect(outcomes((await cli('--user', 'alice', '--to', database.url)).stdout)).toEqual({
      alice: 'same',
    });
  });

  it('reports problems before anything is changed', async () => {
    await told('alice', 0);
    const says = async (code: number, message: RegExp, ...args: string[]) => {
      const ended = await cli(...args);
      expect(ended.stderr, args.join(' ')).toMatch(message);
      expect(ended.stderr).not.toContain('hush');
      expect(ended.code, args.join(' ')).toBe(code);
    };
    await says(65, /Name the target/);
    await says(65, /Source and target are the same/, '--to', data);
    await says(65, /--from and --to take a folder/, '--to', 'mysql://app:hush@host/name');
    await says(65, /The URL of the database is not valid/, '--to', 'postgres://app:hu#sh@host:port/name');
    await says(74, /No PostgreSQL answers at 127.0.0.1:1/, '--to', 'postgres://app:hush@127.0.0.1:1/name');
    await says(66, /There are no memories in the database/, '--from', database.url);
    await says(66, /There is no memory of nobody in the source/, '--user', 'nobody', '--to', database.url);
    await database.run(`drop schema if exists memoryos cascade; create schema memoryos;
        create table memoryos.schema_version (version int); insert into memoryos.schema_version values (999)`);
    await says(74, /Install the newer memoryos-mcp/, '--to', database.url);
  });
});
