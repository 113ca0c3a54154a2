import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Option } from 'commander';
import { command, needsNothing, wholeFrom } from '../../scripts/command.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { StallWatch } from './stall-watch.js';
import { hostileTexts } from './texts.js';

const options = command({
  call: 'npm run bench:stalls --',
  about:
    'Measures the longest time that the event loop is blocked while a memory adds, retrieves, analyses and reopens one long text. A cell has the stall by the clock, a slash, and the processor time of the thread in a stall; on a busy machine only the first grows. Exit code 1: the second is more than 100 ms.',
  time: 'a minute.',
  needs: needsNothing,
})
  .option('--characters <n>', 'length of the text', wholeFrom(1), 1_048_576)
  .addOption(new Option('--text <kind>', 'use only this text').choices(Object.keys(hostileTexts(1))))
  .parse()
  .opts<{ characters: number; text?: string }>();
const stallMsMax = 100;
const phases = ['add', 'retrieve', 'analyse', 'close', 'open', 'retrieve again'] as const;
type Phase = (typeof phases)[number];
interface Stall {
  readonly clockMs: number;
  readonly computingMs: number;
}

const { createMemory } = (await import(path.resolve('dist/index.js'))) as typeof import('../../src/index.js');
const watch = new StallWatch();
let worstMs = 0;

console.log(`| worst stall in ms | ${phases.join(' | ')} | seconds |`);
console.log(`|---|${phases.map(() => '---:').join('|')}|---:|`);
for (const [name, text] of Object.entries(hostileTexts(options.characters))) {
  if (options.text !== undefined && options.text !== name) continue;
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-stalls-'));
  const startedAt = performance.now();
  try {
    const stalls = await measure(folder, text);
    const cells = phases.map((phase) => {
      const { clockMs, computingMs } = stalls.get(phase) ?? { clockMs: 0, computingMs: 0 };
      worstMs = Math.max(worstMs, computingMs);
      return `${Math.round(clockMs)}/${Math.round(computingMs)}`;
    });
    console.log(
      `| ${name} | ${cells.join(' | ')} | ${((performance.now() - startedAt) / 1000).toFixed(1)} |`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
watch.stop();
process.exitCode = worstMs > stallMsMax ? 1 : 0;

async function measure(folder: string, text: string): Promise<Map<Phase, Stall>> {
  const stalls = new Map<Phase, Stall>();
  const during = async <T>(phase: Phase, work: () => Promise<T>): Promise<T> => {
    watch.reset();
    const result = await work();
    await watch.settled();
    stalls.set(phase, { clockMs: watch.worstMs, computingMs: watch.worstComputingMs });
    return result;
  };
  const options = { data_storage_path: folder, short_term_capacity: 2, daily_backups_kept: 0 };
  const open = () => createMemory(options);
  const ask = (memory: MemoryEngine) => memory.retrieve({ query: text.slice(0, 100_000), maxTokens: 2000 });
  let memory = await open();
  // The first calls load code and models, which has nothing to do with the text.
  await memory.add({ userInput: 'Hello, I am here.', agentResponse: 'Welcome.' });
  await memory.retrieve({ query: 'who is here?' });
  await memory.flush({ shortTerm: true });
  await during('add', async () => {
    await memory.add({ userInput: text, agentResponse: 'I see.' });
    await memory.add({ userInput: 'And now?', agentResponse: text });
  });
  await during('retrieve', () => ask(memory));
  await during('analyse', () => memory.flush({ shortTerm: true }));
  await during('close', () => memory.close());
  memory = await during('open', async () => {
    const opened = await open();
    await opened.stats();
    return opened;
  });
  await during('retrieve again', () => ask(memory));
  await memory.close();
  return stalls;
}
