import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { heldStore } from '../../../../src/adapters/held/held-memory.js';
import { acceptUser } from '../../../../src/app/check-memories.js';
import {
  backupsHolding,
  dropUnfinishedBackups,
  listBackups,
  makeBackup,
  pruneBackups,
} from '../../../../src/app/transfer/backups.js';
import { startDailyBackups } from '../../../../src/app/transfer/daily-backups.js';
import { restoreBackup } from '../../../../src/app/transfer/restore.js';
import { exportTo } from '../../../../src/app/transfer/transfer.js';
import { openTransfer, writeTransfer } from '../../../../src/app/transfer/transfer-files.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { MemoryStore, UserStore } from '../../../../src/ports/memory-store.js';
import type { ArchiveEntry } from '../../../../src/ports/store.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { faultyFiles } from '../../../support/faulty-files.js';
import { makeFolder } from '../../../support/folders.js';
import { fillMemory, fillSegments } from '../../../support/full-memory.js';
import { stored } from '../../../support/on-store.js';
import { added, makeHead, makePage, put } from '../../../support/records.js';

const alice = toUserId('alice');
const dayMs = 86_400_000;
let nowMs: number;
const clock = { now: () => nowMs };

let folder: string;
let backups: string;
let remove: () => Promise<void>;
const stores: UserStore[] = [];

beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T09:30:00.123Z');
  ({ folder, remove } = await makeFolder());
  backups = join(folder, 'backups');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await remove();
});

const memories = () => createFileStore({ dataDir: folder });

async function open(user = alice): Promise<UserStore> {
  const store = await memories().open(user);
  stores.push(store);
  return store;
}

async function full(user = alice): Promise<UserStore> {
  const store = await open(user);
  await fillMemory(store);
  return store;
}

async function everything(store: UserStore): Promise<unknown> {
  await store.refresh();
  const archive: ArchiveEntry[] = [];
  for await (const entry of store.readArchive()) archive.push(entry);
  // Segments and facts each keep their order.
  const [segments, facts] = ['segment', 'fact'].map((kind) => archive.filter((entry) => entry.kind === kind));
  return structuredClone([snapshot(store.state), segments, facts]);
}

const make = (store: UserStore, kind: 'asked' | 'daily' = 'asked') =>
  makeBackup(stored(store), { folder: backups, kind, clock });

describe('a backup', () => {
  it('contains everything, and restores it into an empty memory', async () => {
    const store = await full();
    const expected = await everything(store);
    const made = await make(store);
    expect(basename(made.path)).toBe('alice.2026-03-01T09-30-00-123Z.jsonl.gz');
    expect(made.pages).toBe(8);
    await rm(join(folder, 'users'), { recursive: true });
    const restored = await restoreBackup(heldStore(memories()), made.path, {
      replace: false,
      folder: backups,
      clock,
    });
    expect(restored).toMatchObject({ userId: 'alice', before: null, counts: { pages: 8, facts: 5 } });
    expect(await everything(await open())).toEqual(expected);
  });

  it('does not exist when it could not be written or differs from what was written', async () => {
    const store = await full();
    await fillSegments(store, 2, 50);
    for (const kind of ['open', 'write', 'sync', 'rename'] as const) {
      const files = faultyFiles((step) => (step.kind === kind ? { code: 'ENOSPC' } : null));
      const job = makeBackup(stored(store), { folder: backups, kind: 'asked', clock, files });
      await expect(job).rejects.toMatchObject({
        code: 'STORE_IO',
        message: expect.stringContaining('alice'),
      });
      expect(existsSync(backups) ? readdirSync(backups) : []).toEqual([]);
    }
    const files = faultyFiles(() => null);
    const lying = {
      ...files,
      async rename(from: string, to: string) {
        writeFileSync(
          from,
          gzipSync(gunzipSync(readFileSync(from)).toString().replace('tomatoes', 'potatoes')),
        );
        await files.rename(from, to);
      },
    };
    const job = makeBackup(stored(store), { folder: backups, kind: 'asked', clock, files: lying });
    await expect(job).rejects.toThrow(/does not contain what was written/);
    expect(readdirSync(backups)).toEqual([]);
  });

  it('is a snapshot, while others continue writing', async () => {
    const store = await full();
    await fillSegments(store, 20, 20);
    const writer = await open();
    const written: string[] = [];
    let writing = true;
    const others = (async () => {
      while (writing) {
        const page = makePage('meanwhile');
        written.push(page.id);
        await writer.transact(() => [added(page)]);
      }
    })();
    const made = await make(store);
    writing = false;
    await others;
    const bob = await open(toUserId('bob'));
    await restoreBackup(heldStore(memories()), made.path, {
      userId: bob.userId,
      replace: false,
      folder: backups,
      clock,
    });
    await bob.refresh();
    const inBackup = bob.state.shortTerm.filter((page) => page.user_input === 'meanwhile');
    expect(inBackup.map(({ id }) => id)).toEqual(written.slice(0, inBackup.length));
    expect(bob.state.segments).toEqual(store.state.segments);
    expect(made.pages).toBe(8 + 20 * 20 + inBackup.length);
  });

  it('belongs to one user, and older ones of its kind are deleted', async () => {
    const store = await full();
    const other = await full(toUserId('Alice.x'));
    const paths: string[] = [];
    for (let day = 0; day < 4; day += 1) {
      paths.push((await make(store)).path);
      await make(other);
      nowMs += dayMs;
    }
    const daily = await make(store, 'daily');
    expect((await listBackups(backups, alice)).map(({ path }) => path)).toEqual([
      daily.path,
      ...paths.toReversed(),
    ]);
    expect(await pruneBackups(backups, alice, 'asked', { keep: 2, clock })).toEqual([paths[1], paths[0]]);
    expect((await listBackups(backups, alice)).map(({ kind }) => kind)).toEqual(['daily', 'asked', 'asked']);
    expect(await listBackups(backups, toUserId('Alice.x'))).toHaveLength(4);
  });

  it('removes files left by a killed process a day ago, and nothing newer', async () => {
    const store = await full();
    const leftover = (user: string, day: string, ageMs: number) => {
      const name = `${user}.2026-03-${day}T09-30-00-123Z.daily.jsonl.gz.0123456789ab.tmp`;
      writeFileSync(join(backups, name), 'half');
      utimesSync(join(backups, name), new Date(), new Date(Date.now() - ageMs));
      return name;
    };
    nowMs = Date.now();
    mkdirSync(backups);
    leftover('alice', '01', 2 * dayMs);
    const young = leftover('alice', '02', dayMs / 2);
    const others = leftover('alice.x', '01', 2 * dayMs);
    writeFileSync(join(backups, 'notes.tmp'), 'mine');
    await make(store);
    const left = () => readdirSync(backups).filter((name) => name.endsWith('.tmp'));
    expect(left().sort()).toEqual([young, others, 'notes.tmp'].sort());
    // It may contain forgotten text, so it is deleted at any age.
    expect(await backupsHolding(folder, alice, new Set(['pg_none']))).toEqual([join('backups', young)]);
    await dropUnfinishedBackups(folder, alice);
    expect(left().sort()).toEqual([others, 'notes.tmp'].sort());
    expect(await backupsHolding(folder, alice, new Set(['pg_none']))).toEqual([]);
  });

  it('is refused for a memory with losses, with a message, until a person accepts them', async () => {
    const store = await full();
    await make(store);
    await store.close();
    rmSync(join(folder, 'users', 'alice', 'archive.jsonl'));
    const again = await open();
    nowMs += dayMs;
    const told: string[] = [];
    const report = (level: string, message: string) => void told.push(`${level}: ${message}`);
    const daily = startDailyBackups(stored(again), { folder: backups, keep: 1, clock, report });
    await daily.run();
    await daily.close();
    expect(told).toMatchObject([expect.stringMatching(/^error: .*is incomplete.*archive\.jsonl is missing/)]);
    const refused = {
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/is incomplete.*doctor --accept/),
    };
    await expect(make(again)).rejects.toMatchObject(refused);
    const target = join(folder, 'export.jsonl');
    const exporting = exportTo(stored(again), target, { gzip: false, force: false, clock });
    await expect(exporting).rejects.toMatchObject(refused);
    expect([existsSync(target), readdirSync(backups).length]).toEqual([false, 1]);
    await again.close();
    await acceptUser(folder, alice);
    await make(await open());
    expect(readdirSync(backups)).toHaveLength(2);
  });

  it('is refused when pages are missing that nobody has noticed yet', async () => {
    const store = await full();
    const path = join(folder, 'users', 'alice', 'archive.jsonl');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${'x'.repeat(text.length - 1)}\n`);
    await expect(make(store)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/2 of its 8 pages are missing/),
    });
    expect(readdirSync(backups)).toEqual([]);
  });

  it('of a memory with losses is made before a restore', async () => {
    const store = await full();
    const good = await make(store);
    await store.close();
    rmSync(join(folder, 'users', 'alice', 'archive.jsonl'));
    nowMs += 1;
    const restored = await restoreBackup(heldStore(memories()), good.path, {
      replace: true,
      folder: backups,
      clock,
    });
    expect(restored.counts.pages).toBe(8);
    const again = await open();
    expect([again.state.losses, again.state.archivedPages]).toEqual([[], 2]);
    await make(again);
  });

  it('that is the last complete one is never deleted', async () => {
    const store = await full();
    const paths: string[] = [];
    for (let day = 0; day < 4; day += 1) {
      await store.transact(() => [added(makePage(`day ${day}`))]);
      paths.push((await make(store)).path);
      nowMs += dayMs;
    }
    const [first = '', second = '', third = '', fourth = ''] = paths;
    for (const path of [third, fourth]) writeFileSync(path, readFileSync(path).subarray(0, 200));
    expect(await pruneBackups(backups, alice, 'asked', { keep: 2, clock })).toEqual([first]);
    expect((await listBackups(backups, alice)).map(({ path }) => path)).toEqual([fourth, third, second]);
  });

  it('of a memory with more transactions is not displaced by those of a restarted one', async () => {
    const store = await full();
    for (let index = 0; index < 9; index += 1) await store.transact(() => [added(makePage(`page ${index}`))]);
    const older = await make(store);
    nowMs += dayMs;
    await store.transact(() => [added(makePage('last'))]);
    const whole = await make(store);
    await store.close();
    await rm(join(folder, 'users'), { recursive: true });
    const anew = await open();
    const made: string[] = [];
    for (let day = 0; day < 3; day += 1) {
      nowMs += dayMs;
      await anew.transact(() => [added(makePage(`day ${day}`))]);
      made.unshift((await make(anew)).path);
    }
    expect(await pruneBackups(backups, alice, 'asked', { keep: 2, clock })).toEqual([made[2], older.path]);
    expect((await listBackups(backups, alice)).map(({ path }) => path)).toEqual([
      made[0],
      made[1],
      whole.path,
    ]);
  });

  it('is found by its content; an unreadable one counts as containing it', async () => {
    const store = await full();
    const before = await make(store);
    const page = makePage('new');
    await store.transact(() => [added(page)]);
    nowMs += 1;
    const after = await make(store);
    const holding = () => backupsHolding(folder, alice, new Set([page.id]));
    expect(await holding()).toEqual([join('backups', basename(after.path))]);
    writeFileSync(before.path, readFileSync(before.path).subarray(0, 100));
    expect(await holding()).toHaveLength(2);
  });
});

describe('restoring', () => {
  it('refuses to replace a memory unless requested, and then changes nothing', async () => {
    const store = await full();
    const made = await make(store);
    await store.transact(() => [added(makePage('since'))]);
    const before = await everything(store);
    const job = restoreBackup(heldStore(memories()), made.path, { replace: false, folder: backups, clock });
    await expect(job).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('--replace'),
    });
    expect(await everything(store)).toEqual(before);
    expect(readdirSync(backups)).toHaveLength(1);
  });

  it('replaces everything, after a backup of the present memory that can be restored', async () => {
    const store = await full();
    const old = await everything(store);
    const first = await make(store);
    const head = makeHead('since');
    await store.transact((state) => [
      put(head),
      added(makePage('since'), head.id),
      added(makePage('and since')),
      ...[...state.segments.keys()].map((id) => ({ op: 'segment_archived' as const, segment_id: id })),
    ]);
    const newer = await everything(store);
    nowMs += 1;
    const told: string[] = [];
    const options = {
      replace: true,
      folder: backups,
      clock,
      onBackup: (path: string) => void told.push(path),
    };
    const restored = await restoreBackup(heldStore(memories()), first.path, options);
    expect(await everything(store)).toEqual(old);
    expect(told).toEqual([restored.before]);
    expect(basename(told[0] ?? '')).toContain('before-restore');
    nowMs += 1;
    await restoreBackup(heldStore(memories()), told[0] ?? '', options);
    expect(JSON.stringify(await everything(store))).toBe(JSON.stringify(newer));
  });

  it('keeps what others add meanwhile', async () => {
    const store = await full();
    const made = await make(store);
    const meanwhile = makePage('meanwhile');
    const files = memories();
    const busy: MemoryStore = {
      ...files,
      async open(user) {
        const opened = await files.open(user);
        const adding = store.transact.bind(store, () => [added(meanwhile)]);
        const usual = opened.transact.bind(opened);
        let first = true;
        const transact: UserStore['transact'] = async (decide) => {
          if (first) await adding();
          first = false;
          return usual(decide);
        };
        return Object.assign(opened, { transact });
      },
    };
    await restoreBackup(heldStore(busy), made.path, { replace: true, folder: backups, clock });
    await store.refresh();
    expect(store.state.shortTerm.filter((page) => page.id === meanwhile.id)).toHaveLength(1);
    expect(store.state.shortTerm).toHaveLength(3);
  });

  it('restores into the memory of another user', async () => {
    const store = await full();
    const expected = await everything(store);
    const made = await make(store);
    const bob = toUserId('bob');
    await restoreBackup(heldStore(memories()), made.path, {
      userId: bob,
      replace: false,
      folder: backups,
      clock,
    });
    expect(await everything(await open(bob))).toEqual(expected);
  });

  it('refuses a damaged, truncated or foreign file before anything is changed', async () => {
    const store = await full();
    const made = await make(store);
    const before = await everything(store);
    const data = readFileSync(made.path);
    const text = gunzipSync(data).toString();
    const damaged: [string, Buffer, RegExp][] = [
      ['cut.gz', data.subarray(0, data.length - 20), /damaged/],
      [
        'flipped.gz',
        Buffer.concat([data.subarray(0, 200), Buffer.from([1, 2, 3]), data.subarray(203)]),
        /damaged/,
      ],
      ['line', Buffer.from(text.replace('"user_input"', '"input"')), /line 3: /],
      ['end', Buffer.from(text.slice(0, text.lastIndexOf('{"kind":"end"'))), /is truncated/],
      ['binary', Buffer.from([0, 255, 10, 254]), /is not an export/],
      ['empty', Buffer.alloc(0), /is not an export/],
    ];
    for (const [name, content, message] of damaged) {
      const path = join(folder, name);
      writeFileSync(path, content);
      const job = restoreBackup(heldStore(memories()), path, { replace: true, folder: backups, clock });
      await expect(job, name).rejects.toThrow(message);
      await expect(job, name).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    }
    const missing = restoreBackup(heldStore(memories()), join(folder, 'no'), {
      replace: true,
      folder: backups,
      clock,
    });
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await everything(store)).toEqual(before);
    expect(readdirSync(backups)).toHaveLength(1);
  });
});

describe('daily backups', () => {
  const start = (store: UserStore, keep = 2) =>
    startDailyBackups(stored(store), { folder: backups, keep, clock, report: () => undefined });

  it('are made once a day, keep the newest few, and drop copies of an unchanged memory', async () => {
    const store = await full();
    const daily = start(store);
    const count = async () => (await listBackups(backups, alice)).length;
    await daily.run();
    await daily.run();
    expect(await count()).toBe(1);
    for (let day = 1; day <= 3; day += 1) {
      nowMs += dayMs;
      await daily.run();
      expect(await count()).toBe(1);
    }
    for (let day = 1; day <= 3; day += 1) {
      nowMs += dayMs;
      await store.transact(() => [added(makePage(`day ${day}`))]);
      await daily.run();
    }
    expect(await count()).toBe(2);
    await daily.close();
  });

  it('continue when some are dated in the future; those stay and are reported', async () => {
    const store = await full();
    const told: string[] = [];
    const report = (level: string, message: string) => void (level === 'warning' && told.push(message));
    const daily = startDailyBackups(stored(store), { folder: backups, keep: 2, clock, report });
    const ahead: string[] = [];
    nowMs += 1000 * dayMs;
    for (let day = 0; day < 3; day += 1) {
      nowMs += dayMs;
      ahead.unshift((await make(store, 'daily')).path);
    }
    nowMs -= 1003 * dayMs;
    for (let day = 0; day < 4; day += 1) {
      nowMs += dayMs;
      await store.transact(() => [added(makePage(`day ${day}`))]);
      await daily.run();
    }
    const paths = (await listBackups(backups, alice)).map(({ path }) => path);
    expect(paths.slice(0, 3)).toEqual(ahead);
    expect(paths.slice(3).map((path) => basename(path))).toEqual([
      'alice.2026-03-05T09-30-00-123Z.daily.jsonl.gz',
      'alice.2026-03-04T09-30-00-123Z.daily.jsonl.gz',
    ]);
    expect(told[0]).toMatch(/3 backups are dated in the future \(alice\.2028-/);
    await daily.close();
  });

  it('are made by one process at a time, not for an empty memory, and not when switched off', async () => {
    const empty = await open(toUserId('bob'));
    await start(empty).run();
    expect(existsSync(backups)).toBe(false);
    const store = await full();
    await start(store, 0).run();
    expect(existsSync(backups)).toBe(false);
    const others = [await open(), await open(), await open()];
    const late = (index: number) => ({ now: () => nowMs + index });
    const all = [store, ...others].map((one, index) =>
      startDailyBackups(stored(one), {
        folder: backups,
        keep: 9,
        clock: late(index),
        report: () => undefined,
      }),
    );
    await Promise.all(all.map((daily) => daily.run()));
    expect(readdirSync(backups)).toHaveLength(1);
  });

  it('are aborted when the memory is closed', async () => {
    const store = await full();
    await fillSegments(store, 30, 60);
    const daily = start(store);
    const running = daily.run();
    while (!existsSync(backups) || readdirSync(backups).length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await daily.close();
    await running;
    expect(readdirSync(backups)).toEqual([]);
  });

  it('report a failure and try again', async () => {
    const store = await full();
    writeFileSync(backups, 'a file where the folder should be');
    const said: string[] = [];
    const daily = startDailyBackups(stored(store), {
      folder: backups,
      keep: 2,
      clock,
      report: (_level, message) => void said.push(message),
    });
    await daily.run();
    expect(said).toEqual([expect.stringMatching(/daily backup failed/)]);
    await rm(backups);
    await daily.run();
    expect(readdirSync(backups)).toHaveLength(1);
    await daily.close();
  });
});

describe('transfer files', () => {
  it('are read in pieces of any size, and written with the digest of their lines', async () => {
    const path = join(folder, 'x.jsonl');
    async function* lines() {
      yield { first: true };
      for (let index = 0; index < 3000; index += 1) yield { index, text: 'ü'.repeat(index % 200) };
    }
    for (const gzip of [false, true]) {
      const { digest } = await writeTransfer(path, lines(), { gzip });
      const found: string[] = [];
      const source = await openTransfer(path);
      for await (const line of source.lines()) found.push(Buffer.from(line).toString());
      expect(found).toHaveLength(3001);
      expect(source.bytesRead()).toBe(source.bytesTotal);
      const rest = found.slice(1).map((line) => `${line}\n`);
      expect(createHash('sha256').update(rest.join('')).digest('hex')).toBe(digest);
    }
  });

  it('leave nothing behind when the lines end in an error', async () => {
    const path = join(folder, 'x.jsonl');
    async function* lines() {
      yield 1;
      throw new Error('no more');
    }
    await expect(writeTransfer(path, lines(), { gzip: true })).rejects.toMatchObject({ code: 'STORE_IO' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
