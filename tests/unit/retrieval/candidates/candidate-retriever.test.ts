import { afterEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { newChainId, toUserId } from '../../../../src/model/ids.js';
import type { Page } from '../../../../src/model/page.js';
import type { MeaningReader } from '../../../../src/ports/meaning-reader.js';
import type { MemoryIndex } from '../../../../src/ports/memory-index.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../../../src/retrieval/builtin-embedder.js';
import { CandidateRetriever } from '../../../../src/retrieval/candidates/candidate-retriever.js';
import { createPageTerms } from '../../../../src/retrieval/candidates/page-terms.js';
import { readerOf } from '../../../../src/retrieval/meaning/reader-of.js';
import { MemoryRetriever } from '../../../../src/retrieval/memory-retriever.js';
import type { RetrievalQuery, Retriever } from '../../../../src/retrieval/retriever.js';
import { indexOverState } from '../../../support/index-over-state.js';
import { stored } from '../../../support/on-store.js';
import { added, makeFact, makeHead, makePage, put, someAssistant } from '../../../support/records.js';

const nowMs = Date.parse('2023-10-20T12:00:00.000Z');
const hourMs = 3_600_000;
const open: Retriever[] = [];

afterEach(async () => {
  for (const retriever of open.splice(0)) await retriever.close();
});

const subjects = ['the harbour', 'a bicycle', 'our choir', 'the orchard', 'a telescope', 'the bakery'];
const doings = ['painted', 'repaired', 'visited', 'talked about', 'photographed', 'dreamt of'];

/** Forty pages in sessions of three, in segments and in short-term memory, one of them in German. */
async function memory(count = 40): Promise<{ store: UserStore; pages: Page[] }> {
  const store = await createInMemoryStore().open(toUserId('ann'));
  const chain = newChainId(0);
  const pages = Array.from({ length: count }, (_, i) =>
    makePage(`Today I ${doings[i % 6]} ${subjects[Math.floor(i / 6) % 6]} with neighbour ${i}.`, {
      timestamp: new Date(nowMs - (count - i) * 20 * hourMs + (i % 3) * 60_000).toISOString(),
      agent_response: i % 4 === 0 ? `How lovely, Ann! Shall I note number ${i}?` : 'I see.',
      chain_id: i % 5 === 0 ? chain : null,
      meta_data: i % 7 === 0 ? { project: 'garden' } : {},
    }),
  );
  pages.push(
    makePage('Gestern habe ich mit meiner Schwester den alten Leuchtturm besichtigt.', {
      timestamp: '2023-10-19T12:00:00.000Z',
    }),
  );
  const heads = [0, 1, 2].map((i) => makeHead(`topic ${subjects[i]}`));
  const facts = [
    makeFact('The user sings in a choir', [pages[2]?.id ?? makePage('').id]),
    makeFact('The assistant recommended a telescope', [pages[4]?.id ?? makePage('').id], {
      assistant_id: someAssistant,
    }),
  ];
  await store.transact(() => [
    ...heads.map(put),
    ...pages.map((page, i) => added(page, i % 4 === 3 ? null : (heads[i % 3]?.id ?? null))),
    ...facts.map((fact) => ({ op: 'fact_put' as const, fact })),
  ]);
  return { store, pages };
}

function retrievers(store: UserStore, reader: MeaningReader | null, candidatesMax = 100) {
  const embedder = createBuiltinEmbedder();
  const parts = { embedder, reader, clock: { now: () => nowMs }, shortTermCapacityPages: 2 };
  const index = indexOverState(store, createPageTerms());
  const whole = new MemoryRetriever({ ...parts, store });
  const asking = new CandidateRetriever({ ...parts, store: stored(store), index, candidatesMax });
  open.push(whole, asking);
  return { whole, asking, index };
}

const ask = (text: string, more: Partial<RetrievalQuery> = {}): RetrievalQuery => ({
  text,
  nowMs,
  pagesMax: 99,
  relevanceMin: 0.02,
  factsMax: 5,
  assistantId: someAssistant,
  ...more,
});

const questions: readonly [string, RetrievalQuery][] = [
  ['words', ask('Who repaired the bicycle?')],
  ['words that no page has', ask('What does the veterinarian charge?')],
  ['a slip in a word', ask('When did we see the telescpoe and the harbuor?')],
  ['another language', ask('Wann habe ich den Leuchtturm besichtigt?')],
  ['a time without its year', ask('What did I paint on 12 October?')],
  ['a time and nothing else', ask('What did we talk about yesterday?')],
  ['an event that tells a time', ask('What did I visit two days before the lovely choir?')],
  ['a list', ask('Which things did I photograph?')],
  ['a name one side is called by', ask('What did Ann dream of?')],
  ['a stretch of time', ask('the orchard', { sinceMs: nowMs - 400 * hourMs, untilMs: nowMs - 100 * hourMs })],
  ['a project', ask('the bakery', { project: 'garden' })],
  ['a floor', ask('our choir', { relevanceMin: 'fitted' })],
];

describe.each([
  ['words', null],
  ['vectors', readerOf(createBuiltinEmbedder())],
] as const)('by %s', (_, reader) => {
  it.each(questions)(
    'ranks candidates that are the whole memory as the whole memory: %s',
    async (_name, query) => {
      const { store } = await memory();
      const { whole, asking } = retrievers(store, reader);
      await Promise.all([whole.settled(), asking.settled()]);
      const expected = await whole.search(query);
      const found = await asking.search(query);
      // Pages that match equally may be in another order.
      const scores = ({ pages }: typeof found) => new Map(pages.map(({ page, score }) => [page.id, score]));
      expect([...scores(found).keys()].sort()).toEqual([...scores(expected).keys()].sort());
      // How far a vector stands out is measured among the candidates, which here are only the pages of the time.
      for (const [id, score] of scores(expected)) {
        expect(Math.abs((scores(found).get(id) ?? Number.NaN) - score)).toBeLessThan(0.01);
      }
      expect(found.userFacts.map(({ fact }) => fact.id)).toEqual(
        expected.userFacts.map(({ fact }) => fact.id),
      );
      expect(found.pagesFound).toBe(expected.pagesFound);
      expect([...found.about]).toEqual([...expected.about]);
      expect(found.notices).toEqual([]);
    },
  );
});

it('ranks a few candidates with the statistics of all pages', async () => {
  const { store, pages } = await memory(300);
  const { whole, asking } = retrievers(store, null, 10);
  const query = ask('Who is neighbour 217?', { pagesMax: 3 });
  const [expected, found] = await Promise.all([whole.search(query), asking.search(query)]);
  expect(found.pages[0]?.page.id).toBe(pages[217]?.id);
  expect(found.pages[0]?.score).toBeCloseTo(expected.pages[0]?.score ?? -1, 1);
  expect([...found.about]).toEqual([...expected.about]);
});

it('knows that other pages have a project when no candidate has one', async () => {
  const { store } = await memory(300);
  const { asking, index } = retrievers(store, null, 1);
  // Neighbour 219 and the pages beside it have no project.
  const about = (project?: string) => ask('Who is neighbour 219?', { pagesMax: 1, relevanceMin: 0, project });
  const [none, own] = [await asking.search(about()), await asking.search(about('garden'))];
  expect((await index.statistics([])).inProjects).toBeGreaterThan(0);
  expect(own.pages[0]?.page.id).toBe(none.pages[0]?.page.id);
  expect(own.pages[0]?.score).toBeLessThan(none.pages[0]?.score ?? 0);
});

it('reads a question in few rounds, and keeps nothing of the memory between questions', async () => {
  const { store } = await memory();
  const { asking, index } = retrievers(store, null);
  await asking.settled();
  const calls: string[] = [];
  for (const name of ['statistics', 'holds', 'candidates', 'spellings'] as const) {
    const before = index[name].bind(index) as (...args: unknown[]) => unknown;
    (index as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
      calls.push(name);
      return before(...args);
    };
  }
  await asking.search(ask('Who repaired the bicycle?'));
  const first = [...calls];
  await asking.search(ask('Who repaired the bicycle?'));
  expect(calls).toEqual([...first, ...first]);
  expect(first.at(-1)).toBe('candidates');
  expect(first.length).toBeLessThanOrEqual(4);
});

it('computes vectors of new pages, and reports missing ones', async () => {
  const { store } = await memory();
  const embedder = readerOf(createBuiltinEmbedder());
  let isAway = true;
  const reader: MeaningReader = {
    ...embedder,
    dimensions: embedder.dimensions,
    readTexts: async (texts, signal) => {
      if (isAway) throw new Error('away');
      return embedder.readTexts(texts, signal);
    },
  };
  const { asking } = retrievers(store, reader);
  await asking.settled();
  expect(asking.status()).toMatchObject({ vectors: 0, vectorsMissing: 41 });
  expect((await asking.search(ask('a bicycle'))).notices).toEqual([expect.stringMatching(/words only/)]);
  isAway = false;
  await asking.close();
  const again = retrievers(store, reader).asking;
  await again.settled();
  await store.transact(() => [added(makePage('A trumpet stands in the attic.'))]);
  await again.settled();
  expect(again.status()).toMatchObject({ vectors: 42, vectorsMissing: 0 });
  expect((await again.search(ask('a trumpet'))).pages[0]?.page.user_input).toMatch(/trumpet/);
});

it('searches the rarest words first, and common ones only as long as few pages were named', async () => {
  const { store } = await memory(120);
  const { asking, index } = retrievers(store, null, 1);
  const asked: string[][] = [];
  const before = index.candidates.bind(index);
  const noting: MemoryIndex['candidates'] = (need) => {
    asked.push(need.terms.map(({ term }) => term));
    return before(need);
  };
  Object.assign(index, { candidates: noting });
  // "neighbour" is on all 120 pages, "painted" and "harbour" are on 20 each.
  await asking.search(ask('Which neighbour painted the harbour?'));
  expect(asked[0]).not.toContain('neighbour');
  expect(asked[0]).toHaveLength(1);
});

it('reads new pages of this process at once, and all unread pages when asked to settle', async () => {
  const { store } = await memory();
  const reader = readerOf(createBuiltinEmbedder());
  const { asking, index } = retrievers(store, reader);
  await asking.settled();
  let asked = 0;
  const before = index.unread.bind(index);
  const counting: MemoryIndex['unread'] = (...args) => {
    asked += 1;
    return before(...args);
  };
  Object.assign(index, { unread: counting });
  await store.transact(() => [added(makePage('A trumpet stands in the attic.'))]);
  await expect.poll(async () => (await index.vectorCounts(reader.model)).missing).toBe(0);
  expect(asked).toBe(0);
  const left = new CandidateRetriever({
    embedder: createBuiltinEmbedder(),
    reader,
    clock: { now: () => nowMs },
    shortTermCapacityPages: 2,
    store: stored(store),
    index: indexOverState(store, createPageTerms()),
    readsInBackground: false,
  });
  open.push(left);
  await left.loaded();
  expect(left.status()).toMatchObject({ vectors: 0, vectorsMissing: 42 });
  await left.settled();
  expect(left.status()).toMatchObject({ vectors: 42, vectorsMissing: 0 });
});

it('reads pages that were left unread soon after opening, even if a page is added at once', async () => {
  const { store } = await memory();
  const reader = readerOf(createBuiltinEmbedder());
  const { index } = retrievers(store, reader);
  await store.transact(() => [added(makePage('A trumpet stands in the attic.'))]);
  const missing = async () => (await index.vectorCounts(reader.model)).missing;
  await expect.poll(missing, { timeout: 10_000 }).toBe(0);
});

it('skips a page that was forgotten during ranking', async () => {
  const { store } = await memory();
  const { asking, index } = retrievers(store, null);
  const query = ask('Who visited the bicycle?');
  const [first, ...rest] = (await asking.search(query)).pages.map(({ page }) => page.id);
  const id = first ?? makePage('').id;
  const before = index.candidates.bind(index);
  const slow: MemoryIndex['candidates'] = async (need) => {
    const candidates = await before(need);
    await store.transact(() => [{ op: 'page_forgotten', page_id: id }]);
    return candidates;
  };
  Object.assign(index, { candidates: slow });
  const { pages: found } = await asking.search(query);
  expect(rest.length).toBeGreaterThan(0);
  expect(found.map(({ page }) => page.id)).toEqual(rest);
});
