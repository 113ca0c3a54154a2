import { describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { exportMemory } from '../../../../src/engine/transfer/export-memory.js';
import { type ImportOptions, importMemory } from '../../../../src/engine/transfer/import-memory.js';
import { readTransfer } from '../../../../src/engine/transfer/read-records.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import type { ArchiveEntry } from '../../../../src/ports/store.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { makeFolder } from '../../../support/folders.js';
import { fillMemory, fillSegments } from '../../../support/full-memory.js';
import { instead } from '../../../support/instead.js';
import { stored } from '../../../support/on-store.js';
import { added, makeFact, makeHead, makePage, makeTrait, put } from '../../../support/records.js';
import { bytesOf, exportedLines } from '../../../support/transfer-lines.js';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const empty = (user = 'alice') => createInMemoryStore().open(toUserId(user));

const exported = (store: UserStore) => exportedLines(store, nowMs);

async function imported(store: UserStore, lines: readonly string[], options?: ImportOptions) {
  const reading = await readTransfer(bytesOf(lines), { name: 'memory.jsonl' });
  return importMemory(stored(store), reading.header, reading.records(), options);
}

async function everything(store: UserStore) {
  const archive: ArchiveEntry[] = [];
  for await (const entry of store.readArchive()) archive.push(entry);
  return { state: structuredClone(snapshot(store.state)), archive };
}

async function full(user = 'alice') {
  const store = await empty(user);
  await fillMemory(store);
  return store;
}

const nameOf = (entry: ArchiveEntry) =>
  entry.kind === 'fact' ? entry.fact.id : `${entry.head.id} ${entry.pages.map((page) => page.id).join(' ')}`;

const ids = (lines: readonly string[]) =>
  lines.flatMap((line) => /"page":\{"id":"(pg_\w+)"/.exec(line)?.[1] ?? []);

describe('export and import', () => {
  it('transfer one memory completely into an empty one, also of another user', async () => {
    const source = await full();
    const target = await empty('bob');
    const counts = await imported(target, await exported(source));
    expect(await everything(target)).toEqual(await everything(source));
    expect(JSON.stringify(await everything(target))).toBe(JSON.stringify(await everything(source)));
    expect(counts).toEqual({ pages: 8, segments: 2, facts: 5, traits: 2, known: 0, forgotten: 0 });
  });

  it('change nothing when run twice', async () => {
    const lines = await exported(await full());
    const target = await empty();
    await imported(target, lines);
    const before = await everything(target);
    const counts = await imported(target, lines);
    expect(counts).toEqual({ pages: 0, segments: 0, facts: 0, traits: 0, known: 15, forgotten: 0 });
    expect(await everything(target)).toEqual(before);
  });

  it('hide no page of a segment that was evicted here when more of it is imported', async () => {
    const { folder, remove } = await makeFolder();
    const source = await empty();
    const target = await createFileStore({ dataDir: folder }).open(toUserId('alice'));
    try {
      const [first, second, third, fourth] = [
        makePage('one'),
        makePage('two'),
        makePage('three'),
        makePage('four'),
      ];
      const head = makeHead('topic');
      await source.transact(() => [put(head), added(first, head.id), added(second, head.id)]);
      await imported(target, await exported(source));
      await target.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
      for (const page of [third, fourth]) {
        await source.transact(() => [added(page, head.id)]);
        await imported(target, await exported(source));
      }
      const pages: string[] = [];
      for await (const entry of target.readArchive()) {
        if (entry.kind === 'segment') pages.push(...entry.pages.map(({ id }) => id));
      }
      expect(pages.sort()).toEqual([first, second, third, fourth].map(({ id }) => id).sort());
      expect(target.state.archivedPages).toBe(4);
    } finally {
      await target.close();
      await remove();
    }
  });

  it('complete an interrupted import', async () => {
    const source = await full();
    await fillSegments(source, 9, 100, 3);
    const lines = await exported(source);
    const expected = await everything(source);
    const batches = async (count: number) => {
      const target = await empty();
      let left = count;
      const dying = instead(target, {
        transact: (decide) => {
          left -= 1;
          return left < 0 ? Promise.reject(new Error('killed')) : target.transact(decide);
        },
      });
      const dead = await imported(dying, lines).then(
        () => false,
        () => true,
      );
      await imported(target, lines);
      expect(ids(await exported(target)).sort()).toEqual(ids(lines).sort());
      expect((await everything(target)).archive.map(nameOf).sort()).toEqual(
        expected.archive.map(nameOf).sort(),
      );
      return dead;
    };
    let count = 0;
    while (await batches(count)) count += 1;
    expect(count).toBeGreaterThan(2);
  });

  it('add to existing content and never overwrite what is newer', async () => {
    const source = await full();
    const lines = await exported(source);
    const target = await empty();
    const own = makePage('my own');
    const trait = makeTrait([own.id], { level: 'Low', updated_at: '2026-05-01T00:00:00.000Z' });
    await target.transact(() => [added(own), { op: 'trait_put', trait }]);
    await imported(target, lines);
    expect(target.state.shortTerm[0]).toEqual(own);
    expect(target.state.profile.get('content_interests/Music Interest')).toEqual(trait);
    const segment = [...target.state.segments.values()][0];
    const page = segment?.pages[1];
    if (segment === undefined || page === undefined) throw new Error('There is no segment.');
    await target.transact(() => [
      put({ ...segment.head, summary: 'newer', updated_at: '2026-05-01T00:00:00.000Z' }),
      { op: 'pages_analysed', segment_id: segment.head.id, page_ids: [page.id] },
    ]);
    const before = await everything(target);
    await imported(target, lines);
    expect(await everything(target)).toEqual(before);
  });

  it('update a segment that exists in an older form', async () => {
    const source = await full();
    const old = await exported(source);
    const target = await empty();
    await imported(target, old);
    const [head] = [...source.state.segments.values()].map((segment) => segment.head);
    if (head === undefined) throw new Error('There is no segment.');
    const more = makePage('more tomatoes');
    await source.transact(() => [
      put({ ...head, summary: 'newer', updated_at: '2026-05-01T00:00:00.000Z' }),
      added(more, head.id),
    ]);
    await imported(target, await exported(source));
    expect(target.state.segments.get(head.id)).toEqual(source.state.segments.get(head.id));
  });

  it('do not import a page again that went to the archive, before or meanwhile', async () => {
    const source = await full();
    await fillSegments(source, 3, 300);
    const lines = await exported(source);
    const target = await empty();
    const evictAll = () =>
      target.transact((state) =>
        [...state.segments.keys()].map((id) => ({ op: 'segment_archived' as const, segment_id: id })),
      );
    await imported(target, lines);
    await evictAll();
    const counts = await imported(target, lines);
    expect(counts.pages).toBe(0);
    const other = await createInMemoryStore().open(toUserId('alice'));
    let evicted: Promise<unknown> | null = null;
    await imported(other, lines, {
      onProgress: () => {
        evicted ??= other.transact((state) =>
          [...state.segments.keys()].map((id) => ({ op: 'segment_archived' as const, segment_id: id })),
        );
      },
    });
    await evicted;
    const { archive } = await everything(other);
    const archived = new Set(archive.flatMap((entry) => (entry.kind === 'segment' ? [entry.head.id] : [])));
    expect(archived.size).toBeGreaterThan(1);
    expect([...other.state.segments.keys()].filter((id) => archived.has(id))).toEqual([]);
    expect(ids(await exported(other)).sort()).toEqual(ids(lines).sort());
    await imported(other, lines);
    expect(ids(await exported(other)).sort()).toEqual(ids(lines).sort());
  });

  it('import each page once when two imports run at once, or a line is repeated', async () => {
    const source = await full();
    await fillSegments(source, 5, 100);
    const lines = await exported(source);
    const memories = createInMemoryStore();
    const one = await memories.open(toUserId('alice'));
    const two = await memories.open(toUserId('alice'));
    await Promise.all([imported(one, lines), imported(two, lines)]);
    await one.refresh();
    expect(ids(await exported(one)).sort()).toEqual(ids(lines).sort());
    const index = lines.findIndex((line) => line.startsWith('{"kind":"page"'));
    const doubled = lines.toSpliced(index, 0, lines[index] ?? '').slice(0, -1);
    const target = await empty();
    await imported(target, [...doubled, JSON.stringify({ kind: 'end', lines: doubled.length })]);
    expect(ids(await exported(target)).sort()).toEqual(ids(lines).sort());
  });

  it('keep the visits counted since', async () => {
    const lines = await exported(await full());
    const target = await empty();
    await imported(target, lines);
    const visit = [...target.state.segments.keys()].map((id) => ({
      op: 'segment_visited' as const,
      segment_id: id,
      visits: 5,
      at: '2026-05-01T00:00:00.000Z',
    }));
    await target.transact(() => visit);
    await imported(target, lines);
    expect([...target.state.segments.values()].map(({ head }) => head.n_visit)).toEqual([7]);
  });

  it('make the later of two facts with the same slot current', async () => {
    const home = (knowledge: string, timestamp: string) =>
      makeFact(knowledge, [], { slot: 'home', timestamp });
    const lisbon = home('lives in Lisbon', '2026-04-01T00:00:00.000Z');
    const bonn = home('lives in Bonn', '2026-01-01T00:00:00.000Z');
    for (const [here, there] of [
      [lisbon, bonn],
      [bonn, lisbon],
    ] as const) {
      const [source, target] = [await empty(), await empty()];
      await source.transact(() => [{ op: 'fact_put', fact: there }]);
      await target.transact(() => [{ op: 'fact_put', fact: here }]);
      for (let run = 0; run < 2; run += 1) {
        await imported(target, await exported(source));
        const facts = target.state.userKnowledge.map((fact) => [fact.knowledge, fact.superseded_by]);
        expect(new Map(facts as [string, string | null][])).toEqual(
          new Map([
            ['lives in Lisbon', null],
            ['lives in Bonn', lisbon.id],
          ]),
        );
      }
    }
  });

  it('only check and count in a dry run', async () => {
    const source = await full();
    await fillSegments(source, 2, 600, 2);
    const lines = await exported(source);
    const target = await empty();
    const dry = await imported(target, lines, { dryRun: true });
    expect(target.state.shortTerm).toEqual([]);
    expect(target.state.segments.size).toBe(0);
    expect(await imported(target, lines)).toEqual(dry);
  });

  it('report progress and stop on request', async () => {
    const source = await full();
    await fillSegments(source, 5, 100);
    const lines = await exported(source);
    const target = await empty();
    const stop = new AbortController();
    const told: number[] = [];
    const job = imported(target, lines, {
      signal: stop.signal,
      onProgress: ({ pages }) => {
        told.push(pages);
        stop.abort();
      },
    });
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(told).toHaveLength(1);
    expect(target.state.segmentOfPage.size).toBe(told[0]);
  });

  it('export a snapshot while others write, evict and forget', async () => {
    const source = await full();
    const expected = await exported(source);
    const lines: string[] = [];
    for await (const line of (await exportMemory(stored(source), nowMs)).lines()) {
      lines.push(JSON.stringify(line));
      const [first] = [...source.state.segments.values()].flatMap((segment) => segment.pages);
      await source.transact((state) => [
        added(makePage('later')),
        ...(first === undefined ? [] : [{ op: 'page_forgotten' as const, page_id: first.id }]),
        ...state.shortTerm.slice(0, 1).map(({ id }) => ({ op: 'page_forgotten' as const, page_id: id })),
        ...[...state.segments.keys()].map((id) => ({ op: 'segment_archived' as const, segment_id: id })),
      ]);
    }
    expect(lines).toEqual(expected);
  });
});

describe('reading an export', () => {
  const read = async (lines: readonly string[], damage?: string[]) => {
    const reading = await readTransfer(bytesOf(lines), {
      name: 'memory.jsonl',
      onDamage: damage === undefined ? undefined : (problem) => damage.push(problem),
    });
    const records = [];
    for await (const { record } of reading.records()) records.push(record);
    return records;
  };

  it('refuses other files, and exports of a newer version', async () => {
    const [header = ''] = await exported(await full());
    await expect(read([])).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(read(['hello'])).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(read(['[]'])).rejects.toThrow(/memory\.jsonl is not an export/);
    const newer = header.replace('"version":2', '"version":3,"more":true');
    await expect(read([newer])).rejects.toMatchObject({ code: 'STORE_NEWER' });
    await expect(read([header.replace('"last_migrated"', '"last"')])).rejects.toThrow(/line 1:/);
    expect(await read([`\uFEFF${header}`, '{"kind":"end","lines":1}'])).toEqual([]);
  });

  it('names the line of every problem', async () => {
    const lines = await exported(await full());
    const broken: [number, string, RegExp][] = [
      [3, '{"kind":"page",', /line 3: is not JSON/],
      [3, '{"kind":"dream"}', /line 3: kind/],
      [4, (lines[3] ?? '').replace('"user_input":"', '"user_input":1,"x":"'), /line 4: page\.user_input/],
      [2, '', /line 2: the line is empty/],
      [2, lines[2] ?? '', /line 2: page pg_\w+ does not follow its segment/],
      [lines.length, '{"kind":"end","lines":5}', /line 20: 5 lines should precede/],
      [lines.length, '', /line 20: the line is empty/],
    ];
    for (const [line, text, message] of broken) {
      await expect(read(lines.with(line - 1, text))).rejects.toThrow(message);
    }
    await expect(read(lines.slice(0, -1))).rejects.toThrow(/line 19: .* it is truncated/);
    await expect(read([...lines, lines[0] ?? ''])).rejects.toThrow(/continues after the end/);
  });

  it('imports the readable part on request, and reports the rest', async () => {
    const lines = await exported(await full());
    const damage: string[] = [];
    const records = await read([...lines.slice(0, -2).with(3, 'gone')], damage);
    expect(records).toHaveLength(lines.length - 4);
    expect(damage).toEqual([
      'memory.jsonl, line 4: is not JSON.',
      expect.stringMatching(/line 18: .* it is truncated/),
    ]);
  });

  it('keeps facts and heads exactly as they are', async () => {
    const store = await empty();
    const head = makeHead('x', { keywords: [] });
    await store.transact(() => [
      put(head),
      added(makePage('x'), head.id),
      { op: 'fact_put', fact: makeFact('x', []) },
    ]);
    const lines = await exported(store);
    expect((await read(lines)).map((record) => JSON.stringify(record))).toEqual(lines.slice(1, -1));
  });
});
