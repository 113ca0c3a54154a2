import { getEventListeners } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { dot } from '../../../../src/lib/math/vectors.js';
import { AskedPieces } from '../../../../src/retrieval/meaning/max-sim.js';
import { passagesOf } from '../../../../src/retrieval/meaning/packed-pieces.js';
import {
  SentenceModel,
  type SentenceModelOptions,
} from '../../../../src/retrieval/meaning/sentence-model.js';

const assets = fileURLToPath(new URL('../../../../assets/sentence-model/', import.meta.url));

const models: SentenceModel[] = [];
afterEach(async () => {
  await Promise.all(models.splice(0).map((model) => model.close()));
});

const folders: string[] = [];
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

function modelWith(options: SentenceModelOptions = {}): SentenceModel {
  const model = new SentenceModel(options);
  models.push(model);
  return model;
}

/** A copy of the model's folder in which one file is changed. */
async function assetsBut(name: string, change: (bytes: Buffer) => Buffer | null): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-model-'));
  folders.push(folder);
  await mkdir(folder, { recursive: true });
  for (const file of ['weights.bin', 'word-pieces.txt', 'reduction.bin', 'forward.wasm', 'manifest.json']) {
    await copyFile(path.join(assets, file), path.join(folder, file));
  }
  const changed = change(await readFile(path.join(assets, name)));
  if (changed === null) await rm(path.join(folder, name));
  else await writeFile(path.join(folder, name), changed);
  return folder;
}

test('is loaded with the first text, frees its memory when idle, and starts again', async () => {
  const model = modelWith({ idleMs: 20 });
  expect(model.loaded).toBe(false);
  const before = await model.readQuestion('Where do the bees live?');
  expect(model.loaded).toBe(true);
  // If the memory is never freed, the test times out.
  while (model.loaded) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await model.readQuestion('Where do the bees live?')).toEqual(before);
});

test('texts with the same meaning are nearer than texts with the same words', async () => {
  const model = modelWith();
  const question = await model.readQuestion('Do we own a car?');
  const texts = ['We sold the old Volkswagen.', 'Do we own a piano?', 'The soup needs salt.'];
  const [car, , soup] = (await model.readTexts(texts)).map(({ vector }) => dot(question.vector, vector));
  expect(car).toBeGreaterThan((soup ?? 0) + 0.2);
});

test('a piece of a question finds a similar piece on the page', async () => {
  const model = modelWith();
  const question = await model.readQuestion('kickboxing');
  const asked = new AskedPieces(question.pieces.map(({ vector }) => vector));
  const readings = await model.readTexts(['Every Tuesday I go boxing.', 'The invoice was paid late.']);
  const [near, far] = readings.map(({ pieces }) => {
    const [passage] = passagesOf(pieces ?? new Uint8Array()) ?? [];
    const out = new Float32Array(asked.count);
    asked.compare(passage ?? new Uint8Array(), out);
    return out.reduce((sum, value) => sum + value, 0) / out.length;
  });
  expect(near).toBeGreaterThan((far ?? 1) + 0.1);
});

test('a long text is divided into passages, and its end is found', async () => {
  const model = modelWith();
  const filler = 'The committee talked about the bridge and agreed on nothing. '.repeat(60);
  const [long] = await model.readTexts([`${filler} The violin was stolen in Lisbon.`]);
  const passages = passagesOf(long?.pieces ?? new Uint8Array()) ?? [];
  expect(passages.length).toBeGreaterThan(2);
  const question = await model.readQuestion('violin');
  const asked = new AskedPieces(question.pieces.map(({ vector }) => vector));
  const bests = passages.map((passage) => {
    const out = new Float32Array(asked.count);
    asked.compare(passage, out);
    return Math.max(...out);
  });
  expect(bests.indexOf(Math.max(...bests))).toBe(passages.length - 1);
});

test('a text without a word has the zero vector and no pieces', async () => {
  const model = modelWith();
  const question = await model.readQuestion('  ');
  expect(question.pieces).toEqual([]);
  expect(Math.max(...question.vector.map(Math.abs))).toBe(0);
  const [empty] = await model.readTexts(['']);
  expect(passagesOf(empty?.pieces ?? new Uint8Array())).toEqual([]);
});

test.each([
  ['weights.bin', (bytes: Buffer) => Buffer.from(bytes).fill(1, 1_000_000, 1_000_001)],
  ['weights.bin', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
  ['weights.bin', () => null],
  ['word-pieces.txt', () => Buffer.from('a\nb\n')],
  ['reduction.bin', () => Buffer.alloc(7)],
  ['manifest.json', () => Buffer.from('{')],
])('reports it when %s is damaged or missing', async (name, change) => {
  const model = modelWith({ assets: await assetsBut(name, change) });
  const failure = await model.readTexts(['a text']).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'MODEL_REJECTED' });
  expect(String(failure)).toContain('sentence model cannot be loaded');
  await expect(model.readQuestion('a question')).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
});

test('a question is read before waiting texts', async () => {
  const model = modelWith();
  await model.readQuestion('warm');
  const order: string[] = [];
  const texts = model
    .readTexts(
      Array.from({ length: 20 }, (_, i) => `The ${i}th lighthouse was painted red and white last year.`),
    )
    .then(() => order.push('texts'));
  const question = model.readQuestion('lighthouse').then(() => order.push('question'));
  await Promise.all([texts, question]);
  expect(order).toEqual(['question', 'texts']);
});

test('can be cancelled, and a thread that dies fails waiting requests', async () => {
  const model = modelWith();
  await expect(model.readQuestion('a', AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  const controller = new AbortController();
  const waiting = model.readTexts(['a text'], controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  const lost = model.readTexts(['another']);
  await model.close();
  await expect(lost).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  expect((await model.readTexts(['once more'])).length).toBe(1);
});

test('reads many texts with one signal and leaves no listener on it', async () => {
  const model = modelWith();
  const { signal } = new AbortController();
  const warnings: string[] = [];
  const note = ({ message }: Error) => void warnings.push(message);
  process.on('warning', note);
  try {
    const texts = Array.from({ length: 12 }, (_, i) => `text ${i}`);
    expect(await model.readTexts(texts, signal)).toHaveLength(12);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  } finally {
    process.off('warning', note);
  }
});
