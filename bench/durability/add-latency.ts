import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { command, needsNothing, wholeFrom } from '../../scripts/command.js';
import { createMemory } from '../../src/app/create-memory.js';
import { percentile } from '../locomo/metrics.js';

const options = command({
  call: 'npm run bench:add-latency --',
  about: 'Measures an add beside its lower bound, which is to append a line of 1 KB to a file and sync it.',
  time: 'seconds.',
  needs: needsNothing,
})
  .option('--data <folder>', 'a folder on the disk to measure; a temporary folder is made in it', '.')
  .option('--adds <n>', 'number of adds', wholeFrom(1), 500)
  .parse()
  .opts<{ data: string; adds: number }>();
const folder = mkdtempSync(path.join(path.resolve(options.data), 'add-latency-'));
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

for (let index = 0; index < options.adds; index += 1) {
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
