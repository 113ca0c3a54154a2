import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { command, conversationFile, needsConversations, wholeNumbers } from '../../scripts/command.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { percentile } from '../locomo/metrics.js';
import { addCosts } from './add-cost.js';
import { cyclingReader } from './cycling-reader.js';
import { type Material, materialFrom, syntheticPages } from './synthetic.js';

const parts = ['model', 'search', 'open', 'add'] as const;

const options = command({
  call: 'npm run bench:retrieval-speed --',
  about:
    'Measures the speed of retrieval in one process: reading pages with the sentence model, a search beside a plain scan of as many vectors, opening a folder of 50,000 pages, and an add with 100 and with 100,000 pages.',
  time: '10 minutes.',
  needs: `${needsConversations} Their sentences are recombined to as many pages as are needed.`,
})
  .addOption(conversationFile())
  .option('--sizes <n,...>', 'numbers of pages to search', wholeNumbers, [1000, 10_000, 50_000, 100_000])
  .addOption(new Option('--only <part>', 'measure only this').choices(parts))
  .parse()
  .opts<{ data: string; sizes: number[]; only?: (typeof parts)[number] }>();
const measures = (part: (typeof parts)[number]) => options.only === undefined || options.only === part;

const queries = 200;
const pagesRead = 300;
const dimensions = 256;
const nowMs = Date.parse('2024-01-01T00:00:00.000Z');
const clock = { now: () => nowMs };
const megabyte = 1024 * 1024;
const material = await materialFrom(options.data);
const print = (line: string) => process.stdout.write(`${line}\n`);

if (measures('model')) await measureModel();
if (measures('search')) {
  print('| pages | search p50 ms | p95 ms | p99 ms | plain Float32Array scan ms | ratio | resident MB |');
  print('|---|---|---|---|---|---|---|');
  for (const size of options.sizes) await measureSearch(size, material);
}
if (measures('open')) await measureOpening(50_000);
if (measures('add')) await measureAdds();

/** The speed of reading pages, the memory of the model, and the memory that it frees when it is idle. */
async function measureModel(): Promise<void> {
  const idleMs = 1000;
  const residentMb = async () => {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return process.memoryUsage().rss / megabyte;
  };
  const texts = [...syntheticPages(pagesRead, material)]
    .flat()
    .flatMap((operation) =>
      operation.op === 'page_added'
        ? [`User: ${operation.page.user_input}\nAssistant: ${operation.page.agent_response}`]
        : [],
    );
  const model = new SentenceModel({ idleMs });
  const before = await residentMb();
  const [first = '', ...rest] = texts;
  await model.readTexts([first]);
  const start = performance.now();
  const readings = await model.readTexts(rest);
  const seconds = (performance.now() - start) / 1000;
  const during = await residentMb();
  await new Promise((resolve) => setTimeout(resolve, 2 * idleMs));
  const after = await residentMb();
  const bytes = readings.map(({ pieces }) => (pieces?.length ?? 0) + 4 * model.dimensions);
  const characters = rest.reduce((sum, text) => sum + text.length, 0) / rest.length;
  print(
    `model: ${(rest.length / seconds).toFixed(0)} pages a second (${characters.toFixed(0)} characters on average); ` +
      `${(during - before).toFixed(0)} MB more in use, ${(after - before).toFixed(0)} MB more when it rests; ` +
      `${percentile(bytes, 0.5)} bytes a page (median), ${Math.max(...bytes)} at most`,
  );
}

async function measureSearch(size: number, { questions }: Material): Promise<void> {
  const store = await createInMemoryStore().open(toUserId('bench'));
  for (const operations of syntheticPages(size, material)) await store.transact(() => operations);
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: cyclingReader(new SentenceModel()),
    clock,
    shortTermCapacityPages: 10,
  });
  await retriever.settled();
  const plain = plainScan(size);
  const searches: number[] = [];
  const scans: number[] = [];
  // Measured in turns, so that other load on the machine affects both alike.
  for (let i = 0; i < queries; i++) {
    const text = questions[(i * 7) % questions.length] ?? '';
    const before = performance.now();
    await retriever.search({ text, nowMs, pagesMax: 10, factsMax: 10, assistantId: toAssistantId('bench') });
    const between = performance.now();
    searches.push(between - before);
    if (i % 5 === 0) {
      plain();
      scans.push(performance.now() - between);
    }
  }
  globalThis.gc?.();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(searches, share).toFixed(2));
  const scan = percentile(scans, 0.5);
  const resident = process.memoryUsage().rss / megabyte;
  print(
    `| ${[size, p50, p95, p99, scan.toFixed(2), (Number(p50) / scan).toFixed(2), resident.toFixed(0)].join(' | ')} |`,
  );
  await retriever.close();
}

/** For comparison: a loop that computes the dot product of a query with each of as many vectors. */
function plainScan(rows: number): () => number {
  const table = new Float32Array(rows * dimensions).map((_, i) => (i % 17) / 17);
  const query = new Float32Array(dimensions).fill(0.06);
  const out = new Float32Array(rows);
  return () => {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < dimensions; i++) sum += (table[row * dimensions + i] ?? 0) * (query[i] ?? 0);
      out[row] = sum;
    }
    return out[0] ?? 0;
  };
}

/** A new process opens a folder with so many pages and answers; another one only reads the files. */
async function measureOpening(size: number): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-speed-'));
  try {
    const store = await createFileStore({ dataDir: folder, clock }).open(toUserId('bench'));
    for (const operations of syntheticPages(size, material)) await store.transact(() => operations);
    const retriever = new MemoryRetriever({
      store,
      embedder: createBuiltinEmbedder(),
      reader: cyclingReader(new SentenceModel()),
      clock,
      shortTermCapacityPages: 10,
    });
    await retriever.settled();
    await retriever.close();
    await store.close();
    const script = fileURLToPath(new URL('./open.ts', import.meta.url));
    for (const mode of ['read', 'open']) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, mode, folder], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      await new Promise((resolve) => child.once('exit', resolve));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAdds(): Promise<void> {
  const [small, large] = [100, 100_000];
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-speed-'));
  try {
    const [few, many] = await addCosts(folder, [small, large], material);
    print(
      `add at ${small} pages: median ${few.toFixed(2)} ms; at ${large}: ${many.toFixed(2)} ms; ratio ${(many / few).toFixed(2)}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
