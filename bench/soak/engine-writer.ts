// Runs the real engine in a process, with files that fail now and then if `faultEvery` is given. Takes one argument, the
// task as JSON. Writes lines to stdout: `ready`, `try` before a page is added, `ack <text>` once a page is acknowledged,
// `asked`, `error <message>`, `notice <message>`, `done`.
import { writeSync } from 'node:fs';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import { UserMemory } from '../../src/engine/user-memory.js';
import { nodeFiles } from '../../src/lib/io/files.js';
import { MemoryError } from '../../src/model/errors.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../tests/support/engine-settings.js';
import { failingFiles } from '../../tests/support/failing-files.mjs';
import { onStore } from '../../tests/support/on-store.js';
import { exchange, soakSettings } from './exchanges.js';
import type { WriterTask } from './writers.js';

const task: WriterTask = JSON.parse(process.argv[2] ?? '{}');
const say = (line: string) => writeSync(1, `${line}\n`);
const files = task.faultEvery === undefined ? nodeFiles : failingFiles(nodeFiles, task.faultEvery);
const openingsMax = 20;

function sayError(error: unknown): void {
  if (!(error instanceof MemoryError)) throw error;
  say(`error ${error.code} ${error.message}`);
}

async function openStore(): Promise<UserStore> {
  for (let tries = 1; tries <= openingsMax; tries += 1) {
    try {
      return await createFileStore({ dataDir: task.dataDir, files }).open(toUserId('soak'));
    } catch (error) {
      sayError(error);
    }
  }
  process.exit();
}

const store = await openStore();
for (const { level, message } of store.notices) say(`notice ${level} ${message}`);
const engine = new UserMemory({
  ...onStore(store),
  builtinAnalyser: createBuiltinAnalyser(),
  embedder: createBuiltinEmbedder(),
  chatModel: null,
  clock: createSystemClock(),
  settings: engineSettings({
    shortTermCapacityPages: soakSettings.short_term_capacity,
    midTermCapacitySegments: soakSettings.mid_term_capacity,
    knowledgeCapacityFacts: soakSettings.long_term_knowledge_capacity,
    heatMin: soakSettings.mid_term_heat_threshold,
    retryBaseMs: 100,
    retryMaxMs: 1000,
  }),
  assistantId: toAssistantId('helper'),
  report: (level, message) => {
    if (level !== 'info') say(`error ${level} ${message}`);
  },
  notices: [],
});
say('ready');

/** False after eviction: while this process is suspended, the others add more than the small tiers can hold. */
async function isInTiers(userInput: string): Promise<boolean> {
  await store.refresh();
  const { shortTerm, segments } = store.state;
  const pages = [...shortTerm, ...[...segments.values()].flatMap((segment) => segment.pages)];
  return pages.some((page) => page.user_input === userInput);
}

const adds = task.adds ?? Number.POSITIVE_INFINITY;
for (let index = 0; index < adds; index += 1) {
  const { userInput, agentResponse } = exchange(task.name, task.from + index);
  try {
    say('try');
    await engine.add({ userInput, agentResponse });
    say(`ack ${userInput}`);
    if (index % 10 === 0) {
      const found = await engine.retrieve({
        query: userInput,
        maxResults: 10,
        maxTokens: 10_000,
        relevanceMin: 0,
      });
      const texts = [...found.short_term_memory, ...found.retrieved_pages].map((page) => page.user_input);
      if (texts.includes(userInput)) say('asked');
      else if (await isInTiers(userInput)) say('error NOT_FOUND what was just acknowledged is not found');
      else say('error EVICTED what was just acknowledged was evicted before the query');
    }
  } catch (error) {
    sayError(error);
  }
  await new Promise((resolve) => setTimeout(resolve, task.delayMs));
}
await engine.close();
say('done');
