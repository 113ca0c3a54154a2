import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { stopwatch } from '../processes.js';
import { cyclingReader } from './cycling-reader.js';

const [mode, folder = ''] = process.argv.slice(2);
const megabyte = 1024 * 1024;
const resident = () => `resident ${(process.memoryUsage().rss / megabyte).toFixed(0)} MB`;
const print = (line: string) => process.stdout.write(`${line}\n`);
const since = stopwatch();

if (mode === 'read') {
  let bytes = 0;
  const kept: unknown[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(path.join(entry.parentPath, entry.name));
    bytes += content.length;
    if (entry.name.endsWith('.json')) kept.push(JSON.parse(content.toString()));
  }
  print(
    `reading and parsing every file once (${(bytes / megabyte).toFixed(0)} MB): ${since()}, ${resident()} (${kept.length} documents)`,
  );
} else {
  const clock = { now: () => Date.now() };
  const store = await createFileStore({ dataDir: folder, clock }).open(toUserId('bench'));
  print(`store open: ${since()}, ${resident()}`);
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: cyclingReader(new SentenceModel()),
    clock,
    shortTermCapacityPages: 10,
  });
  const query = { nowMs: Date.now(), pagesMax: 10, factsMax: 10, assistantId: toAssistantId('bench') };
  const first = await retriever.search({ ...query, text: 'What did we say about the summer camp?' });
  print(`first answer, by words (${first.pages.length} pages): ${since()}, ${resident()}`);
  await retriever.settled();
  print(`all vectors loaded (${retriever.status().vectors}): ${since()}, ${resident()}`);
  await retriever.close();
  await store.close();
}
