import { describe, expect, it } from 'vitest';
import { toUserId } from '../../src/model/ids.js';
import type { Fact } from '../../src/model/knowledge.js';
import type { Operation } from '../../src/model/operation.js';
import type { UserState } from '../../src/model/user-state.js';
import type { MemoryStore, SegmentVectors, UserStore } from '../../src/ports/memory-store.js';
import type { ArchiveEntry, StoreChange } from '../../src/ports/store.js';
import {
  added,
  makeFact,
  makeHead,
  makePage,
  makeTrait,
  migrated,
  put,
  someAssistant,
} from '../support/records.js';
import { textsOfEveryKind } from '../support/samples.js';
import { openings } from './openings.js';

export interface StoreUnderTest {
  readonly store: MemoryStore;
  dispose(): Promise<void>;
}

/** Tests that every memory store must pass. Each opening of a user represents a separate process. */
export function describeMemoryStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`memory store: ${name}`, () => {
    const alice = toUserId('alice');
    const { under, open } = openings(make);

    it('starts empty and without notices', async () => {
      const store = await open();
      expect(store.state.shortTerm).toEqual([]);
      expect(store.state.segments.size).toBe(0);
      expect(store.notices).toEqual([]);
      expect(await store.loadVectors(makeHead('none').id)).toBeNull();
    });

    it('lists the users it has', async () => {
      for (const id of ['alice', 'Alice', '../../etc', 'con', 'ünïcode 用户', '.hidden', 'a%2Fb'].filter(
        (id) => !id.includes('/'),
      )) {
        await open(toUserId(id));
      }
      expect((await under().store.listUsers()).sort()).toEqual(
        ['.hidden', 'Alice', 'a%2Fb', 'alice', 'con', 'ünïcode 用户'].sort(),
      );
    });

    it('reports the position of a memory without opening it', async () => {
      expect(await under().store.positionOf(alice)).toBeNull();
      const mine = await open();
      const other = await open();
      await mine.transact(() => [added(makePage('one'))]);
      await other.refresh();
      const first = await under().store.positionOf(alice);
      expect([mine.position, other.position]).toEqual([first, first]);
      await other.transact(() => [added(makePage('two'))]);
      const second = await under().store.positionOf(alice);
      expect(second).not.toBe(first);
      expect(mine.position).toBe(first);
      await other.close();
      await mine.refresh();
      await mine.close();
      expect(await under().store.positionOf(alice)).toBe(mine.position);
      const later = await open();
      expect(later.position).toBe(await under().store.positionOf(alice));
      expect(later.position).toBe(mine.position);
      await later.transact(() => [added(makePage('three'))]);
      expect(await under().store.positionOf(alice)).not.toBe(mine.position);
    });

    it('keeps users apart', async () => {
      const one = await open(toUserId('alice'));
      const two = await open(toUserId('ALICE'));
      await one.transact(() => [added(makePage('mine'))]);
      await two.refresh();
      expect(two.state.shortTerm).toEqual([]);
    });

    it('returns every tier after closing and opening', async () => {
      const store = await open();
      await fillAllTiers(store);
      const before = snapshot(store.state);
      await store.close();
      expect(snapshot((await open()).state)).toEqual(before);
    });

    it('returns every tier without closing', async () => {
      const store = await open();
      await fillAllTiers(store);
      expect(snapshot((await open()).state)).toEqual(snapshot(store.state));
    });

    it('keeps text of every kind unchanged', async () => {
      const metaData = JSON.parse('{"__proto__":{"a":1},"2":null,"1":[true,-0.5e-7],"":"é"}');
      const store = await open();
      const pages = textsOfEveryKind.map((text) => makePage(text, { meta_data: metaData }));
      await store.transact(() => pages.map((page) => added(page)));
      const again = await open();
      expect(again.state.shortTerm.map((page) => page.user_input)).toEqual(textsOfEveryKind);
      expect(JSON.stringify(again.state.shortTerm)).toBe(JSON.stringify(pages));
    });

    it('runs pipelined transactions in order, each seeing the ones before', async () => {
      const store = await open();
      const seen: number[] = [];
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          store.transact((state) => {
            seen.push(state.shortTerm.length);
            return [added(makePage(`page ${index}`))];
          }),
        ),
      );
      expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index));
      const texts = (await open()).state.shortTerm.map((page) => page.user_input);
      expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `page ${index}`));
    });

    it('serves a reader between transactions that follow each other', async () => {
      const store = await open();
      let written = 0;
      let read = false;
      const writing = (async () => {
        for (; written < 300 && !read; written += 1)
          await store.transact(() => [added(makePage('one more'))]);
      })();
      await store.transact(() => []);
      await store.refresh();
      read = true;
      await writing;
      expect(written).toBeLessThan(300);
    });

    it('changes nothing when the decision throws, and continues with the next one', async () => {
      const store = await open();
      const results = await Promise.allSettled([
        store.transact(() => [added(makePage('one'))]),
        store.transact(() => {
          throw new Error('changed my mind');
        }),
        store.transact(() => [added(makePage('two'))]),
      ]);
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { message: 'changed my mind' } });
      expect((await open()).state.shortTerm.map((page) => page.user_input)).toEqual(['one', 'two']);
    });

    it('applies a transaction entirely or not at all', async () => {
      const store = await open();
      await fillAllTiers(store);
      const before = snapshot(store.state);
      const page = makePage('half');
      const head = makeHead('half');
      const half: Operation[] = [added(page), put(head), migrated(page.id, head.id)];
      const misfits: Operation[] = [
        added(page),
        migrated(makePage('unknown').id, head.id),
        { op: 'segment_archived', segment_id: makeHead('unknown').id },
        { op: 'segment_removed', segment_id: head.id },
        {
          op: 'fact_removed',
          fact_id: makeFact('unknown', [page.id]).id,
          assistant_id: null,
          reason: 'forgotten',
        },
      ];
      for (const misfit of misfits) {
        await expect(store.transact(() => [...half, misfit])).rejects.toMatchObject({
          code: 'STORE_CORRUPT',
        });
      }
      expect(snapshot(store.state)).toEqual(before);
      expect(snapshot((await open()).state)).toEqual(before);
    });

    it('writes nothing for no operations', async () => {
      const store = await open();
      const changes = listen(store);
      expect(await store.transact(() => [])).toEqual([]);
      expect(changes).toEqual([]);
    });

    it('shows another process the commits after a refresh', async () => {
      const writer = await open();
      const reader = await open();
      const changes = listen(reader);
      const first = await writer.transact(() => [added(makePage('one'))]);
      const second = await writer.transact(() => [added(makePage('two'))]);
      expect(reader.state.shortTerm).toEqual([]);
      await reader.refresh();
      expect(reader.state.shortTerm.map((page) => page.user_input)).toEqual(['one', 'two']);
      expect(changes).toEqual([
        { kind: 'operations', operations: first },
        { kind: 'operations', operations: second },
      ]);
    });

    it('decides on the newest state, including what others wrote', async () => {
      const one = await open();
      const two = await open();
      await one.transact(() => [added(makePage('one'))]);
      const changes = listen(two);
      await two.transact((state) => [added(makePage(`after ${state.shortTerm.length}`))]);
      expect(two.state.shortTerm.map((page) => page.user_input)).toEqual(['one', 'after 1']);
      expect(changes).toHaveLength(2);
    });

    it('reports its own changes before the transaction resolves, until unsubscribed', async () => {
      const store = await open();
      const changes: StoreChange[] = [];
      const cancel = store.subscribe((change) => changes.push(change));
      await store.transact(() => [added(makePage('one'))]);
      expect(changes).toHaveLength(1);
      cancel();
      await store.transact(() => [added(makePage('two'))]);
      expect(changes).toHaveLength(1);
    });

    it('loses nothing when many openings write at once', async () => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => open()));
      await Promise.all(
        stores.flatMap((store, writer) =>
          Array.from({ length: 25 }, (_, index) =>
            store.transact(() => [added(makePage(`${writer}:${index}`))]),
          ),
        ),
      );
      const pages = (await open()).state.shortTerm.map((page) => page.user_input);
      expect(new Set(pages).size).toBe(100);
      expect(pages).toHaveLength(100);
      for (let writer = 0; writer < 4; writer += 1) {
        expect(pages.filter((text) => text.startsWith(`${writer}:`))).toEqual(
          Array.from({ length: 25 }, (_, index) => `${writer}:${index}`),
        );
      }
    });

    it('gives the lease to one opening at a time', async () => {
      const one = await open();
      const two = await open();
      const lease = await one.tryLease();
      expect(lease?.held).toBe(true);
      expect(await two.tryLease()).toBeNull();
      expect(await one.tryLease()).toBeNull();
      await lease?.release();
      expect(lease?.held).toBe(false);
      const next = await two.tryLease();
      expect(next?.held).toBe(true);
      await lease?.release();
      expect(next?.held).toBe(true);
      await two.close();
      expect(await one.tryLease()).not.toBeNull();
    });

    it('keeps the vectors of a segment', async () => {
      const store = await open();
      const { head, pages } = await openSegment(store, 3);
      const vectors: SegmentVectors = {
        model: 'test',
        dimensions: 4,
        summary: { text: head.summary, vector: Float32Array.of(0.5, 0.5, 0.5, 0.5) },
        pages: new Map(pages.map((page, index) => [page.id, Float32Array.of(1, 0, -1, index / 3)])),
        pieces: new Map(),
      };
      await store.saveVectors(head.id, vectors);
      for (const opening of [store, await open()]) {
        const loaded = await opening.loadVectors(head.id);
        expect(loaded?.model).toBe('test');
        expect(loaded?.dimensions).toBe(4);
        expect(loaded?.summary).toEqual(vectors.summary);
        expect(new Map(loaded?.pages)).toEqual(vectors.pages);
      }
      const replaced: SegmentVectors = {
        model: 'other',
        dimensions: 2,
        summary: null,
        pages: new Map(),
        pieces: new Map(),
      };
      await store.saveVectors(head.id, replaced);
      const loaded = await store.loadVectors(head.id);
      expect(loaded).toMatchObject({ model: 'other', dimensions: 2, summary: null });
      expect(loaded?.pages.size).toBe(0);
    });

    it('drops vectors of pages that another opening has removed from the segment', async () => {
      const store = await open();
      const { head, pages } = await openSegment(store, 3);
      const late = await open();
      const vectors: SegmentVectors = {
        model: 'test',
        dimensions: 1,
        summary: { text: head.summary, vector: Float32Array.of(1) },
        pages: new Map(pages.map((page) => [page.id, Float32Array.of(1)])),
        pieces: new Map(),
      };
      const [gone, ...left] = pages.map((page) => page.id);
      if (gone === undefined) throw new Error('there are three');
      await store.transact(() => [
        { op: 'segment_put', head: { ...head, summary: 'Another one' } },
        { op: 'page_forgotten', page_id: gone },
      ]);
      await late.saveVectors(head.id, vectors);
      const loaded = await store.loadVectors(head.id);
      expect([...(loaded?.pages.keys() ?? [])].sort()).toEqual(left.sort());
      expect(loaded?.summary).toBeNull();
    });

    it('ignores vectors for a removed segment', async () => {
      const store = await open();
      const head = makeHead('gone');
      await store.saveVectors(head.id, {
        model: 'test',
        dimensions: 1,
        summary: null,
        pages: new Map(),
        pieces: new Map(),
      });
      expect(await store.loadVectors(head.id)).toBeNull();
    });

    it('keeps evicted segments in the archive, oldest first', async () => {
      const store = await open();
      const first = await openSegment(store, 2);
      const second = await openSegment(store, 2);
      const entryOf = ({ head }: typeof first): ArchiveEntry => {
        const segment = store.state.segments.get(head.id);
        return { kind: 'segment', head: segment?.head ?? head, pages: segment?.pages ?? [] };
      };
      const expected = [entryOf(second), entryOf(first)];
      await store.transact(() => [{ op: 'segment_archived', segment_id: second.head.id }]);
      await store.transact(() => [{ op: 'segment_archived', segment_id: first.head.id }]);
      expect(store.state.archivedPages).toBe(4);
      expect(store.state.archivedSegments).toBe(2);
      expect(await archived(store)).toEqual(expected);
      await store.close();
      const again = await open();
      expect(await archived(again)).toEqual(expected);
      expect(again.state.archivedPages).toBe(4);
      expect(again.state.segments.size).toBe(0);
    });

    it('keeps facts removed because of capacity in the archive, but not forgotten ones', async () => {
      const store = await open();
      const page = makePage('source');
      const old = makeFact('the oldest', [page.id], { assistant_id: someAssistant });
      const secret = makeFact('a secret', [page.id]);
      await store.transact(() => [added(page), factPut(old), factPut(secret)]);
      await store.transact(() => [
        { op: 'fact_removed', fact_id: old.id, assistant_id: someAssistant, reason: 'capacity' },
        { op: 'fact_removed', fact_id: secret.id, assistant_id: null, reason: 'forgotten' },
      ]);
      expect(await archived(store)).toEqual([{ kind: 'fact', fact: old }]);
      expect(await archived(await open())).toEqual([{ kind: 'fact', fact: old }]);
    });

    it('rewrites the archive in a purge and reports what was removed', async () => {
      const store = await open();
      const first = await openSegment(store, 3);
      const second = await openSegment(store, 2);
      const fact = makeFact('old', [first.pages[0]?.id ?? makePage('never').id]);
      await store.transact(() => [
        factPut(fact),
        { op: 'segment_archived', segment_id: first.head.id },
        { op: 'segment_archived', segment_id: second.head.id },
        { op: 'fact_removed', fact_id: fact.id, assistant_id: null, reason: 'capacity' },
      ]);
      const before = await archived(store);
      expect(await store.purge(null)).toEqual({ segments: 0, pages: 0, remaining: [] });
      expect(await archived(store)).toEqual(before);
      const done = await store.purge((entry) => {
        if (entry.kind === 'fact' || entry.head.id === second.head.id) return null;
        return { ...entry, head: { ...entry.head, summary: 'anew' }, pages: entry.pages.slice(1) };
      });
      expect(done).toEqual({ segments: 1, pages: 3, remaining: [] });
      const after = await archived(store);
      expect(after).toMatchObject([{ kind: 'segment', head: { id: first.head.id, summary: 'anew' } }]);
      expect(idsOf(after)).toEqual(first.pages.slice(1).map((page) => page.id));
      expect(await archived(await open())).toEqual(after);
    });

    it('leaves the archive unchanged when the edit of a purge throws', async () => {
      const store = await open();
      const { head } = await openSegment(store, 2);
      await store.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
      const before = await archived(store);
      const failing = store.purge(() => {
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await archived(store)).toEqual(before);
      expect(await archived(await open())).toEqual(before);
    });

    it('continues after a checkpoint, also in another process', async () => {
      const store = await open();
      const reader = await open();
      await fillAllTiers(store);
      await store.checkpoint();
      await store.transact(() => [added(makePage('after'))]);
      await store.checkpoint();
      await reader.refresh();
      expect(snapshot(reader.state)).toEqual(snapshot(store.state));
      await reader.transact(() => [added(makePage('by the other'))]);
      await store.refresh();
      expect(store.state.shortTerm.at(-1)?.user_input).toBe('by the other');
      expect(snapshot((await open()).state)).toEqual(snapshot(store.state));
    });

    it('refuses to work after closing, and may be closed twice', async () => {
      const store = await open();
      await store.close();
      await store.close();
      await expect(store.transact(() => [])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      await expect(store.refresh()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    });

    it('finishes running work before closing', async () => {
      const store = await open();
      const adds = Array.from({ length: 10 }, (_, index) =>
        store.transact(() => [added(makePage(`${index}`))]),
      );
      await store.close();
      await Promise.all(adds);
      expect((await open()).state.shortTerm).toHaveLength(10);
    });
  });
}

/** The state as plain data, with the order of its maps, to compare two states. */
export function snapshot(state: UserState): unknown {
  return {
    shortTerm: state.shortTerm,
    shortTermById: [...state.shortTermById].sort(),
    segments: [...state.segments],
    segmentOfPage: [...state.segmentOfPage].sort(),
    lastMigrated: state.lastMigrated,
    profile: [...state.profile].sort(),
    userKnowledge: state.userKnowledge,
    assistantKnowledge: [...state.assistantKnowledge].filter(([, facts]) => facts.length > 0).sort(),
    changes: state.changes,
    troubles: [...state.troubles].sort(),
    tombstones: [...state.tombstones].map(([key, hashes]) => [key, [...hashes].sort()]),
    losses: state.losses,
    archivedSegments: state.archivedSegments,
    archivedPages: state.archivedPages,
  };
}

function listen(store: UserStore): StoreChange[] {
  const changes: StoreChange[] = [];
  store.subscribe((change) => changes.push(change));
  return changes;
}

async function archived(store: UserStore) {
  const entries: ArchiveEntry[] = [];
  for await (const entry of store.readArchive()) entries.push(entry);
  return entries;
}

function idsOf(entries: readonly ArchiveEntry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'segment' ? entry.pages.map((page) => page.id) : []));
}

function factPut(fact: Fact): Operation {
  return { op: 'fact_put', fact };
}

async function openSegment(store: UserStore, pageCount: number) {
  const head = makeHead('cooking');
  const pages = Array.from({ length: pageCount }, (_, index) => makePage(`recipe ${index}`));
  await store.transact(() => [
    ...pages.map((page) => added(page)),
    put(head),
    ...pages.map((page) => migrated(page.id, head.id)),
  ]);
  return { head, pages };
}

async function fillAllTiers(store: UserStore): Promise<void> {
  const { head, pages } = await openSegment(store, 3);
  const other = await openSegment(store, 2);
  const first = pages[0]?.id ?? makePage('never').id;
  const second = pages[1]?.id ?? first;
  const oldFact = makeFact('lives in Bonn', [first], { slot: 'home' });
  const newFact = makeFact('lives in Berlin', [second], { slot: 'home' });
  const own = makeFact('recommended a dal', [first], { assistant_id: someAssistant });
  const dropped = makeFact('oldest of all', [first], { assistant_id: someAssistant });
  await store.transact(() => [
    added(makePage('still short-term', { meta_data: { place: 'home' } })),
    { op: 'fact_put', fact: oldFact },
    { op: 'fact_put', fact: newFact },
    { op: 'fact_put', fact: { ...oldFact, superseded_by: newFact.id } },
    { op: 'fact_put', fact: dropped },
    { op: 'fact_put', fact: own },
    { op: 'fact_removed', fact_id: dropped.id, assistant_id: someAssistant, reason: 'capacity' },
    {
      op: 'change_logged',
      change: {
        at: '2026-04-02T10:00:00.000Z',
        by: 'tool',
        assistant_id: someAssistant,
        action: 'edited',
        fact_id: newFact.id,
        before: 'lives in Bern',
        after: newFact.knowledge,
        forgotten: null,
      },
    },
    { op: 'trait_put', trait: makeTrait([first]) },
    { op: 'trait_put', trait: makeTrait([first], { dimension: 'Food Interest', level: 'Low' }) },
    { op: 'trait_removed', group: 'content_interests', dimension: 'Music Interest' },
    { op: 'pages_analysed', segment_id: head.id, page_ids: [first, second] },
    { op: 'page_summarised', page_id: first, meta_info: 'a better summary' },
    { op: 'segment_visited', segment_id: other.head.id, visits: 3, at: '2026-04-01T10:00:00.000Z' },
    { op: 'tombstones_put', key: 'AAAAAAAAAAAAAAAAAAAAAA', until: null, hashes: ['ffff', 'gggg'] },
    {
      op: 'tombstones_put',
      key: 'AAAAAAAAAAAAAAAAAAAAAA',
      until: '2026-04-01T10:00:00.000Z',
      hashes: ['hhhh'],
    },
    { op: 'loss_noted', loss: { at: '2026-04-01T10:00:00.000Z', message: 'A page is gone.' } },
    {
      op: 'analysis_failed',
      trouble: {
        job: `analyse:${head.id}`,
        attempts: 1,
        content_failures: 0,
        last_error: '429',
        failed_at: '2026-03-01T10:00:00.000Z',
        next_try_at: null,
      },
    },
  ]);
  await store.transact(() => [{ op: 'page_forgotten', page_id: other.pages[0]?.id ?? first }]);
}
