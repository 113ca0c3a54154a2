import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { verifyMemory } from '../../src/adapters/files/recovery/verify.js';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { exportMemory } from '../../src/engine/transfer/export-memory.js';
import { importMemory } from '../../src/engine/transfer/import-memory.js';
import { readTransfer } from '../../src/engine/transfer/read-records.js';
import { UserMemory } from '../../src/engine/user-memory.js';
import { type Files, nodeFiles } from '../../src/lib/io/files.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineSettings } from './engine-settings.js';
import { fillSegments } from './full-memory.js';
import { onStore, stored } from './on-store.js';
import { allTexts, losses } from './store-process.js';

const alice = toUserId('alice');
const analyser = createBuiltinAnalyser();

/** The real engine on real files, and the store below it. */
export interface LivingMemory {
  readonly engine: MemoryEngine;
  readonly store: UserStore;
  /** Warnings and errors of the engine. */
  readonly reports: string[];
}

export interface LifeOptions {
  readonly dataDir: string;
  readonly files?: Files;
  /** Id of the embedding model; with another id, all vectors are computed again. */
  readonly model?: string;
}

/** The capacities are small, so that a few pages migrate, are analysed and evicted. Timed work is done on demand. */
export async function openLife({
  dataDir,
  files = nodeFiles,
  model = 'one',
}: LifeOptions): Promise<LivingMemory> {
  const times = { takeOverAfterMs: 20, leaseTakeOverAfterMs: 500, checkpointAfterMs: 1_000_000 };
  const store = await createFileStore({ dataDir, files, ...times }).open(alice);
  const reports: string[] = [];
  const engine = new UserMemory({
    ...onStore(store),
    builtinAnalyser: analyser,
    embedder: { ...createBuiltinEmbedder(), model },
    chatModel: null,
    clock: createSystemClock(),
    settings: engineSettings({
      shortTermCapacityPages: 1,
      midTermCapacitySegments: 1,
      knowledgeCapacityFacts: 2,
      heatMin: 2.5,
      retryBaseMs: 1,
      retryMaxMs: 1,
    }),
    assistantId: toAssistantId('helper'),
    report: (level, message) => void (level !== 'info' && reports.push(message)),
    notices: [],
  });
  return { engine, store, reports };
}

/** One call to a memory. `texts` are stored once it is acknowledged. */
export interface Deed {
  readonly texts: readonly string[];
  do(memory: LivingMemory): Promise<unknown>;
}

/** The calls from opening a memory to closing it. */
export interface Chapter {
  readonly name: string;
  readonly model: string;
  readonly deeds: readonly Deed[];
}

const add = (userInput: string): Deed => ({
  texts: [userInput],
  do: ({ engine }) => engine.add({ userInput, agentResponse: 'I will remember that.' }),
});
const nothing = (job: (memory: LivingMemory) => Promise<unknown>): Deed => ({ texts: [], do: job });
const flush = nothing(({ engine }) => engine.flush());
const checkpoint = nothing(({ store }) => store.checkpoint());
const ask = (query: string) => nothing(({ engine }) => engine.retrieve({ query }));

async function importedLines(): Promise<{ lines: string[]; texts: string[] }> {
  const source = await createInMemoryStore().open(alice);
  await fillSegments(source, 2, 2, 2);
  const lines: string[] = [];
  const texts: string[] = [];
  for await (const line of (await exportMemory(stored(source), 0)).lines()) {
    lines.push(JSON.stringify(line));
    if (line.kind === 'page') texts.push(line.page.user_input);
  }
  return { lines, texts };
}

async function importLines(store: UserStore, lines: readonly string[]): Promise<void> {
  async function* bytes(): AsyncIterable<Uint8Array> {
    for (const line of lines) yield Buffer.from(line);
  }
  const { header, records } = await readTransfer(bytes(), { name: 'memory.jsonl' });
  await importMemory(stored(store), header, records());
}

/** Each chapter begins with the files of the chapter before it. */
async function lifeInChapters(): Promise<readonly Chapter[]> {
  const { lines, texts } = await importedLines();
  const bringIn: Deed = { texts, do: ({ store }) => importLines(store, lines) };
  return [
    {
      name: 'add, migrate, analyse',
      model: 'one',
      deeds: [
        add('I live in Berlin and I work as a nurse.'),
        add('In Berlin I live with my sister, she works as a nurse too.'),
        add('My sister and I love to live in Berlin. Please keep your answers short.'),
        flush,
        checkpoint,
        ask('Where do I live?'),
      ],
    },
    {
      name: 'evict',
      model: 'one',
      deeds: [
        add('My car is a red Volvo with a broken gearbox.'),
        add('The gearbox of the Volvo costs a fortune.'),
        add('I love hiking in the mountains.'),
        flush,
        checkpoint,
      ],
    },
    { name: 'rebuild', model: 'two', deeds: [ask('the Volvo'), flush, add('My favourite tea is oolong.')] },
    { name: 'import', model: 'two', deeds: [bringIn, bringIn, flush] },
  ];
}

/** Texts of all pages in the folder; a page stored twice appears twice. */
export async function storedTexts(dataDir: string): Promise<string[]> {
  const store = await createFileStore({ dataDir }).open(alice);
  try {
    return await allTexts(store);
  } finally {
    await store.close();
  }
}

/** A chapter that can be repeated, each time on a copy of the files with which it begins. */
export interface Opening {
  readonly chapter: Chapter;
  /** Texts of the pages that are stored when it begins. */
  readonly told: readonly string[];
  copyTo(dataDir: string): Promise<void>;
}

/** Runs all chapters without faults, and keeps a copy of the files with which each begins. */
export async function openingsIn(folder: string): Promise<readonly Opening[]> {
  const openings: Opening[] = [];
  let told: readonly string[] = [];
  for (const [index, chapter] of (await lifeInChapters()).entries()) {
    const [start, dataDir] = [join(folder, `start-${index}`), join(folder, `start-${index + 1}`)];
    const copyTo = (target: string) => copyFolder(start, target);
    openings.push({ chapter, told, copyTo });
    await copyTo(dataDir);
    const memory = await openLife({ dataDir, model: chapter.model });
    for (const deed of chapter.deeds) await deed.do(memory);
    await memory.engine.close();
    told = [...new Set([...told, ...chapter.deeds.flatMap(({ texts }) => texts)])];
  }
  return openings;
}

async function copyFolder(source: string, target: string): Promise<void> {
  if (existsSync(source)) await cp(source, target, { recursive: true, verbatimSymlinks: true });
}

/** Resolves when no work waits. A failed job is tried again after a millisecond. */
export async function settled({ engine }: LivingMemory): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await engine.flush();
    const { analysis, index } = await engine.stats();
    const waiting = analysis.pages_waiting + analysis.segments_waiting + index.vectors_missing;
    if (waiting === 0 && analysis.last_error === null) return;
    if (tries === 100) throw new Error(`not settled: ${JSON.stringify({ analysis, index })}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Checks that an open memory stores and finds a page, finishes its work, and has every page once, also on disk. */
export async function goOn(dataDir: string, memory: LivingMemory, texts: readonly string[], where: string) {
  const { engine, store } = memory;
  const nothingWrong = { lost: [], doubled: [] };
  expect(losses(await allTexts(store), texts), where).toEqual(nothingWrong);
  await engine.add({ userInput: 'it goes on', agentResponse: '' });
  const found = await engine.retrieve({ query: 'it goes on' });
  expect(found.short_term_memory.at(-1)?.user_input, where).toBe('it goes on');
  await settled(memory);
  await engine.close();
  expect(losses(await storedTexts(dataDir), [...texts, 'it goes on']), where).toEqual(nothingWrong);
  const facts = store.state.userKnowledge.filter(({ superseded_by }) => superseded_by === null);
  expect(new Set(facts.map(({ knowledge }) => knowledge)).size, where).toBe(facts.length);
  expect((await verifyMemory(dataDir, alice)).defects, where).toEqual([]);
}

/** Makes the files look like those of a process that has ended, because after a simulated crash this process still exists. */
export async function bury(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'users', alice);
  const ofTheDead = (note: string) => note.replace(/"pid":\d+/, '"pid":1073741823');
  for (const name of await nodeFiles.list(folder)) {
    const path = join(folder, name);
    if (name === 'migration.lease') await writeFile(path, ofTheDead(await readFile(path, 'utf8')));
    if (!name.startsWith('lock.')) continue;
    const note = (await nodeFiles.claimedBy(path)) ?? '';
    await nodeFiles.remove(path);
    await nodeFiles.claim(path, ofTheDead(note));
  }
}
