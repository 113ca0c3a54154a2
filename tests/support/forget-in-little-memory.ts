import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import { forget } from '../../src/engine/forgetting/forget.js';
import { type PageId, toAssistantId, toUserId } from '../../src/model/ids.js';
import { stored } from './on-store.js';

/** Forgets one page; to be run in a process with a small heap. */
const [dataDir = '', id = ''] = process.argv.slice(2);
const store = await createFileStore({ dataDir }).open(toUserId('alice'));
const result = await forget(
  { pageIds: [id as PageId], confirm: true },
  {
    store: stored(store),
    builtinAnalyser: createBuiltinAnalyser(),
    clock: { now: () => Date.now() },
    assistantId: toAssistantId('helper'),
  },
);
await store.close();
process.stdout.write(`${result.pages.length}`);
