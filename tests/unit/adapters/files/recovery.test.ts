import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { repairMemory, verifyMemory } from '../../../../src/adapters/files/recovery/verify.js';
import { sealLine } from '../../../../src/lib/io/checksum.js';
import { type Files, nodeFiles } from '../../../../src/lib/io/files.js';
import { applyOperation } from '../../../../src/model/apply-operation.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { added, makeHead, makePage, put } from '../../../support/records.js';
import { archivedIds, lifeOfAMemory, perform } from '../../../support/store-script.js';

const alice = toUserId('alice');
let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
let user: string;
beforeEach(async () => {
  place = await makeFolderInMemory();
  user = join(place.folder, 'users', 'alice');
});
afterEach(() => place.remove());

const open = () => createFileStore({ dataDir: place.folder, checkpointAfterMs: 1_000_000 }).open(alice);

const withoutLosses = ({ state }: UserStore) => snapshot({ ...state, losses: [] });

/** A memory with all tiers, either closed (`close`) or left with everything in the log. Returns its content. */
async function live(close: boolean) {
  const script = lifeOfAMemory();
  const store = await open();
  for (const act of script.acts) {
    if (!close && act.kind === 'checkpoint' && act !== script.acts[5]) continue;
    await perform(store, act);
  }
  const state = structuredClone(snapshot(store.state));
  const archive = await archivedIds(store);
  if (close) await store.close();
  return { state, archive };
}

const names = (folder = user) => readdirSync(folder);
const journal = () => join(user, names().find((name) => /^journal\.\d+\.jsonl$/.test(name)) ?? 'no journal');
const kept = (start: string, folder = user) =>
  names(folder).filter((name) => name.startsWith(`${start}.corrupt-`));
const segmentFolder = () => join(user, 'mid_term', names(join(user, 'mid_term'))[0] ?? '');
const segmentFile = () =>
  join(segmentFolder(), names(segmentFolder()).find((name) => /^segment\..*\d\.json$/.test(name)) ?? '');

function flip(path: string, at: (text: string) => number): void {
  const data = readFileSync(path);
  const index = at(data.toString('latin1'));
  data[index] = (data[index] ?? 0) ^ 1;
  writeFileSync(path, data);
}

describe('a damaged copy', () => {
  const damages: [string, (path: string) => void, RegExp][] = [
    ['empty', (path) => writeFileSync(path, ''), /is empty/],
    ['cut off', (path) => truncateSync(path, 90), /is not JSON \(line \d+, column \d+\)/],
    ['no JSON', (path) => writeFileSync(path, 'hello'), /is not JSON \(line 1, column \d+\)/],
    [
      'changed by hand',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"seq": ', '"seq": 1')),
      /changed from outside/,
    ],
  ];
  for (const name of ['short_term.json', 'long_term_user.json', 'assistants/helper.json']) {
    for (const [how, damage, message] of damages) {
      it(`${name}, ${how}: is kept, reported and written again`, async () => {
        const { state } = await live(true);
        damage(join(user, name));
        const before = readFileSync(join(user, name));
        const found = await verifyMemory(place.folder, alice);
        expect(found.defects).toMatchObject([{ level: 'warning', message: expect.stringMatching(message) }]);
        expect(readFileSync(join(user, name))).toEqual(before);
        const store = await open();
        expect(snapshot(store.state)).toEqual(state);
        expect(store.notices).toMatchObject([{ level: 'warning', message: expect.stringMatching(message) }]);
        await store.close();
        const [folder, file] = name.includes('/') ? [join(user, 'assistants'), 'helper.json'] : [user, name];
        expect(kept(file, folder)).toHaveLength(1);
        expect(readFileSync(join(folder, kept(file, folder)[0] ?? ''))).toEqual(before);
        expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
      });
    }
  }

  const unreadable: [string, (path: string) => void, RegExp][] = [
    ['a folder', (path) => mkdirSync(path), /cannot be read \(EISDIR\)/],
    ['a folder with something in it', (path) => mkdirSync(join(path, 'more'), { recursive: true }), /EISDIR/],
    ['a loop of links', (path) => symlinkSync(path, path), /cannot be read \(ELOOP\)/],
  ];
  for (const name of ['short_term.json', 'long_term_user.json', 'assistants/helper.json']) {
    for (const [how, replace, message] of unreadable) {
      it.skipIf(process.platform === 'win32')(
        `${name}, ${how}: stops nothing, is kept aside and written anew`,
        async () => {
          const { state } = await live(true);
          rmSync(join(user, name));
          replace(join(user, name));
          expect((await verifyMemory(place.folder, alice)).defects).toMatchObject([
            { level: 'warning', message: expect.stringMatching(message) },
          ]);
          const store = await open();
          expect(snapshot(store.state)).toEqual(state);
          await store.transact(() => [added(makePage('it goes on'))]);
          await store.close();
          expect(JSON.parse(readFileSync(join(user, name), 'utf8'))).toMatchObject({ user_id: 'alice' });
          expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
        },
      );
    }
  }

  it('that is a file in place of the folder of copies is moved aside and stops nothing', async () => {
    const { state } = await live(true);
    rmSync(join(user, 'assistants'), { recursive: true });
    writeFileSync(join(user, 'assistants'), 'a file');
    const store = await open();
    expect(snapshot(store.state)).toEqual(state);
    await store.close();
    expect(names(join(user, 'assistants'))).toEqual(['helper.json']);
  });

  it('that the disk cannot read stops nothing', async () => {
    const { state } = await live(true);
    for (const code of ['EIO', 'EACCES']) {
      const files: Files = {
        ...nodeFiles,
        open: (path, mode) =>
          mode === 'read' && /short_term\.json$|long_term_user\.json$|helper\.json$/.test(path)
            ? Promise.reject(Object.assign(new Error('no'), { code, path }))
            : nodeFiles.open(path, mode),
      };
      const store = await createFileStore({ dataDir: place.folder, files }).open(alice);
      expect(snapshot(store.state)).toEqual(state);
      await store.close();
    }
  });

  it('that is missing is written again', async () => {
    await live(true);
    rmSync(join(user, 'short_term.json'));
    await (await open()).close();
    expect(names()).toContain('short_term.json');
  });
});

describe('a damaged log', () => {
  it('loses only the damaged line, is kept and reported', async () => {
    const store = await open();
    const pages = Array.from({ length: 5 }, (_, index) => makePage(`page ${index}`));
    for (const page of pages) await store.transact(() => [added(page)]);
    flip(journal(), (text) => text.indexOf('page 2') + 2);
    const again = await open();
    expect(again.state.shortTerm.map((page) => page.user_input)).toEqual([
      'page 0',
      'page 1',
      'page 3',
      'page 4',
    ]);
    expect(again.notices).toMatchObject([
      { level: 'error', message: expect.stringMatching(/1 lines cannot be read/) },
    ]);
    expect(kept('journal.1.sealed.jsonl')).toHaveLength(1);
    await again.close();
    expect((await (await open()).state.shortTerm).length).toBe(4);
  });

  it('with an incomplete last line loses nothing acknowledged and reports nothing', async () => {
    const { state } = await live(false);
    writeFileSync(journal(), '{"kind":"transaction","seq":99,"id":"x', { flag: 'a' });
    const store = await open();
    expect(snapshot(store.state)).toEqual(state);
    expect(store.notices).toEqual([]);
    await store.transact(() => [added(makePage('after'))]);
    expect((await open()).state.shortTerm.at(-1)?.user_input).toBe('after');
  });

  it('with a damaged first line continues with the closed log before it and its own records', async () => {
    const { state, archive } = await live(true);
    const store = await open();
    const page = makePage('in the damaged log');
    await store.transact(() => [added(page)]);
    flip(journal(), (text) => text.indexOf('"last_migrated"') + 3);
    const again = await open();
    expect(again.state.shortTerm.at(-1)).toEqual(page);
    applyOperation(again.state, { op: 'page_forgotten', page_id: page.id });
    expect(withoutLosses(again)).toEqual(state);
    expect(await archivedIds(again)).toEqual(archive);
    expect(again.notices.map(({ level }) => level)).toContain('error');
  });

  it('that is missing is replaced from the other files', async () => {
    const { state, archive } = await live(true);
    for (const name of names()) if (name.startsWith('journal.')) rmSync(join(user, name));
    const store = await open();
    expect(withoutLosses(store)).toEqual(state);
    expect(await archivedIds(store)).toEqual(archive);
    expect(store.notices).toMatchObject([
      { level: 'error', message: expect.stringMatching(/commit log .* is missing/) },
    ]);
    await store.close();
    expect(await (await open()).notices).toEqual([]);
  });

  it('whose end is missing is completed from newer files', async () => {
    const { state } = await live(false);
    const store = await open();
    await store.checkpoint();
    await store.close();
    const newest = names()
      .filter((name) => /^journal\.\d+\.jsonl$/.test(name))
      .sort()
      .at(-1);
    rmSync(join(user, newest ?? ''));
    const again = await open();
    expect(withoutLosses(again)).toEqual(state);
    expect(again.notices).toMatchObject([
      { level: 'error', message: expect.stringMatching(/the commit log after/) },
    ]);
  });
});

describe('losses', () => {
  const ofSegments = ({ state }: UserStore) => state.losses.map(({ message }) => message);
  const newest = () => {
    const logs = names().filter((name) => /^journal\.\d+\.jsonl$/.test(name));
    return join(user, logs.sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1])).at(-1) ?? '');
  };

  /** A memory whose process was killed after these pages were acknowledged. Its log is as it was before the last. */
  async function killed() {
    const store = await open();
    for (let index = 0; index < 4; index += 1) await store.transact(() => [added(makePage(`page ${index}`))]);
    const before = readFileSync(newest());
    await store.transact(() => [added(makePage('page 4'))]);
    return before;
  }

  const losses: [string, (before: Buffer) => void, RegExp][] = [
    [
      'the newest log emptied',
      () => writeFileSync(newest(), ''),
      /commit log .* is missing.* 5 pages; .* 0 pages/,
    ],
    ['the newest log removed', () => rmSync(newest()), /commit log .* is missing.* 5 pages; .* 0 pages/],
    [
      'the last line cut off',
      (before) => writeFileSync(newest(), before),
      /the end of the commit log journal\.1 is missing.* 5 pages; .* 4 pages/,
    ],
    [
      'everything but the mark removed',
      () => {
        for (const name of names()) if (name !== 'log.mark') rmSync(join(user, name), { recursive: true });
      },
      /commit log .* is missing.* 5 pages; .* 0 pages/,
    ],
  ];
  for (const [what, lose, message] of losses) {
    it(`${what}: is reported at every opening and check until a person accepts it`, async () => {
      lose(await killed());
      const looked = await verifyMemory(place.folder, alice);
      expect(looked.defects).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
      for (let opening = 0; opening < 3; opening += 1) {
        const store = await open();
        expect(ofSegments(store)).toMatchObject([expect.stringMatching(message)]);
        if (opening === 1) await store.transact(() => [added(makePage('it goes on'))]);
        await store.close();
        expect((await verifyMemory(place.folder, alice)).defects).toMatchObject([
          { level: 'error', message: expect.stringMatching(message) },
        ]);
      }
      const store = await open();
      await store.transact(() => [{ op: 'losses_accepted' }]);
      await store.close();
      expect((await open()).state.losses).toEqual([]);
      expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
    });
  }

  const archives: [string, (path: string) => void][] = [
    ['missing', (path) => rmSync(path)],
    ['emptied', (path) => writeFileSync(path, '')],
    ['cut off', (path) => truncateSync(path, statSync(path).size - 100)],
  ];
  for (const [how, damage] of archives) {
    it(`an archive that is ${how}: is reported once at opening, until a person accepts it`, async () => {
      await live(true);
      damage(join(user, 'archive.jsonl'));
      for (let opening = 0; opening < 3; opening += 1) {
        const store = await open();
        expect(ofSegments(store)).toMatchObject([
          expect.stringMatching(
            /archive\.jsonl is missing, or shorter than it was\. It held \d+ evicted pages/,
          ),
        ]);
        await store.transact(() => [added(makePage('it goes on'))]);
        await store.close();
      }
    });
  }

  it('an archive that disappears before the next checkpoint is reported', async () => {
    const store = await open();
    const head = makeHead('topic');
    await store.transact(() => [put(head), added(makePage('evicted'), head.id)]);
    await store.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
    rmSync(join(user, 'archive.jsonl'));
    expect(ofSegments(await open())).toMatchObject([expect.stringMatching(/It held 1 evicted pages/)]);
  });

  it('are not reported after a kill, or when the mark is missing or invalid', async () => {
    await killed();
    for (const text of ['', 'no mark', 'x'.repeat(500)]) {
      writeFileSync(join(user, 'log.mark'), text);
      const store = await open();
      expect([store.state.losses, store.notices]).toEqual([[], []]);
      await store.transact(() => [added(makePage('more'))]);
    }
  });
});

describe('a segment’s file', () => {
  it('that is missing is rebuilt from the closed logs', async () => {
    const writer = await open();
    for (const act of lifeOfAMemory().acts.slice(0, 8)) await perform(writer, act);
    await writer.close();
    const state = structuredClone(snapshot(writer.state));
    rmSync(segmentFile());
    const store = await open();
    expect(snapshot(store.state)).toEqual(state);
    expect(store.notices).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/is missing. All of its/) },
    ]);
  });

  it('whose text was edited is used as it is, and kept', async () => {
    await live(true);
    flip(segmentFile(), (text) => text.indexOf('answer to page') + 2);
    const store = await open();
    expect(store.notices).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/pages were readable and are kept/) },
    ]);
    await store.close();
    expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
    expect((await verifyMemory(place.folder, alice)).remarks).toHaveLength(1);
  });

  it('that is lost with all earlier versions is reported with its number of pages', async () => {
    await live(true);
    rmSync(segmentFile());
    for (const name of names()) if (name.includes('sealed')) rmSync(join(user, name));
    const store = await open();
    expect(store.notices).toMatchObject([
      { level: 'error', message: expect.stringMatching(/2 of its 2 pages are lost/) },
    ]);
    await store.transact(() => [added(makePage('it goes on'))]);
  });
});

describe('vectors and archive', () => {
  it('an index that was truncated or emptied is not used, and a repair removes it', async () => {
    for (const length of [0, 40]) {
      await live(true);
      const index = join(segmentFolder(), 'index.pb');
      expect(statSync(index).size).toBeGreaterThan(40);
      truncateSync(index, length);
      const store = await open();
      const [id] = store.state.segments.keys();
      if (id === undefined) throw new Error('there is a segment');
      expect(await store.loadVectors(id)).toBeNull();
      await store.close();
      expect((await verifyMemory(place.folder, alice)).defects).toMatchObject([{ level: 'warning' }]);
      await repairMemory(place.folder, alice);
      expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
      rmSync(user, { recursive: true });
    }
  });

  it('a damaged line of the archive is skipped, and a repair moves it out', async () => {
    const { archive } = await live(true);
    const path = join(user, 'archive.jsonl');
    const lines = readFileSync(path, 'utf8');
    writeFileSync(path, `not a line\n${lines}half a li`);
    const store = await open();
    expect(await archivedIds(store)).toEqual(archive);
    await store.close();
    expect((await verifyMemory(place.folder, alice)).defects).toMatchObject([{ level: 'error' }]);
    await repairMemory(place.folder, alice);
    expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
    expect(await archivedIds(await open())).toEqual(archive);
  });
});

describe('files of a newer version', () => {
  for (const name of ['short_term.json', 'journal']) {
    it(`${name}: is refused and not changed`, async () => {
      await live(true);
      const path = name === 'journal' ? journal() : join(user, name);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace(/"schema_version":( ?)3/, '"schema_version":$14'));
      const before = names();
      await expect(open()).rejects.toMatchObject({
        code: 'STORE_NEWER',
        message: expect.stringMatching(/schema_version 4/),
      });
      expect(names()).toEqual(before);
    });
  }
});

describe.each([1, 2])('files of version %d', (version) => {
  it('of an older version are read, and the next epoch has the present version', async () => {
    const { state } = await live(true);
    const [header = '', ...rest] = readFileSync(journal(), 'utf8').split('\n');
    const { check: _, ...second } = JSON.parse(header);
    const { tombstones: __, losses: ___, archive_bytes: ____, ...firstForm } = second;
    const old = version === 1 ? firstForm : second;
    const line = sealLine(JSON.stringify({ ...old, schema_version: version })).line;
    writeFileSync(journal(), [line, ...rest].join('\n'));
    const first = journal();
    const store = await open();
    expect(snapshot(store.state)).toEqual(state);
    expect(store.notices).toEqual([]);
    await store.close();
    expect(journal()).not.toBe(first);
    expect(readFileSync(journal(), 'utf8')).toMatch(/^\{"kind":"checkpoint","schema_version":3,/);
    expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
  });
});

describe('files left by a killed process', () => {
  const old = new Date(Date.now() - 3_600_000);
  const stray = (id: string) => join(user, 'mid_term', id);

  /** A copy of the memory's segment under an id that no checkpoint knows. */
  function leave(id: string, files: Readonly<Record<string, string>> = {}): void {
    cpSync(segmentFolder(), stray(id), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(stray(id), name), text);
  }

  it('are removed by a later checkpoint: unknown segments and unfinished files', async () => {
    await live(true);
    const [known = ''] = names(join(user, 'mid_term'));
    const unfinished = join(segmentFolder(), 'index.pb.0123456789ab.tmp');
    const begunNow = join(segmentFolder(), 'index.pb.ba9876543210.tmp');
    leave('sg_0killed');
    leave('sg_0begins');
    leave('sg_0damaged', { 'segment.1-1.json.corrupt-2026-01-01T00-00-00-000Z': 'kept aside' });
    for (const path of [unfinished, begunNow]) writeFileSync(path, 'half');
    for (const path of [unfinished, stray('sg_0killed'), stray('sg_0damaged')]) utimesSync(path, old, old);
    const store = await open();
    const segment = [...store.state.segments.values()].find(({ head }) => head.id === known);
    if (segment === undefined) throw new Error('no segment');
    await store.transact(() => [{ op: 'segment_put', head: { ...segment.head, theme: 'changed' } }]);
    await store.checkpoint();
    await store.close();
    expect(existsSync(stray('sg_0killed'))).toBe(false);
    expect(existsSync(unfinished)).toBe(false);
    expect(existsSync(begunNow)).toBe(true);
    expect(existsSync(stray('sg_0begins'))).toBe(true);
    expect(kept('segment.1-1.json', stray('sg_0damaged'))).toHaveLength(1);
    expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
  });

  it('are removed at once by a forgetting, because they may contain forgotten content', async () => {
    await live(true);
    const unfinished = [user, join(user, 'assistants'), segmentFolder()].map((folder) =>
      join(folder, 'some.json.0123456789ab.tmp'),
    );
    for (const path of unfinished) writeFileSync(path, 'half');
    const store = await open();
    await store.purge(null);
    await store.close();
    expect(unfinished.filter((path) => existsSync(path))).toEqual([]);
  });
});
