import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import { forget } from '../../src/engine/forgetting/forget.js';
import { type PageId, toAssistantId, toUserId } from '../../src/model/ids.js';
import { stored } from '../../tests/support/on-store.js';

const [dataDir = '', ...ids] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const adder = spawn(process.execPath, ['--import', 'tsx', path.join(here, 'add.ts'), dataDir], {
  stdio: 'ignore',
});
const store = await createFileStore({ dataDir }).open(toUserId('bench'));
await new Promise((resolve) => setTimeout(resolve, 3000));
await store.refresh();
const before = store.state.shortTerm.length;
const started = performance.now();
const result = await forget(
  { pageIds: ids.filter((id): id is PageId => id.startsWith('pg_')), confirm: true },
  {
    store: stored(store),
    builtinAnalyser: createBuiltinAnalyser(),
    clock: { now: () => Date.now() },
    assistantId: toAssistantId('bench'),
  },
);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
await store.refresh();
const added = store.state.shortTerm.length - before;
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(
  `  forgot ${result.pages.length} pages in ${seconds} s, peak ${peakMb} MB; the other process added ${added} pages meanwhile\n`,
);
adder.kill();
process.exit(0);
