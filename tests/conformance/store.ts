import { describe, expect, it } from 'vitest';
import { heldStore } from '../../src/adapters/held/held-memory.js';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { newPageId, type PageId, toAssistantId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { purgeBegun } from '../../src/model/purge.js';
import type { ArchiveEntry, Need, Store, StoreChange, StoredMemory } from '../../src/ports/store.js';
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
import { losses } from '../support/store-process.js';
import { openings } from './openings.js';

/** A process that adds pages until it is killed. */
export interface Writer {
  /** Texts of the pages that it acknowledged. */
  readonly acknowledged: readonly string[];
  readonly errors: readonly string[];
  /** Resolves when its memory is open. */
  readonly ready: Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface StoreUnderTest {
  readonly store: Store;
  /** Absent if a memory ends with its process. `migrates`: also moves pages to segments and the archive. */
  spawn?(name: string, migrates: boolean): Writer;
  /** Whether any process takes work that is due. */
  readonly sharesWork?: boolean;
  dispose(): Promise<void>;
}

const alice = toUserId('alice');
const other = toAssistantId('other');

/** Tests that every store must pass. Each opening of a user represents a separate process. */
export function describeStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    const { under, open } = openings(make);

    describe('slices', () => {
      it('of an empty memory are empty', async () => {
        const memory = await open();
        const { shortTerm, segments, facts, seq } = (await memory.read({ counts: true })).counts;
        expect([shortTerm, segments, facts, seq]).toEqual([0, 0, 0, 0]);
        expect(await memory.read({ lastMigrated: true })).toEqual({ lastMigrated: { id: null, page: null } });
        expect((await memory.read({ facts: [null, someAssistant] })).facts.get(someAssistant) ?? []).toEqual(
          [],
        );
        expect(memory.notices).toEqual([]);
      });

      it('equal those of the reducer after every kind of operation', async () => {
        const reference = await heldStore(createInMemoryStore()).open(alice);
        const memory = await open();
        for (const operations of history()) {
          await reference.transact({}, () => operations);
          await memory.transact({}, () => operations);
        }
        for (const need of needs(
          (await reference.read({ everyPage: true })).everyPage.map(({ page }) => page.id),
        )) {
          expect(await memory.read(need), JSON.stringify(need)).toEqual(await reference.read(need));
        }
        expect(await archiveOf(memory)).toEqual(await archiveOf(reference));
        // Another process finds it too.
        const again = await open();
        for (const need of needs([])) {
          expect(await again.read(need), JSON.stringify(need)).toEqual(await reference.read(need));
        }
      });

      it('equal those of the reducer after random histories, including transactions that do not fit', async () => {
        for (let seed = 1; seed <= 5; seed += 1) {
          const user = toUserId(`user ${seed}`);
          const reference = await heldStore(createInMemoryStore()).open(user);
          const memory = await open(user);
          const random = randomFrom(seed);
          for (let step = 0; step < 40; step += 1) {
            const operations = await randomOperations(reference, random);
            const results = await Promise.allSettled(
              [reference, memory].map((each) => each.transact({}, () => operations)),
            );
            const [expected, found] = results.map(({ status }) => status);
            expect(found, JSON.stringify(operations)).toBe(expected);
          }
          const { everyPage } = await reference.read({ everyPage: true });
          for (const need of needs(everyPage.map(({ page }) => page.id))) {
            expect(await memory.read(need), `${seed} ${JSON.stringify(need)}`).toEqual(
              await reference.read(need),
            );
          }
          expect(await archiveOf(memory)).toEqual(await archiveOf(reference));
        }
      });

      it('keep text of every kind unchanged', async () => {
        const metaData = JSON.parse('{"__proto__":{"a":1},"2":null,"1":[true,-0.5e-7],"":"é\\u0000"}');
        const memory = await open();
        const pages = textsOfEveryKind.map((text) => makePage(text, { meta_data: metaData }));
        await memory.transact({}, () => pages.map((page) => added(page)));
        const { oldest } = await (await open()).read({ oldest: 10 });
        expect(JSON.stringify(oldest)).toBe(JSON.stringify(pages));
      });

      it('do not change after they were read', async () => {
        const memory = await open();
        const page = makePage('one');
        await memory.transact({}, () => [added(page)]);
        const need = { oldest: 9, everyPage: true, counts: true, pages: [page.id], troubles: true } as const;
        const before = await memory.read(need);
        const copy = structuredClone(before);
        await memory.transact({}, () => [
          added(makePage('two')),
          { op: 'pages_read', page_ids: [page.id] },
          { op: 'page_forgotten', page_id: page.id },
        ]);
        expect(before).toEqual(copy);
      });

      it('are a snapshot of one moment', async () => {
        const memory = await open();
        const reader = await open();
        let isWriting = true;
        const writing = (async () => {
          for (let i = 0; i < 60; i += 1) {
            const head = makeHead(`topic ${i}`);
            const page = makePage(`page ${i}`);
            await memory.transact({}, () => [added(page)]);
            await memory.transact({}, () => [put(head), migrated(page.id, head.id)]);
          }
          isWriting = false;
        })();
        while (isWriting) {
          const { counts, oldest, everyPage, heads } = await reader.read({
            counts: true,
            oldest: 1000,
            everyPage: true,
            heads: 'all',
          });
          expect(counts.shortTerm).toBe(oldest.length);
          expect(counts.shortTerm + counts.midTerm).toBe(everyPage.length);
          expect(counts.segments).toBe(heads.size);
          expect([...heads.values()].reduce((sum, { size }) => sum + size, 0)).toBe(counts.midTerm);
        }
        await writing;
      });
    });

    describe('transactions', () => {
      it('run in the order of the calls, each seeing the ones before', async () => {
        const memory = await open();
        const seen: number[] = [];
        await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            memory.transact({ counts: true }, ({ counts }) => {
              seen.push(counts.shortTerm);
              return [added(makePage(`page ${index}`))];
            }),
          ),
        );
        expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index));
        const { oldest } = await memory.read({ oldest: 100 });
        expect(oldest.map((page) => page.user_input)).toEqual(seen.map((index) => `page ${index}`));
      });

      it('change nothing when the decision throws, and continue with the next one', async () => {
        const memory = await open();
        const failing = memory.transact({}, () => {
          throw new Error('undecided');
        });
        const next = memory.transact({}, () => [added(makePage('next'))]);
        await expect(failing).rejects.toThrow('undecided');
        expect(await next).toHaveLength(1);
        expect((await memory.read({ counts: true })).counts.shortTerm).toBe(1);
      });

      it('are applied entirely or not at all', async () => {
        const memory = await open();
        const page = makePage('stored');
        await memory.transact({}, () => [added(page)]);
        const before = await memory.read(everything);
        const head = makeHead('new');
        const unknown = newPageId(Date.now());
        for (const misfit of [
          added(page),
          migrated(unknown, head.id),
          added(makePage('lost'), makeHead('unknown').id),
          { op: 'page_forgotten', page_id: unknown },
          { op: 'pages_read', page_ids: [page.id, unknown] },
          { op: 'pages_analysed', segment_id: makeHead('unknown').id, page_ids: [] },
          { op: 'segment_archived', segment_id: makeHead('unknown').id },
          { op: 'fact_removed', fact_id: makeFact('never', []).id, assistant_id: null, reason: 'capacity' },
        ] as Operation[]) {
          const job = memory.transact({}, () => [
            put(head),
            added(makePage('before it')),
            { op: 'fact_put', fact: makeFact('before it', [page.id]) },
            { op: 'trait_put', trait: makeTrait([page.id]) },
            misfit,
          ]);
          await expect(job, misfit.op).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
        }
        expect(await memory.read(everything)).toEqual(before);
        await memory.transact({}, () => [put(head), migrated(page.id, head.id)]);
        expect((await memory.read({ counts: true })).counts.midTerm).toBe(1);
      });

      it('write nothing for no operations', async () => {
        const memory = await open();
        await memory.transact({}, () => [added(makePage('one'))]);
        const before = await under().store.positionOf(alice);
        expect(await memory.transact({ counts: true }, () => [])).toEqual([]);
        expect(await under().store.positionOf(alice)).toBe(before);
      });

      it('decide on the transactions of others and lose none of them', async () => {
        const openings = await Promise.all(Array.from({ length: 4 }, () => open()));
        const head = makeHead('counted');
        await openings[0]?.transact({}, () => [put(head)]);
        await Promise.all(
          openings.flatMap((memory, at) =>
            Array.from({ length: 15 }, (_, i) =>
              memory.transact({ heads: [head.id], counts: true }, ({ heads }) => {
                const known = heads.get(head.id)?.head;
                if (known === undefined) throw new Error('the segment is gone');
                return [added(makePage(`${at}:${i}`)), put({ ...known, n_visit: known.n_visit + 1 })];
              }),
            ),
          ),
        );
        const memory = await open();
        const { heads, oldest, counts } = await memory.read({ heads: 'all', oldest: 1000, counts: true });
        expect(heads.get(head.id)?.head.n_visit).toBe(60);
        expect(new Set(oldest.map((page) => page.user_input)).size).toBe(60);
        expect(counts.seq).toBe(61);
      });
    });

    describe('several processes', () => {
      it('see what the others committed with their next read', async () => {
        const mine = await open();
        const theirs = await open();
        await mine.transact({}, () => [added(makePage('mine'))]);
        expect((await theirs.read({ counts: true })).counts.shortTerm).toBe(1);
        await theirs.transact({}, () => [added(makePage('theirs'))]);
        expect((await mine.read({ oldest: 9 })).oldest.map((page) => page.user_input)).toEqual([
          'mine',
          'theirs',
        ]);
      });

      it('have a position that shows the progress of a memory', async () => {
        expect(await under().store.positionOf(alice)).toBeNull();
        const mine = await open();
        const theirs = await open();
        await mine.transact({}, () => [added(makePage('one'))]);
        await theirs.read({ counts: true });
        const first = await under().store.positionOf(alice);
        expect([mine.position, theirs.position]).toEqual([first, first]);
        await theirs.transact({}, () => [added(makePage('two'))]);
        expect(await under().store.positionOf(alice)).not.toBe(first);
        expect(mine.position).toBe(first);
        await mine.read({ counts: true });
        await theirs.close();
        await mine.close();
        expect(await under().store.positionOf(alice)).toBe(mine.position);
      });

      it('are notified of changes, of their own before the transaction resolves', async () => {
        const mine = await open();
        const theirs = await open();
        const told: StoreChange[] = [];
        const cancel = mine.subscribe((change) => told.push(change));
        const operation = added(makePage('mine'));
        await mine.transact({}, () => [operation]);
        expect(told).toEqual([{ kind: 'operations', operations: [operation] }]);
        await theirs.transact({}, () => [added(makePage('theirs'))]);
        await mine.read({ counts: true });
        await expect.poll(() => told.length).toBe(2);
        cancel();
        await mine.transact({}, () => [added(makePage('unheard'))]);
        expect(told).toHaveLength(2);
      });

      it('keep users apart', async () => {
        const one = await open();
        const two = await open(toUserId('ALICE'));
        await one.transact({}, () => [added(makePage('mine'))]);
        expect((await two.read({ counts: true })).counts.shortTerm).toBe(0);
        expect((await under().store.listUsers()).sort()).toEqual(['ALICE', 'alice']);
      });

      it('hold the right to work one at a time', async () => {
        const one = await open();
        const two = await open();
        const claim = await one.claimWork();
        expect(claim?.held).toBe(true);
        expect(await two.claimWork()).toBeNull();
        await claim?.release(null);
        const next = await two.claimWork();
        expect(next?.held).toBe(true);
        expect(await one.claimWork()).toBeNull();
        await two.close();
        expect((await one.claimWork())?.held).toBe(true);
      });

      it('refuse to work after closing, and may be closed twice', async () => {
        const memory = await open();
        const pending = memory.transact({}, () => [added(makePage('begun before'))]);
        await memory.close();
        await memory.close();
        expect(await pending).toHaveLength(1);
        await expect(memory.read({ counts: true })).rejects.toMatchObject({ code: 'STORE_CLOSED' });
        await expect(memory.transact({}, () => [])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      });
    });

    describe('the archive', () => {
      it('loses what an erasure removes, and the counts follow', async () => {
        const memory = await open();
        const { kept, gone } = await archiveTwo(memory);
        const fact = makeFact('left for want of room', []);
        await memory.transact({}, () => [
          { op: 'fact_put', fact },
          { op: 'fact_removed', fact_id: fact.id, assistant_id: null, reason: 'capacity' },
        ]);
        const edit = (entry: ArchiveEntry) => {
          if (entry.kind === 'fact') return null;
          const pages = entry.pages.filter((page) => page.id !== gone.id);
          return pages.length === 0 ? null : { ...entry, pages };
        };
        await memory.transact({}, () => [purgeBegun('2026-03-01T10:00:00.000Z')]);
        expect(await memory.read({ purging: true, troubles: true })).toEqual({
          purging: true,
          troubles: new Map(),
        });
        await memory.erase(edit);
        expect(pagesIn(await archiveOf(memory))).toEqual([kept.id]);
        expect((await archiveOf(memory)).filter(({ kind }) => kind === 'fact')).toEqual([]);
        const { counts, purging } = await memory.read({ counts: true, purging: true });
        expect([counts.archivedSegments, counts.archivedPages, purging]).toEqual([1, 1, false]);
        await memory.erase(edit);
        await memory.erase(null);
        expect(pagesIn(await archiveOf(await open()))).toEqual([kept.id]);
      });

      it('stays unchanged when the edit throws', async () => {
        const memory = await open();
        await archiveTwo(memory);
        const before = await archiveOf(memory);
        const job = memory.erase((entry) => {
          if (entry.kind === 'segment' && pagesIn([entry]).includes(pagesIn(before)[1] ?? ''))
            throw new Error('no');
          return null;
        });
        await expect(job).rejects.toThrow('no');
        expect(await archiveOf(memory)).toEqual(before);
      });
    });

    it('crash: loses no acknowledged page, and duplicates none', async (context) => {
      if (under().spawn === undefined) return context.skip('its memories do not outlive a process');
      const acknowledged: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        const writers = ['a', 'b'].map((letter) => under().spawn?.(`${letter}${round}`, round % 2 === 1));
        for (const writer of writers) await writer?.ready;
        await expect
          .poll(() => writers.every((writer) => (writer?.acknowledged.length ?? 0) >= 10))
          .toBe(true);
        for (const writer of writers) {
          await writer?.kill();
          acknowledged.push(...(writer?.acknowledged ?? []));
          expect(writer?.errors).toEqual([]);
        }
        const memory = await under().store.open(alice);
        const { everyPage, counts } = await memory.read({ everyPage: true, counts: true });
        const archive = await archiveOf(memory);
        const archived = archive.flatMap((entry) => (entry.kind === 'segment' ? entry.pages : []));
        const texts = [...everyPage.map(({ page }) => page), ...archived].map((page) => page.user_input);
        expect(losses(texts, acknowledged)).toEqual({ lost: [], doubled: [] });
        expect(counts.archivedPages).toBe(archived.length);
        await memory.close();
      }
      expect(acknowledged.length).toBeGreaterThan(80);
    });

    it('work: is due for any process until it is done', async (context) => {
      if (under().sharesWork !== true) return context.skip('a process works for the memories it has open');
      const { store } = under();
      const nowMs = Date.now() + 60_000;
      const memory = await open();
      expect(await store.due(nowMs, 9)).toEqual([]);
      await memory.transact({}, () => [added(makePage('new'))]);
      expect(await store.due(nowMs, 9)).toEqual([alice]);
      const claim = await memory.claimWork();
      expect(await store.due(nowMs, 9)).toEqual([]);
      // Work that arrives while a process works, and that this process has not seen, stays due.
      await (await open()).transact({}, () => [added(makePage('newer'))]);
      await claim?.release(null);
      expect(await store.due(nowMs, 9)).toEqual([alice]);
      const next = await memory.claimWork();
      await memory.read({ counts: true });
      await next?.release(nowMs + 60_000);
      expect(await store.due(nowMs, 9)).toEqual([]);
      expect(await store.due(nowMs + 60_001, 9)).toEqual([alice]);
      const last = await memory.claimWork();
      await memory.read({ counts: true });
      await last?.release(null);
      expect(await store.due(nowMs + 10 * 60_000, 9)).toEqual([]);
      // A process that finds no work records this without claiming.
      await memory.transact({}, () => [{ op: 'losses_accepted' }]);
      await (await open()).transact({}, () => [{ op: 'losses_accepted' }]);
      await memory.rest(null);
      expect(await store.due(nowMs, 9)).toEqual([alice]);
      await memory.read({ counts: true });
      await memory.rest(null);
      expect(await store.due(nowMs, 9)).toEqual([]);
    });

    it('work: is offered to one caller at a time, longest waiting first', async (context) => {
      if (under().sharesWork !== true) return context.skip();
      const { store } = under();
      const names = ['anna', 'boris', 'cleo', 'dario', 'elena', 'farid'];
      const users = names.map(toUserId);
      const waiting: StoredMemory[] = [];
      for (const user of users) {
        const memory = await open(user);
        await memory.transact({}, () => [added(makePage(`of ${user}`))]);
        waiting.push(memory);
      }
      const nowMs = Date.now() + 1000;
      expect(await store.due(nowMs, 2)).toEqual(users.slice(0, 2));
      const taken = await Promise.all([store.due(nowMs, 2), store.due(nowMs, 2), store.due(nowMs, 2)]);
      expect(taken.flat().sort()).toEqual(users.slice(2));
      // A process that has the memory open may claim work that was offered to another process.
      const claim = await waiting[0]?.claimWork();
      expect(claim?.held).toBe(true);
      await claim?.release(undefined);
      expect(await store.due(nowMs, 9)).toEqual(users.slice(0, 1));
    });
  });
}

const everything = {
  counts: true,
  everyPage: true,
  heads: 'all',
  facts: 'all',
  profile: true,
  troubles: true,
  purging: true,
  tombstones: true,
  changes: true,
  losses: true,
  lastMigrated: true,
} as const satisfies Need;

async function archiveOf(memory: StoredMemory): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for await (const entry of memory.readArchive()) entries.push(entry);
  return entries;
}

function pagesIn(archive: readonly ArchiveEntry[]): string[] {
  return archive.flatMap((entry) => (entry.kind === 'segment' ? entry.pages.map(({ id }) => id) : []));
}

async function archiveTwo(memory: StoredMemory) {
  const [kept, gone] = [makePage('kept'), makePage('gone')];
  for (const page of [kept, gone]) {
    const head = makeHead(page.user_input);
    await memory.transact({}, () => [
      put(head),
      added(page, head.id),
      { op: 'segment_archived', segment_id: head.id },
    ]);
  }
  return { kept, gone };
}

/** Transactions with every kind of operation. */
function history(): Operation[][] {
  const head = makeHead('cooking');
  const second = makeHead('travel', { created_at: '2026-03-02T10:00:00.000Z' });
  const empty = makeHead('empty');
  const evicted = makeHead('evicted');
  const pages = Array.from({ length: 12 }, (_, i) =>
    makePage(i % 3 === 0 ? `A recipe of Ravioli, number ${i}` : `page ${i}`, {
      ...(i % 4 === 0 ? { agent_response: '' } : {}),
      timestamp: new Date(Date.parse('2026-03-01T10:00:00.000Z') + i * 7 * 3_600_000).toISOString(),
      meta_data: i % 2 === 0 ? { project: 'kitchen' } : {},
    }),
  );
  const id = (at: number): PageId => pages[at]?.id ?? newPageId(0);
  const page = (at: number) => pages[at] ?? makePage('none');
  const old = makeFact('lives in Bonn', [id(0)], { slot: 'home' });
  const current = makeFact('lives in Berlin', [id(1)], { slot: 'home' });
  const own = makeFact('recommended a dal', [id(0)], { assistant_id: someAssistant });
  const theirs = makeFact('speaks Danish', [id(2)], { assistant_id: other, pinned: true });
  const dropped = makeFact('left for want of room', [id(1)]);
  const change = {
    at: '2026-04-02T10:00:00.000Z',
    by: 'tool' as const,
    assistant_id: someAssistant,
    action: 'edited' as const,
    fact_id: current.id,
    before: 'lives in Bern',
    after: current.knowledge,
    forgotten: null,
  };
  return [
    pages.slice(0, 9).map((each) => added(each)),
    [put(head), put(second), put(empty), put(evicted)],
    [
      added(page(9), second.id),
      added({ ...page(10), analysed: true, read: true }, evicted.id),
      added(page(11)),
    ],
    [0, 1, 2].map((at) => migrated(id(at), head.id)),
    [migrated(id(4), second.id), migrated(id(3), head.id)],
    [old, current, own, theirs, dropped].map((fact) => ({ op: 'fact_put' as const, fact })),
    [
      { op: 'fact_put', fact: { ...old, superseded_by: current.id } },
      { op: 'fact_removed', fact_id: dropped.id, assistant_id: null, reason: 'capacity' },
      { op: 'change_logged', change },
      { op: 'change_logged', change: { ...change, at: '2026-04-03T10:00:00.000Z', fact_id: own.id } },
      { op: 'changes_blanked', fact_ids: [own.id] },
    ],
    [
      { op: 'trait_put', trait: makeTrait([id(0)]) },
      { op: 'trait_put', trait: makeTrait([id(0)], { dimension: 'Food Interest', level: 'Low' }) },
      { op: 'trait_put', trait: makeTrait([id(1)], { level: 'Medium' }) },
      { op: 'trait_removed', group: 'content_interests', dimension: 'Food Interest' },
    ],
    [
      { op: 'pages_read', page_ids: [id(0), id(1), id(5)] },
      { op: 'pages_analysed', segment_id: head.id, page_ids: [id(0), id(1)] },
      { op: 'pages_noted', page_ids: [id(1), id(6)] },
      { op: 'page_summarised', page_id: id(2), meta_info: 'a better summary' },
      { op: 'segment_visited', segment_id: second.id, visits: 3, at: '2026-04-01T10:00:00.000Z' },
      { op: 'segment_visited', segment_id: second.id, visits: 1, at: '2026-03-01T10:00:00.000Z' },
    ],
    [
      { op: 'segment_archived', segment_id: evicted.id },
      { op: 'segment_removed', segment_id: empty.id },
      { op: 'page_forgotten', page_id: id(7) },
      { op: 'page_forgotten', page_id: id(4) },
    ],
    [
      { op: 'tombstones_put', key: 'AAAAAAAAAAAAAAAAAAAAAA', until: null, hashes: ['ffff', 'gggg'] },
      {
        op: 'tombstones_put',
        key: 'AAAAAAAAAAAAAAAAAAAAAA',
        until: '2026-04-01T10:00:00.000Z',
        hashes: ['gggg', 'hhhh'],
      },
      {
        op: 'tombstones_put',
        key: 'AAAAAAAAAAAAAAAAAAAAAA',
        until: '2026-05-01T10:00:00.000Z',
        hashes: ['hhhh'],
      },
      { op: 'loss_noted', loss: { at: '2026-04-01T10:00:00.000Z', message: 'A page is gone.' } },
    ],
    [
      { op: 'losses_accepted' },
      { op: 'loss_noted', loss: { at: '2026-04-02T10:00:00.000Z', message: 'Again.' } },
    ],
    [
      purgeBegun('2026-03-01T10:00:00.000Z'),
      {
        op: 'analysis_failed',
        trouble: {
          job: `analyse:${head.id}`,
          attempts: 2,
          content_failures: 1,
          last_error: '429',
          failed_at: '2026-03-01T10:00:00.000Z',
          next_try_at: '2026-03-01T11:00:00.000Z',
        },
      },
      { op: 'analysis_recovered', job: 'purge' },
      { op: 'archive_reduced', segments: 0, pages: 0 },
    ],
  ];
}

/** A need for each slice and each of its forms. `ids`: ids of stored pages. */
function needs(ids: readonly PageId[]): Need[] {
  const unknown = newPageId(0);
  const [first = unknown, second = unknown] = ids;
  const dayMs = 86_400_000;
  const startMs = Date.parse('2026-03-01T10:00:00.000Z');
  const list = { text: '', sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY, limit: 4 };
  return [
    { counts: true },
    { pages: [...ids.slice(2), unknown, first] },
    {
      around: [
        { fromMs: startMs, untilMs: startMs + 60_000 },
        { fromMs: startMs + dayMs, untilMs: startMs + 2 * dayMs },
      ],
    },
    { around: [] },
    { oldest: 3 },
    { newest: 3 },
    { newest: 100 },
    ...ids.map((pageId): Need => ({ before: { pageId, most: 2, characters: 1000 } })),
    ...ids.map((pageId): Need => ({ before: { pageId, most: 9, characters: 60 } })),
    { before: { pageId: unknown, most: 2, characters: 1000 } },
    { unread: 4 },
    { unread: 100 },
    { waiting: 'notAnalysed' },
    { waiting: 'notNoted' },
    { lastMigrated: true },
    { heads: 'all' },
    { heads: [] },
    { heads: { perVisit: 1, perUnanalysed: 1, base: 1, least: 2 } },
    { heads: { perVisit: 0, perUnanalysed: 0.5, base: 0, least: 1.5 } },
    { facts: 'all' },
    { facts: [null, other] },
    { profile: true },
    { troubles: true },
    { purging: true },
    { tombstones: true },
    { changes: true },
    { losses: true },
    { timeline: list },
    { timeline: { ...list, text: 'ravioli', limit: 2 } },
    { timeline: { ...list, text: 'ravioli', side: 'user' } },
    { timeline: { ...list, side: 'agent' } },
    { timeline: { ...list, project: 'kitchen' } },
    { timeline: { ...list, project: 'kitchen', side: 'user', after: second } },
    { timeline: { ...list, sinceMs: startMs + dayMs, untilMs: startMs + 2 * dayMs } },
    { timeline: { ...list, after: second } },
    { timeline: { ...list, after: unknown } },
    { days: 2 },
    { days: 90 },
    { pageIds: 'all' },
    { pageIds: [...ids.slice(2), unknown, first] },
    { everyPage: true },
    { touched: { target: { kind: 'pages', ids: new Set([first, unknown]) }, chains: [] } },
    { touched: { target: { kind: 'before', ms: startMs + dayMs }, chains: [] } },
    { touched: { target: { kind: 'pages', ids: new Set() }, chains: [] } },
    everything,
  ];
}

/** The same numbers in [0, 1) for the same seed (Mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A random transaction. About one in ten does not fit the memory. */
async function randomOperations(memory: StoredMemory, random: () => number): Promise<Operation[]> {
  const known = await memory.read(everything);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const pages = known.everyPage.map(({ page }) => page);
  const waiting = known.everyPage.filter(({ segmentId }) => segmentId === null).map(({ page }) => page);
  const heads = [...known.heads.values()].map(({ head }) => head);
  const facts = [...known.facts.values()].flat();
  const instant = new Date(Date.parse('2026-03-01T10:00:00.000Z') + Math.floor(random() * 1e9)).toISOString();
  const page = makePage(`random ${random()}`, { timestamp: instant });
  const head = makeHead(`random ${random()}`, { created_at: instant, updated_at: instant });
  const target = pick(pages)?.id;
  const segment = pick(heads);
  const fact = pick(facts);
  const misfit: Operation[] = [added(page), { op: 'page_forgotten', page_id: newPageId(0) }];
  const choices: Operation[][] = [
    [added(page)],
    [added(page), added(makePage('beside', { timestamp: instant }))],
    [put(head)],
    segment === undefined
      ? [put(head)]
      : [added(page, segment.id), put({ ...segment, theme: `renamed ${random()}` })],
    segment === undefined ? [added(page)] : waiting.slice(0, 3).map(({ id }) => migrated(id, segment.id)),
    target === undefined ? [] : [{ op: 'page_forgotten', page_id: target }],
    target === undefined ? [] : [{ op: 'pages_read', page_ids: [target] }],
    target === undefined ? [] : [{ op: 'pages_noted', page_ids: [target] }],
    target === undefined
      ? []
      : [{ op: 'page_summarised', page_id: target, meta_info: `summary ${random()}` }],
    segment === undefined ? [] : [{ op: 'segment_visited', segment_id: segment.id, visits: 1, at: instant }],
    segment === undefined || random() < 0.5 ? [] : [{ op: 'segment_archived', segment_id: segment.id }],
    [{ op: 'fact_put', fact: makeFact(`fact ${random()}`, target === undefined ? [] : [target]) }],
    [
      {
        op: 'fact_put',
        fact: makeFact(`fact ${random()}`, [], { assistant_id: pick([someAssistant, other]) ?? null }),
      },
    ],
    fact === undefined ? [] : [{ op: 'fact_put', fact: { ...fact, knowledge: `changed ${random()}` } }],
    fact === undefined
      ? []
      : [
          {
            op: 'fact_removed',
            fact_id: fact.id,
            assistant_id: fact.assistant_id,
            reason: random() < 0.5 ? 'capacity' : 'forgotten',
          },
        ],
    misfit,
  ];
  return pick(choices) ?? [];
}
