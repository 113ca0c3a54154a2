import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { Page } from '../../../../src/model/page.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../../../src/retrieval/builtin-embedder.js';
import { readerOf } from '../../../../src/retrieval/meaning/reader-of.js';
import { SentenceModel } from '../../../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../../../src/retrieval/memory-retriever.js';
import type { RetrieverParts } from '../../../../src/retrieval/retriever.js';
import { added, makeHead, makePage, put, someAssistant } from '../../../support/records.js';

const assets = fileURLToPath(new URL('../../../../assets/sentence-model/', import.meta.url));
const nowMs = Date.parse('2024-06-01T12:00:00.000Z');

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-meaning-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function modelFrom(folder = assets): SentenceModel {
  const model = new SentenceModel({ assets: folder });
  closing.push(() => model.close());
  return model;
}

function retrieverOver(store: UserStore, parts: Partial<RetrieverParts> = {}) {
  const reports: string[] = [];
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: modelFrom(),
    clock: { now: () => nowMs },
    shortTermCapacityPages: 2,
    saveDelayMs: 0,
    report: (level, message) => void reports.push(`${level}: ${message}`),
    ...parts,
  });
  closing.push(() => retriever.close());
  const ask = (text: string) =>
    retriever.search({ text, nowMs, pagesMax: 3, factsMax: 3, assistantId: someAssistant });
  return { retriever, reports, ask };
}

/** One page a day, all in one segment. */
async function tell(store: UserStore, texts: readonly string[]): Promise<{ pages: Page[]; segment: string }> {
  const head = makeHead('talk', { summary: 'Talk of this and that', keywords: [] });
  const pages = texts.map((text, i) =>
    makePage(text, { agent_response: '', timestamp: new Date(nowMs - (i + 2) * 86_400_000).toISOString() }),
  );
  await store.transact(() => [put(head), ...pages.map((page) => added(page, head.id))]);
  return { pages, segment: head.id };
}

const inMemory = () => createInMemoryStore().open(toUserId('ann'));

const talk = [
  'The old Volkswagen is sold at last',
  'The soup needed more salt',
  'Our server went down at three in the morning because the disk was full',
  'My niece learns to play the cello',
  'The fence was painted green',
  'We planted two pear trees',
];

test.each([
  ['Do we own a car?', 0],
  ['Which musical instruments does the family play?', 3],
  ['production outage', 2],
])('finds pages that say the same in other words: %s', async (question, at) => {
  const store = await inMemory();
  const { pages } = await tell(store, talk);
  const { retriever, ask } = retrieverOver(store);
  await retriever.settled();
  const [best] = (await ask(question)).pages;
  expect(best?.page.id).toBe(pages[at]?.id);
  expect(best?.features.late).toBeGreaterThan(0);
});

test('above the floor, a page is found by its pieces alone, without a shared word and with a distant vector', async () => {
  const store = await inMemory();
  const { pages } = await tell(store, [...talk, 'Two weeks Crete in July, flights are booked']);
  const { retriever } = retrieverOver(store);
  await retriever.settled();
  const ask = (text: string) =>
    retriever.search({
      text,
      nowMs,
      pagesMax: 3,
      factsMax: 3,
      relevanceMin: 'fitted',
      assistantId: someAssistant,
    });
  const [best] = (await ask('Where are we going on holiday?')).pages;
  expect(best?.page.id).toBe(pages.at(-1)?.id);
  expect(best?.features).toMatchObject({ near: 0, time: 0 });
  expect(best?.features.vector).toBeLessThan(0.4);
  expect((await ask('Write a poem about the sea')).pages).toEqual([]);
});

test('a question is read without the names of the two speakers, also when all pages were read before', async () => {
  const store = await inMemory();
  await tell(store, talk);
  const first = retrieverOver(store);
  await first.retriever.settled();
  await first.retriever.close();
  const model = modelFrom();
  const read: string[] = [];
  const reader = {
    model: model.model,
    dimensions: model.dimensions,
    wantsNames: true,
    readTexts: (texts: readonly string[]) => model.readTexts(texts),
    readQuestion: (text: string) => {
      read.push(text);
      return model.readQuestion(text);
    },
  };
  const { retriever, ask } = retrieverOver(store, { reader });
  await retriever.loaded();
  const [best] = (await ask("Which musical instrument does Ann's family play?")).pages;
  expect(read).toEqual(['Which musical instrument does my family play?']);
  expect(best?.page.user_input).toBe(talk[3]);
});

test('pages read before the names of the speakers were known are read again', async () => {
  const store = await inMemory();
  const model = modelFrom();
  const read = new Map<string, string>();
  const reader = {
    model: model.model,
    dimensions: model.dimensions,
    wantsNames: true,
    readTexts: (texts: readonly string[]) => {
      for (const text of texts) read.set(text.replace(/^\w+: /, ''), text);
      return model.readTexts(texts);
    },
    readQuestion: (text: string) => model.readQuestion(text),
  };
  const { retriever } = retrieverOver(store, { reader });
  for (const [i, text] of ['The roof is done', 'Thanks, Bob!', 'Good morning, Bob.', 'Hi Bob!'].entries()) {
    await store.transact(() => [
      added(makePage(text, { agent_response: '', timestamp: new Date(nowMs + i * 1000).toISOString() })),
    ]);
    await retriever.settled();
    if (i === 0) expect([...read.values()]).toEqual(['User: The roof is done']);
  }
  // Bob is the assistant. The user's name is known once the assistant says it.
  for (const [i, text] of ['Hello Anna!', 'Sure, Anna.', 'Yes, Anna!', 'Goodbye, Anna.'].entries()) {
    const timestamp = new Date(nowMs + (10 + i) * 1000).toISOString();
    await store.transact(() => [added(makePage('', { agent_response: text, timestamp }))]);
    await retriever.settled();
  }
  expect(read.get('The roof is done')).toBe('Anna: The roof is done');
  expect(read.get('Hello Anna!')).toBe('Bob: Hello Anna!');
});

test('loads no model for an empty memory, nor for one whose pages have vectors', async () => {
  const store = await inMemory();
  const unused = modelFrom();
  const empty = retrieverOver(store, { reader: unused });
  await empty.retriever.settled();
  expect((await empty.ask('Do we own a car?')).pages).toEqual([]);
  expect(unused.loaded).toBe(false);
  await empty.retriever.close();

  await tell(store, talk);
  const first = retrieverOver(store);
  await first.retriever.settled();
  await first.retriever.close();
  const again = modelFrom();
  const second = retrieverOver(store, { reader: again });
  await second.retriever.settled();
  expect(second.retriever.status()).toMatchObject({ vectors: talk.length, vectorsMissing: 0 });
  expect(again.loaded).toBe(false);
  expect((await second.ask('Do we own a car?')).pages[0]?.page.user_input).toBe(talk[0]);
});

test('with a damaged model the search uses words, and status and answer say so', async () => {
  const folder = await newFolder();
  await cp(assets, folder, { recursive: true });
  await writeFile(path.join(folder, 'weights.bin'), 'damaged');
  const store = await inMemory();
  const { pages } = await tell(store, talk);
  const reader = modelFrom(folder);
  const { retriever, reports, ask } = retrieverOver(store, { reader });
  await retriever.settled();
  expect(retriever.status()).toMatchObject({
    vectors: 0,
    lastError: expect.stringContaining('The sentence model cannot be loaded'),
  });
  const found = await ask('Who painted the fence?');
  expect(found.pages[0]?.page.id).toBe(pages[4]?.id);
  expect(found.notices.join()).toContain('Searched by words only');
  expect(reports.filter((line) => line.startsWith('warning'))).toHaveLength(1);
});

test('a memory read with another model is read again, with progress, and searched by words meanwhile', async () => {
  const store = await inMemory();
  const { pages, segment } = await tell(store, talk);
  const before = retrieverOver(store, { reader: readerOf(createBuiltinEmbedder()) });
  await before.retriever.settled();
  await before.retriever.close();
  const { retriever, reports, ask } = retrieverOver(store);
  await retriever.loaded();
  expect((await ask('Who painted the fence?')).pages[0]?.page.id).toBe(pages[4]?.id);
  await retriever.settled();
  expect(reports.join('\n')).toMatch(/another embedding model; it is rebuilt .* 6 pages to go/);
  expect(reports.at(-1)).toMatch(/was rebuilt with all-MiniLM-L6-v2.*: 6 pages/);
  const saved = await store.loadVectors(segment as never);
  expect(saved?.model).toBe(modelFrom().model);
  expect(saved?.pieces.size).toBe(talk.length);
});

test('damaged pieces are read again', async () => {
  const store = await inMemory();
  const { pages, segment } = await tell(store, talk);
  const first = retrieverOver(store);
  await first.retriever.settled();
  await first.retriever.close();
  const saved = await store.loadVectors(segment as never);
  if (saved === null) throw new Error('Nothing was saved.');
  const [page] = pages;
  const pieces = new Map(saved.pieces);
  pieces.set(page?.id ?? '', Uint8Array.of(3, 1));
  await store.saveVectors(segment as never, { ...saved, pieces });
  const reader = modelFrom();
  const second = retrieverOver(store, { reader });
  await second.retriever.settled();
  expect(reader.loaded).toBe(true);
  expect(second.retriever.status()).toMatchObject({ vectors: talk.length, vectorsMissing: 0 });
  expect((await store.loadVectors(segment as never))?.pieces.get(page?.id ?? '')?.length).toBeGreaterThan(30);
});

test('a page uses at most 2 KB on disk, even with a full window', async () => {
  const folder = await newFolder();
  const store = await createFileStore({ dataDir: folder, clock: { now: () => nowMs } }).open(toUserId('ann'));
  closing.push(() => store.close());
  const nouns = 'harbour lantern bicycle orchard violin kettle glacier parcel meadow chimney'.split(' ');
  const long = Array.from({ length: 200 }, (_, i) => nouns[(i * 7) % nouns.length]).join(' ');
  await tell(
    store,
    Array.from({ length: 6 }, (_, i) => `${i} ${long}`),
  );
  const { retriever } = retrieverOver(store);
  await retriever.settled();
  const files = await readdir(folder, { recursive: true });
  const [index] = files.filter((name) => name.endsWith('index.pb'));
  const { size } = await stat(path.join(folder, index ?? ''));
  expect(size / 6).toBeLessThan(2048);
  expect(size / 6).toBeGreaterThan(1500);
  expect((await readFile(path.join(folder, index ?? ''))).includes('Volkswagen')).toBe(false);
});
