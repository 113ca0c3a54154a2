import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createMemory } from '../../src/app/create-memory.js';
import { percentile } from '../locomo/metrics.js';

// Compares an add on the disk of a folder with its lower bound: appending and syncing a line of 1 KB.
// npm run bench:add-latency -- [--data /some/folder] [--adds 500]
const { values } = parseArgs({
  options: { data: { type: 'string', default: '.' }, adds: { type: 'string', default: '500' } },
});
const folder = mkdtempSync(path.join(path.resolve(values.data), 'add-latency-'));
const memory = await createMemory({ data_storage_path: folder, short_term_capacity: 10_000 });
const bare = await open(path.join(folder, 'bare'), 'a');
const line = Buffer.alloc(1024, 'x');
const text = 'x'.repeat(350);
const times: { add: number[]; bare: number[] } = { add: [], bare: [] };

async function measure(into: number[], job: () => Promise<unknown>): Promise<void> {
  const before = performance.now();
  await job();
  into.push(performance.now() - before);
}

for (let index = 0; index < Number(values.adds); index += 1) {
  await measure(times.bare, async () => {
    await bare.write(line);
    await bare.datasync();
  });
  await measure(times.add, () => memory.add({ userInput: `${index} ${text}`, agentResponse: text }));
}
await bare.close();
await memory.close();
rmSync(folder, { recursive: true });
for (const [name, found] of Object.entries(times)) {
  const [p50, p99] = [percentile(found, 0.5), percentile(found, 0.99)];
  console.log(`${name.padEnd(5)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
}
