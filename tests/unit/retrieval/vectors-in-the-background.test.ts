import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { MemoryError } from '../../../src/model/errors.js';
import { toUserId } from '../../../src/model/ids.js';
import type { Operation } from '../../../src/model/operation.js';
import type { Embedder } from '../../../src/ports/embedder.js';
import type { UserStore } from '../../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { readerOf } from '../../../src/retrieval/meaning/reader-of.js';
import { MemoryRetriever } from '../../../src/retrieval/memory-retriever.js';
import type { Retriever, RetrieverParts } from '../../../src/retrieval/retriever.js';
import { instead } from '../../support/instead.js';
import { added, makeHead, makePage, put, someAssistant } from '../../support/records.js';

const opened: Retriever[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((retriever) => retriever.close()));
});

/** A remote embedder that can fail on request. */
function remoteEmbedder(model = 'remote-1') {
  const builtin = createBuiltinEmbedder();
  const state = { failure: null as MemoryError | null, calls: 0, hangs: false, texts: [] as string[] };
  const embedder: Embedder = {
    model,
    dimensions: 256,
    immediate: false,
    async embed(texts, signal) {
      state.calls += 1;
      if (state.hangs) {
        await new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(new MemoryError('CANCELLED', 'cancelled'))),
        );
      }
      if (state.failure !== null) throw state.failure;
      state.texts.push(...texts);
      return builtin.embed(texts, signal);
    },
  };
  return { embedder, state };
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const away = () => new MemoryError('MODEL_UNAVAILABLE', 'connection refused');

async function storeWith(operations: readonly Operation[]): Promise<UserStore> {
  const store = await createInMemoryStore().open(toUserId('ann'));
  await store.transact(() => operations);
  return store;
}

function retrieverOver(
  store: UserStore,
  embedder: Embedder,
  change: Pick<RetrieverParts, 'readsInBackground'> = {},
) {
  let nowMs = 1_000_000;
  const notices: string[] = [];
  const retriever = new MemoryRetriever({
    store,
    embedder,
    reader: readerOf(embedder),
    clock: { now: () => nowMs },
    shortTermCapacityPages: 2,
    report: (level, message) => void notices.push(`${level}: ${message}`),
    retryBaseMs: 10,
    queryVectorMaxMs: 50,
    ...change,
  });
  opened.push(retriever);
  const find = (text: string) =>
    retriever.search({ text, nowMs, pagesMax: 3, factsMax: 3, assistantId: someAssistant });
  return { retriever, notices, find, later: (ms: number) => (nowMs += ms) };
}

function dogInSegment() {
  const head = makeHead('pets');
  const page = makePage('My dog Rex loves the park');
  return { head, page, operations: [put(head), added(page, head.id)] };
}

test('vectors are saved even if changes arrive without a pause', async () => {
  const { head, operations } = dogInSegment();
  const store = await storeWith(operations);
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: readerOf(createBuiltinEmbedder()),
    clock: { now: () => 0 },
    shortTermCapacityPages: 2,
    saveDelayMs: 1_000_000,
    saveAtLatestMs: 50,
  });
  opened.push(retriever);
  // If they are never saved, the test times out.
  while ((await store.loadVectors(head.id)) === null) {
    await store.transact(() => [added(makePage('the garden'), head.id)]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await store.loadVectors(head.id))?.pages.size).toBeGreaterThan(1);
});

test('a process that ends soon computes only vectors that are saved, and only when asked', async () => {
  const { head, page, operations } = dogInSegment();
  const store = await storeWith([...operations, added(makePage('the garden'))]);
  const { embedder, state } = remoteEmbedder();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { retriever } = retrieverOver(store, embedder, { readsInBackground: false });
  await vi.advanceTimersByTimeAsync(1000);
  await store.transact(() => [added(makePage('the greenhouse'), head.id)]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.texts).toEqual([]);
  expect(retriever.status().vectorsMissing).toBe(2);
  await retriever.settled();
  expect(state.texts.join('\n')).toMatch(/Rex[\s\S]*greenhouse/);
  expect(state.texts.join('\n')).not.toContain('the garden');
  const saved = await store.loadVectors(head.id);
  expect(saved?.pages.has(page.id)).toBe(true);
  expect(saved?.pages.size).toBe(2);
});

test('new pages are read together, and by no program that ends at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { embedder, state } = remoteEmbedder();
  const store = await storeWith([]);
  const { retriever } = retrieverOver(store, embedder);
  await vi.advanceTimersByTimeAsync(1000);
  for (const text of ['the garden', 'the greenhouse']) {
    await store.transact(() => [added(makePage(text))]);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(state.calls).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect([state.calls, state.texts.length]).toEqual([1, 2]);
  await store.transact(() => [added(makePage('the shed'))]);
  await retriever.close();
  await vi.advanceTimersByTimeAsync(1000);
  expect(state.calls).toBe(1);
});

test('while the embedder is unavailable pages are found by words, the status says so, and vectors follow', async () => {
  const { operations, page } = dogInSegment();
  const { embedder, state } = remoteEmbedder();
  state.failure = away();
  const { retriever, find, notices, later } = retrieverOver(await storeWith(operations), embedder);
  await retriever.settled();
  expect(retriever.status()).toMatchObject({
    vectors: 0,
    vectorsMissing: 1,
    lastError: 'connection refused',
  });
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain('connection refused');
  const found = await find('Who is Rex?');
  expect(found.pages[0]?.page.id).toBe(page.id);
  expect(found.notices.join()).toMatch(/by words only/);

  state.failure = null;
  later(100_000);
  await retriever.settled();
  expect(retriever.status()).toMatchObject({ vectors: 1, vectorsMissing: 0, lastError: null });
  expect((await find('Who is Rex?')).notices).toEqual([]);
});

test('a query whose vector is late is answered by words, and the next one does not wait', async () => {
  const { operations, page } = dogInSegment();
  const { embedder, state } = remoteEmbedder();
  const { retriever, find } = retrieverOver(await storeWith(operations), embedder);
  await retriever.settled();
  state.hangs = true;
  // A time limit that only a weak reference holds is lost here.
  setTimeout(collectGarbage, 10);
  const found = await find('Who is Rex?');
  expect(found.pages[0]?.page.id).toBe(page.id);
  expect(found.notices).toHaveLength(1);
  const { calls } = state;
  await find('Who is Rex?');
  expect(state.calls).toBe(calls);
});

test('a search can be cancelled', async () => {
  const { operations } = dogInSegment();
  const { embedder, state } = remoteEmbedder();
  const { retriever } = retrieverOver(await storeWith(operations), embedder);
  await retriever.settled();
  state.hangs = true;
  const query = { text: 'Rex', nowMs: 0, pagesMax: 1, factsMax: 1, assistantId: someAssistant };
  const search = retriever.search({ ...query, signal: AbortSignal.timeout(5) });
  await expect(search).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a rejected key is not retried automatically', async () => {
  const { operations } = dogInSegment();
  const { embedder, state } = remoteEmbedder();
  state.failure = new MemoryError('MODEL_REJECTED', 'wrong key');
  const { retriever, find, later } = retrieverOver(await storeWith(operations), embedder);
  await retriever.settled();
  const { calls } = state;
  later(10_000_000);
  await retriever.settled();
  await find('Rex');
  expect(state.calls).toBe(calls);
});

test('an index of another model is rebuilt, and search continues meanwhile', async () => {
  const { operations, page, head } = dogInSegment();
  const store = await storeWith(operations);
  const first = retrieverOver(store, remoteEmbedder('remote-1').embedder);
  await first.retriever.settled();
  expect(await store.loadVectors(head.id)).toMatchObject({ model: 'remote-1' });

  const second = retrieverOver(store, remoteEmbedder('remote-2').embedder);
  expect((await second.find('Who is Rex?')).pages[0]?.page.id).toBe(page.id);
  await second.retriever.settled();
  expect(await store.loadVectors(head.id)).toMatchObject({ model: 'remote-2' });
  expect(second.notices.join('\n')).toMatch(/another embedding model[\s\S]*rebuilt with remote-2: 1 pages/);
});

test('saved vectors are not computed again; missing ones and those of new summaries are', async () => {
  const { operations, page, head } = dogInSegment();
  const store = await storeWith(operations);
  const first = retrieverOver(store, remoteEmbedder().embedder);
  await first.retriever.settled();
  await first.retriever.close();

  const again = remoteEmbedder();
  const second = retrieverOver(store, again.embedder);
  await second.retriever.settled();
  expect(again.state.texts).toEqual([]);
  expect(second.retriever.status().vectors).toBe(1);

  const cat = makePage('My cat is called Tom');
  await store.transact(() => [added(cat, head.id), put({ ...head, summary: 'Rex and Tom' })]);
  expect(second.retriever.segmentVector(head.id)).toBeUndefined();
  await second.retriever.settled();
  expect(again.state.texts.sort()).toEqual([
    'My cat is called Tom\nanswer to My cat is called Tom',
    'Rex and Tom',
  ]);
  expect([...((await store.loadVectors(head.id))?.pages.keys() ?? [])].sort()).toEqual(
    [page.id, cat.id].sort(),
  );
});

test('vectors are computed again when their file is damaged or missing', async () => {
  const { operations, head } = dogInSegment();
  const store = await storeWith(operations);
  const broken = instead(store, {
    loadVectors: async () => {
      throw new MemoryError('STORE_CORRUPT', 'vectors are damaged');
    },
  });
  const { retriever } = retrieverOver(broken, createBuiltinEmbedder());
  await retriever.settled();
  expect(retriever.status()).toMatchObject({ vectors: 1, vectorsMissing: 0 });
  expect((await store.loadVectors(head.id))?.pages.size).toBe(1);
});

test('after a reload the new state is searched, not the old one', async () => {
  const { operations } = dogInSegment();
  const store = await storeWith(operations);
  const other = await storeWith([
    added(makePage('The kettle is new')),
    added(makePage('b')),
    added(makePage('c')),
  ]);
  let tell: (change: { kind: 'reloaded' }) => void = () => undefined;
  let state = store.state;
  const switching = instead(store, {
    get state() {
      return state;
    },
    subscribe(listener) {
      tell = listener;
      return () => undefined;
    },
  });
  const { find } = retrieverOver(switching, createBuiltinEmbedder());
  expect((await find('Rex')).pagesFound).toBe(1);
  state = other.state;
  tell({ kind: 'reloaded' });
  expect((await find('Rex')).pagesFound).toBe(0);
  expect((await find('kettle')).pages[0]?.page.user_input).toBe('The kettle is new');
});

// The timers of the background work do not keep a process alive, so a command that only waits for it would end early.
test('waiting for the vectors keeps the process alive until they are loaded', async () => {
  const store = await storeWith(dogInSegment().operations);
  let arrive = () => {};
  let load = () => {};
  const asked = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    load = resolve;
  });
  const slow = instead(store, {
    async loadVectors(id) {
      arrive();
      await gate;
      return store.loadVectors(id);
    },
  });
  const timers = vi.spyOn(globalThis, 'setInterval');
  const { retriever } = retrieverOver(slow, createBuiltinEmbedder());
  const loaded = retriever.loaded();
  await asked;
  const held = timers.mock.results.flatMap(({ value }) => (value.hasRef() ? [value] : []));
  expect(held).toHaveLength(1);
  const ended = vi.spyOn(globalThis, 'clearInterval');
  load();
  await loaded;
  expect(ended).toHaveBeenCalledWith(held[0]);
  vi.restoreAllMocks();
});
