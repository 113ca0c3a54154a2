import { createFileStore } from '../../src/adapters/files/file-store.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';

const [folder = ''] = process.argv.slice(2);
const startedCpu = process.cpuUsage();
const started = performance.now();
/** Milliseconds of the clock, and of the processor; other load on the machine does not change the latter. */
const since = () => {
  const { user, system } = process.cpuUsage(startedCpu);
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  return `${seconds} s (processor ${((user + system) / 1e6).toFixed(2)} s)`;
};
const print = (line: string) => process.stdout.write(`  ${line}\n`);

const clock = { now: () => Date.now() };
const store = await createFileStore({ dataDir: folder, clock }).open(toUserId('bench'));
print(
  `open: ${since()}, ${store.state.shortTerm.length} waiting, ${store.state.segmentOfPage.size} in segments`,
);
const retriever = new MemoryRetriever({
  store,
  embedder: createBuiltinEmbedder(),
  reader: null,
  clock,
  shortTermCapacityPages: 10,
});
const query = { nowMs: Date.now(), pagesMax: 10, factsMax: 10, assistantId: toAssistantId('bench') };
await retriever.search({ ...query, text: 'Who painted a blue door at the harbour?' });
print(`first answer: ${since()}`);
process.exit(0);
