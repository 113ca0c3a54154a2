import { createFileStore } from '../../src/adapters/files/file-store.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { stopwatch } from '../processes.js';

const [folder = ''] = process.argv.slice(2);
const since = stopwatch();
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
