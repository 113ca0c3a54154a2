import { expect, test } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { toUserId } from '../../../src/model/ids.js';
import type { Operation } from '../../../src/model/operation.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { readerOf } from '../../../src/retrieval/meaning/reader-of.js';
import { MemoryRetriever } from '../../../src/retrieval/memory-retriever.js';
import { added, makeFact, makeHead, makePage, migrated, put, someAssistant } from '../../support/records.js';

const nowMs = Date.parse('2026-03-10T12:00:00.000Z');

async function opened(operations: readonly Operation[] = []) {
  const store = await createInMemoryStore().open(toUserId('ann'));
  if (operations.length > 0) await store.transact(() => operations);
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: readerOf(createBuiltinEmbedder()),
    clock: { now: () => nowMs },
    shortTermCapacityPages: 2,
  });
  const find = async (text: string, pagesMax = 5) => {
    const found = await retriever.search({ text, nowMs, pagesMax, factsMax: 5, assistantId: someAssistant });
    return { ...found, texts: found.pages.map(({ page }) => page.user_input) };
  };
  return { store, retriever, find };
}

test('an empty memory returns an empty answer', async () => {
  const { find, retriever } = await opened();
  expect(await find('anything?')).toMatchObject({
    pages: [],
    userFacts: [],
    assistantFacts: [],
    pagesFound: 0,
    userFactsFound: 0,
    notices: [],
  });
  await retriever.settled();
  expect(retriever.status()).toMatchObject({ embedder: 'builtin-v1', vectors: 0, vectorsMissing: 0 });
});

test('pages are found as soon as they are added, in every tier, also the newest ones', async () => {
  const head = makeHead('pets');
  const dog = makePage('My dog Rex loves the park');
  const { store, find } = await opened([put(head), added(dog, head.id)]);
  expect((await find('Who is Rex?')).texts).toEqual([dog.user_input]);

  const waiting = ['I bought a cello', 'The oven is broken', 'It rains'].map((text) => makePage(text));
  await store.transact(() => waiting.map((page) => added(page)));
  expect((await find('cello')).texts[0]).toBe('I bought a cello');
  expect((await find('oven')).texts[0]).toBe('The oven is broken');
  expect((await find('cello')).pages[0]?.segmentId).toBeNull();

  const [cello] = waiting;
  if (cello === undefined) throw new Error('no page');
  await store.transact(() => [migrated(cello.id, head.id)]);
  expect((await find('cello')).pages[0]?.segmentId).toBe(head.id);

  await store.transact(() => [{ op: 'page_forgotten', page_id: cello.id }]);
  expect((await find('cello')).texts).not.toContain('I bought a cello');
  await store.transact(() => [{ op: 'segment_archived', segment_id: head.id }]);
  expect((await find('Rex')).texts).not.toContain(dog.user_input);
});

test('a large memory is read piece by piece, and changes meanwhile are included', async () => {
  const head = makeHead('notes');
  const pages = Array.from({ length: 1300 }, (_, i) => makePage(`note number${i} of mine`));
  const forgotten = pages[1200];
  if (forgotten === undefined) throw new Error('no page');
  const { store, find, retriever } = await opened([
    put(head),
    ...pages.map((page, i) => added(page, i < 900 ? head.id : null)),
  ]);
  const turns: string[] = [];
  setImmediate(() => turns.push('another user'));
  const searching = find('What is number7 about?').then((found) => {
    turns.push('found');
    return found;
  });
  const [cello, ...newest] = ['I bought a cello', 'It rains', 'It snows'].map((text) => makePage(text));
  if (cello === undefined) throw new Error('no page');
  await store.transact(() => [
    ...[cello, ...newest].map((page) => added(page)),
    migrated(cello.id, head.id),
    { op: 'page_forgotten', page_id: forgotten.id },
  ]);
  expect((await searching).texts[0]).toBe('note number7 of mine');
  expect(turns).toEqual(['another user', 'found']);
  expect((await find('cello')).pages[0]).toMatchObject({ page: { id: cello.id }, segmentId: head.id });
  expect((await find('number1200')).texts).not.toContain(forgotten.user_input);
  expect((await find('number1299')).texts[0]).toBe('note number1299 of mine');
  await retriever.settled();
  expect(retriever.status()).toMatchObject({ vectors: 1302, vectorsMissing: 0 });
});

test('a large memory may be closed while it is read', async () => {
  const { retriever, find } = await opened(
    Array.from({ length: 1300 }, (_, i) => added(makePage(`note ${i}`))),
  );
  const searching = find('note');
  await retriever.close();
  await expect(searching).rejects.toMatchObject({ code: 'STORE_CLOSED' });
});

test('the present theme, summary and keywords of a segment are used', async () => {
  const [one, two] = [makeHead('bus'), makeHead('holiday')];
  const [bus, train] = ['It leaves at nine', 'It leaves at seven'].map((text) => makePage(text));
  if (bus === undefined || train === undefined) throw new Error('no pages');
  const { store, find } = await opened([put(one), put(two), added(bus, one.id), added(train, two.id)]);
  await store.transact(() => [put({ ...two, summary: 'The way to Lisbon' })]);
  expect((await find('When does it leave for Lisbon?')).texts[0]).toBe(train.user_input);
  await store.transact(() => [
    put({ ...one, summary: 'The way to Lisbon' }),
    put({ ...two, summary: 'holiday' }),
  ]);
  expect((await find('When does it leave for Lisbon?')).texts[0]).toBe(bus.user_input);
});

test('a page that joins the chain of another is its neighbour', async () => {
  const head = makeHead('house');
  const [question, answer, other] = [
    makePage('What is the plumber called?', { timestamp: '2026-03-01T09:00:00.000Z', agent_response: '' }),
    makePage('Giovanni', { timestamp: '2026-03-01T15:00:00.000Z', agent_response: '' }),
    makePage('Matilda', { timestamp: '2026-03-02T15:00:00.000Z', agent_response: '' }),
  ];
  const { store, find } = await opened([put(head), ...[question, answer, other].map((page) => added(page))]);
  const before = await find('plumber');
  expect(before.pagesFound).toBe(1);
  const first = migrated(question.id, head.id);
  const second = migrated(answer.id, head.id);
  if (first.op !== 'page_migrated' || second.op !== 'page_migrated') throw new Error('other operations');
  await store.transact(() => [first, { ...second, chain_id: first.chain_id }]);
  expect((await find('plumber')).texts.slice(0, 2)).toEqual([question.user_input, answer.user_input]);
  expect((await find('plumber')).pagesFound).toBe(2);
});

test('vectors are saved by segment and used again', async () => {
  const head = makeHead('pets');
  const dog = makePage('My dog Rex loves the park');
  const { store, retriever } = await opened([put(head), added(dog, head.id)]);
  await retriever.settled();
  const saved = await store.loadVectors(head.id);
  expect(saved).toMatchObject({ model: 'builtin-v1', dimensions: 256, summary: { text: head.summary } });
  expect([...(saved?.pages.keys() ?? [])]).toEqual([dog.id]);
  expect(retriever.segmentVector(head.id)).toEqual(saved?.summary?.vector);
});

test('facts are found; a superseding fact comes before the superseded one', async () => {
  const page = makePage('I moved');
  const home = makeFact('The user lives in Berlin', [page.id], { slot: 'home' });
  const before = makeFact('The user lived in Hamburg by the harbour', [page.id], { superseded_by: home.id });
  const other = makeFact('The assistant promised a list of harbour tours', [page.id], {
    assistant_id: someAssistant,
  });
  const work = makeFact('The user works for a small company beside the old harbour', [page.id]);
  const { find } = await opened([
    added(page),
    { op: 'fact_put', fact: work },
    { op: 'fact_put', fact: before },
    { op: 'fact_put', fact: home },
    { op: 'fact_put', fact: other },
  ]);
  const found = await find('Where is the harbour?');
  expect(found.userFacts.map(({ fact }) => fact.id)).toEqual([work.id, home.id, before.id]);
  expect(found.assistantFacts.map(({ fact }) => fact.id)).toEqual([other.id]);
});
