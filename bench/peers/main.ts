import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { command, conversationFile, needsConversations, wholeFrom } from '../../scripts/command.js';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { startFakeOpenAi } from '../../tests/support/fake-openai/server.js';
import { percentile } from '../locomo/metrics.js';
import { materialFrom, syntheticPages } from '../retrieval-speed/synthetic.js';

const options = command({
  call: 'npm run bench:peers --',
  about: 'Measures a search in many memories, beside @modelcontextprotocol/server-memory and mem0ai.',
  time: '10 minutes.',
  needs: `network, to install the two from npm into a temporary folder; and ${needsConversations}`,
})
  .addOption(conversationFile())
  .option('--memories <n>', 'number of memories', wholeFrom(1), 10_000)
  .option('--folder <folder>', 'a folder in which the two are installed already, instead of the network')
  .parse()
  .opts<{ data: string; memories: number; folder?: string }>();

const run = promisify(execFile);
const count = options.memories;
const queries = 30;
const material = await materialFrom(options.data);
const texts = Array.from(
  { length: count },
  (_, i) => material.sentences[(i * 13) % material.sentences.length] ?? '',
);
const questions = material.questions.slice(0, queries);
const print = (line: string) => process.stdout.write(`${line}\n`);
const row = (name: string, times: readonly number[], what: string) =>
  print(
    `| ${name} | ${percentile(times, 0.5).toFixed(1)} | ${percentile(times, 0.99).toFixed(1)} | ${what} |`,
  );

const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), 'memoryos-peers-')));
try {
  print(`| ${count} memories | search p50 ms | p99 ms | how it searches |\n|---|---|---|---|`);
  row('memoryos-mcp', await ours(), 'words, vectors, dates; no model in the query');
  await peer('@modelcontextprotocol/server-memory', 'server-memory.mjs', 'substring of each entity');
  await peer('mem0ai', 'mem0.mjs', 'vectors, over a local fake embeddings endpoint');
} finally {
  if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
}

async function ours(): Promise<number[]> {
  const store = await createInMemoryStore().open(toUserId('bench'));
  for (const operations of syntheticPages(count, material)) await store.transact(() => operations);
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: new SentenceModel(),
    clock: { now: () => Date.now() },
    shortTermCapacityPages: 10,
  });
  await retriever.settled();
  const times: number[] = [];
  for (const text of [...questions, ...questions]) {
    const before = performance.now();
    await retriever.search({
      text,
      nowMs: Date.now(),
      pagesMax: 10,
      factsMax: 10,
      assistantId: toAssistantId('bench'),
    });
    times.push(performance.now() - before);
  }
  await retriever.close();
  // The first round warms up.
  return times.slice(questions.length);
}

/** Installs a peer and runs its script in a new folder beside it. The script prints its times as JSON. */
async function peer(packageName: string, script: string, how: string): Promise<void> {
  const fake = await startFakeOpenAi({ dimensions: 256, embeddingModel: 'text-embedding-3-small' });
  const runFolder = await mkdtemp(path.join(folder, 'run-'));
  try {
    if (options.folder === undefined) {
      await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
      await run('npm', ['install', '--no-audit', '--no-fund', packageName], { cwd: folder });
    }
    await cp(fileURLToPath(new URL(`./${script}`, import.meta.url)), path.join(runFolder, script));
    await writeFile(
      path.join(runFolder, 'input.json'),
      JSON.stringify({ texts, questions, baseUrl: fake.baseUrl }),
    );
    const { stdout } = await run(process.execPath, [script], { cwd: runFolder, maxBuffer: 1 << 26 });
    const times: number[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]');
    row(packageName, times, how);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    print(`| ${packageName} | not measured | | ${reason?.slice(0, 120)} |`);
  } finally {
    await fake.stop();
    await rm(runFolder, { recursive: true, force: true });
  }
}
