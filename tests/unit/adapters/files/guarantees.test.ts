import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, nodeFiles } from '../../../../src/lib/io/files.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { added, makeHead, makePage, put } from '../../../support/records.js';
import { storesOnFiles } from '../../../support/stores-on-files.js';
import { gate, watched } from '../../../support/watched-files.js';

const place = storesOnFiles();
const open = (files: Files, takeOverAfterMs = 60_000, lockWaitMs = 10_000) =>
  place.open({ files, takeOverAfterMs, lockWaitMs });

const isLog = (path: string) => /journal\.\d+\.jsonl$/.test(path);
const texts = ({ state }: UserStore) => state.shortTerm.map((page) => page.user_input);

describe('the lane of a process', () => {
  it('serves a reader after the running and the next transaction, however many adds follow', async () => {
    const store = await open(nodeFiles);
    let stored = 0;
    let isOver = false;
    const adding = (async () => {
      while (!isOver) {
        await store.transact(() => [added(makePage(`${stored}`))]);
        stored += 1;
      }
    })();
    // Background work that commits during the adds.
    for (let count = 0; count < 40; count += 1) await store.transact(() => []);
    const before = stored;
    await store.refresh();
    const meanwhile = stored - before;
    isOver = true;
    await adding;
    expect(meanwhile).toBeLessThanOrEqual(2);
  });
});

describe('the lock', () => {
  it('is held by the writer alone whenever something is written to the log', async () => {
    const strangers: string[] = [];
    const makers = new Map<string, number>();
    const filesOf = (index: number) =>
      watched(
        (kind, path) => {
          if (kind !== 'write' || !isLog(path)) return;
          const epoch = /journal\.(\d+)/.exec(path)?.[1];
          if (makers.get(`lock.${epoch}.0`) !== index) strangers.push(`${index} in ${path}`);
        },
        {
          claim: async (path: string, note: string) => {
            const made = await nodeFiles.claim(path, note);
            if (made) makers.set(path.split('/').at(-1) ?? '', index);
            return made;
          },
          remove: async (path: string) => {
            if (path.includes('lock.')) makers.delete(path.split('/').at(-1) ?? '');
            await nodeFiles.remove(path);
          },
        },
      );
    const writers = [await open(filesOf(0)), await open(filesOf(1)), await open(filesOf(2))];
    await Promise.all(
      writers.map(async (store, writer) => {
        for (let index = 0; index < 20; index += 1)
          await store.transact(() => [added(makePage(`${writer}:${index}`))]);
      }),
    );
    expect(strangers).toEqual([]);
    for (const store of writers) await store.refresh();
    const [found, ...same] = writers.map(texts);
    expect(new Set(found).size).toBe(60);
    expect(same).toEqual([found, found]);
  });

  it('is given to waiting processes in the order of their arrival', async () => {
    const doors = gate();
    const first = await open(
      watched((kind, path) => (kind === 'sync' && isLog(path) ? doors.through() : undefined)),
    );
    const others = [await open(nodeFiles), await open(nodeFiles)];
    const queued = () =>
      readdirSync(place.user).includes('queue') ? readdirSync(join(place.user, 'queue')).length : 0;
    const until = async (count: number) => {
      while (queued() < count) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    let inOrder = 0;
    const rounds = 12;
    for (let round = 0; round < rounds; round += 1) {
      doors.close();
      const done = [first.transact(() => [added(makePage('holds'))])];
      await doors.reached;
      const order = round % 2 === 0 ? [0, 1] : [1, 0];
      for (const [position, index] of order.entries()) {
        const store = others[index];
        if (store !== undefined)
          done.push(store.transact(() => [added(makePage(`${round} place ${position}`))]));
        await until(position + 1);
        // The order of arrival is known to the millisecond.
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      doors.open();
      await Promise.all(done);
      await first.refresh();
      if (texts(first).at(-2) === `${round} place 0`) inOrder += 1;
    }
    // A process that does not take the lock in its turn is skipped; a slow machine may cause this once.
    expect(inOrder).toBeGreaterThanOrEqual(rounds - 2);
  });

  it('is waited for at most a limited time; the error names the holder, and nothing is stored', async () => {
    const doors = gate();
    const owner = await open(
      watched((kind, path) => (kind === 'sync' && isLog(path) ? doors.through() : undefined)),
    );
    const waiting = await open(nodeFiles, 60_000, 150);
    doors.close();
    const held = owner.transact(() => [added(makePage('held'))]);
    await doors.reached;
    await expect(waiting.transact(() => [added(makePage('refused'))])).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: `users/alice was in use by process ${process.pid} for 150 ms. Nothing was stored; try again, and if this continues, stop other servers on this folder.`,
    });
    expect(readdirSync(join(place.user, 'queue'))).toEqual([]);
    doors.open();
    await held;
    await waiting.transact(() => [added(makePage('again'))]);
    expect(texts(await open(nodeFiles))).toEqual(['held', 'again']);
  });

  it('is left to a waiting process by a process that has just held it, in both directions', async () => {
    const [busy, modest] = [await open(nodeFiles), await open(nodeFiles)];
    let done = false;
    let meanwhile = 0;
    const hammering = (async () => {
      while (!done) {
        await busy.transact(() => [added(makePage('one of many'))]);
        meanwhile += 1;
      }
    })();
    for (let round = 0; round < 20; round += 1) await modest.transact(() => [added(makePage('waits'))]);
    done = true;
    await hammering;
    expect(meanwhile).toBeGreaterThan(5);
  });

  it('of a suspended owner is taken over by closing its log: what it writes later counts once or not at all', async () => {
    for (const asleepBefore of ['write', 'sync'] as const) {
      const doors = gate();
      const sleeper = await open(
        watched((kind, path) => (kind === asleepBefore && isLog(path) ? doors.through() : undefined)),
      );
      doors.close();
      const slept = sleeper.transact(() => [added(makePage(`slept before ${asleepBefore}`))]);
      await doors.reached;
      const other = await open(nodeFiles, 20);
      await other.transact(() => [added(makePage(`meanwhile ${asleepBefore}`))]);
      doors.open();
      await slept;
      await other.transact(() => [added(makePage(`afterwards ${asleepBefore}`))]);
      await sleeper.refresh();
      const again = await open(nodeFiles);
      const expected = [
        `slept before ${asleepBefore}`,
        `meanwhile ${asleepBefore}`,
        `afterwards ${asleepBefore}`,
      ];
      for (const store of [sleeper, other, again]) {
        expect(
          texts(store)
            .filter((text) => text.endsWith(asleepBefore))
            .sort(),
        ).toEqual(expected.sort());
        expect(store.notices).toEqual([]);
      }
    }
  });
});

describe('an acknowledgement', () => {
  it('comes after the line is synced to the log, and after evicted pages are synced to the archive', async () => {
    const dirty = new Set<string>();
    const unsyncedBeforeLog: string[] = [];
    const files = watched((kind, path) => {
      if (kind === 'sync') dirty.delete(path);
      if (kind === 'write') {
        if (isLog(path)) unsyncedBeforeLog.push(...[...dirty].filter((one) => one.includes('archive')));
        // The acknowledgement does not depend on other files.
        if (isLog(path) || path.includes('archive')) dirty.add(path);
      }
    });
    const store = await open(files);
    const log = () => readFileSync(join(place.user, 'journal.1.jsonl'), 'utf8');
    const head = makeHead('one');
    for (let index = 0; index < 3; index += 1) {
      const page = makePage(`page ${index}`);
      await store.transact(() => [added(page)]);
      expect([log().includes(page.id), [...dirty]]).toEqual([true, []]);
    }
    await store.transact(() => [put(head), added(makePage('evicted'), head.id)]);
    await store.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
    expect([unsyncedBeforeLog, [...dirty]]).toEqual([[], []]);
  });
});

describe('a line of another history', () => {
  it('is reported, even if its number fits', async () => {
    const store = await open(nodeFiles);
    const path = join(place.user, 'journal.1.jsonl');
    await store.transact(() => [added(makePage('first'))]);
    const before = readFileSync(path);
    await store.transact(() => [added(makePage('second'))]);
    await store.transact(() => [added(makePage('third'))]);
    const third = readFileSync(path, 'utf8').split('\n').at(-2) ?? '';
    writeFileSync(path, before);
    // The mark would reveal the removed lines.
    rmSync(join(place.user, 'log.mark'));
    const other = await open(nodeFiles);
    await other.transact(() => [added(makePage('another second'))]);
    writeFileSync(path, `${readFileSync(path, 'utf8')}${third}\n`);
    const reader = await open(nodeFiles);
    expect(reader.notices).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/does not continue/) },
    ]);
    place.abandon(store, other);
  });
});

describe('vectors saved by a process that has not noticed the removal of their segment', () => {
  it('are removed alone, because the eviction may turn out not to count', async () => {
    const [store, late] = [await open(nodeFiles), await open(nodeFiles)];
    const head = makeHead('baking');
    const page = makePage('The bread needs more rye flour');
    await store.transact(() => [put(head), added(page, head.id)]);
    await store.checkpoint();
    await late.refresh();
    await store.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
    await late.saveVectors(head.id, {
      model: 'test',
      dimensions: 1,
      summary: null,
      pages: new Map([[page.id, Float32Array.of(1)]]),
      pieces: new Map(),
    });
    const names = readdirSync(join(place.user, 'mid_term', head.id));
    expect(names).toEqual([expect.stringMatching(/^segment\.\d+-\d+\.json$/)]);
  });
});

describe('a line that could be neither stored nor undone', () => {
  /** While this fails, appended lines cannot be synced, and no log can be begun or truncated. */
  function failingFiles(): { files: Files; failing: boolean } {
    const place = { files: nodeFiles, failing: false };
    const fail = () => {
      if (place.failing) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    };
    place.files = {
      ...nodeFiles,
      async open(path, mode) {
        if (mode !== 'extend' && mode !== 'read') fail();
        const file = await nodeFiles.open(path, mode);
        return {
          ...file,
          sync: async () => {
            fail();
            await file.sync();
          },
        };
      },
    };
    return place;
  }

  it.each([
    ['and the log goes on', false],
    ['and the log is sealed without a next one', true],
  ])('does not remove lines acknowledged after it: %s', async (_, sealed) => {
    const disk = failingFiles();
    const [one, other] = [await open(disk.files), await open(nodeFiles)];
    const add = (store: UserStore, text: string) =>
      store.transact(() => [{ op: 'page_added', page: makePage(text), segment_id: null }]);
    await add(one, 'before');
    disk.failing = true;
    await expect(add(one, 'doubtful')).rejects.toMatchObject({ code: 'STORE_IO' });
    await add(other, 'acknowledged');
    if (sealed) {
      const [log] = readdirSync(place.user).filter((name) => isLog(name));
      const path = join(place.user, log ?? '');
      await nodeFiles.rename(path, path.replace('.jsonl', '.sealed.jsonl'));
    }
    disk.failing = false;
    await add(one, 'after');
    const fresh = await open(nodeFiles);
    expect(texts(fresh).filter((text) => text !== 'doubtful')).toEqual(['before', 'acknowledged', 'after']);
    await other.refresh();
    expect(texts(other)).toEqual(texts(fresh));
    expect(fresh.notices).toEqual([]);
  });
});

describe('the log', () => {
  it('is closed when it has grown, even under constant load', async () => {
    const store = await open(nodeFiles);
    const epoch = () => store.position.split(':')[0];
    const first = epoch();
    const head = makeHead('topic');
    for (let index = 0; index < 40; index += 1) {
      await store.transact(() => [put({ ...head, theme: `topic ${index}` })]);
      await store.transact(() => [added(makePage('x'.repeat(64 * 1024)), head.id)]);
    }
    await expect.poll(epoch).not.toBe(first);
  });
});

describe('vectors saved while another process removes their segment', () => {
  it('are dropped without an error', async () => {
    const head = makeHead('gone');
    const page = makePage('in it');
    let remove: (() => Promise<void>) | null = null;
    const files: Files = {
      ...nodeFiles,
      async open(path, mode) {
        if (mode === 'create' && path.includes('index.pb')) {
          const job = remove;
          remove = null;
          await job?.();
        }
        return nodeFiles.open(path, mode);
      },
    };
    const store = await open(files);
    const other = await open(nodeFiles);
    await store.transact(() => [put(head), added(page, head.id)]);
    await store.checkpoint();
    const folder = join(place.user, 'mid_term', head.id);
    remove = async () => {
      await other.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
      rmSync(folder, { recursive: true });
    };
    await store.saveVectors(head.id, {
      model: 'test',
      dimensions: 2,
      summary: null,
      pages: new Map([[page.id, Float32Array.of(1, 0)]]),
      pieces: new Map(),
    });
    expect(store.state.segments.has(head.id)).toBe(false);
  });

  it('are saved again when only their folder was missing', async () => {
    const head = makeHead('here');
    const page = makePage('in it');
    let once = true;
    const files: Files = {
      ...nodeFiles,
      async open(path, mode) {
        if (once && mode === 'create' && path.includes('index.pb')) {
          once = false;
          throw Object.assign(new Error('ENOENT'), { code: 'ENOENT', path });
        }
        return nodeFiles.open(path, mode);
      },
    };
    const store = await open(files);
    await store.transact(() => [put(head), added(page, head.id)]);
    const vectors = {
      model: 'test',
      dimensions: 2,
      summary: null,
      pages: new Map([[page.id, Float32Array.of(1, 0)]]),
      pieces: new Map(),
    };
    await store.saveVectors(head.id, vectors);
    expect((await store.loadVectors(head.id))?.pages.size).toBe(1);
  });
});
