// Runs the real engine in a process, with files that fail now and then if `faultEvery` is given. Takes one argument, JSON:
// { dataDir, name, from, adds, delayMs, faultEvery }. Writes lines to stdout: `ready`, `try` before a page is added,
// `ack <text>` once a page is acknowledged, `asked`, `error <message>`, `notice <message>`, `done`.
import { writeSync } from 'node:fs';
import { createFileStore } from '../../build/adapters/files/file-store.js';
import { createSystemClock } from '../../build/adapters/system-clock.js';
import { createBuiltinAnalyser } from '../../build/analysis/builtin/builtin-analyser.js';
import { UserMemory } from '../../build/engine/user-memory.js';
import { nodeFiles } from '../../build/lib/io/files.js';
import { toAssistantId, toUserId } from '../../build/model/ids.js';
import { createBuiltinEmbedder } from '../../build/retrieval/builtin-embedder.js';
import { failingFiles } from '../../tests/support/failing-files.mjs';
import { exchange, soakSettings } from './exchanges.mjs';

const task = JSON.parse(process.argv[2] ?? '{}');
const say = (line) => writeSync(1, `${line}\n`);
const files = task.faultEvery ? failingFiles(task.faultEvery) : nodeFiles;

async function openStore() {
  for (let tries = 0; ; tries += 1) {
    try {
      return await createFileStore({ dataDir: task.dataDir, files }).open(toUserId('soak'));
    } catch (error) {
      say(`error ${error.code} ${error.message}`);
      if (tries > 20) throw error;
    }
  }
}

const store = await openStore();
for (const { level, message } of store.notices) say(`notice ${level} ${message}`);
const engine = new UserMemory({
  store,
  builtinAnalyser: createBuiltinAnalyser(),
  embedder: createBuiltinEmbedder(),
  chatModel: null,
  clock: createSystemClock(),
  settings: {
    shortTermCapacityPages: soakSettings.short_term_capacity,
    midTermCapacitySegments: soakSettings.mid_term_capacity,
    knowledgeCapacityFacts: soakSettings.long_term_knowledge_capacity,
    retrievalQueueCapacityPages: 7,
    heatMin: soakSettings.mid_term_heat_threshold,
    similarityMin: 0.6,
    heatWeights: { alpha: 1, beta: 1, gamma: 1, recencyTauMs: 86_400_000 },
    retryBaseMs: 100,
    retryMaxMs: 1000,
  },
  assistantId: toAssistantId('helper'),
  report: (level, message) => {
    if (level !== 'info') say(`error ${level} ${message}`);
  },
  notices: [],
});
say('ready');

const adds = task.adds ?? Number.POSITIVE_INFINITY;
for (let index = 0; index < adds; index += 1) {
  const { userInput, agentResponse } = exchange(task.name, task.from + index);
  try {
    say('try');
    await engine.add({ userInput, agentResponse });
    say(`ack ${userInput}`);
    if (index % 10 === 0) {
      const found = await engine.retrieve({ query: userInput, maxResults: 10 });
      const texts = [...found.short_term_memory, ...found.retrieved_pages].map((page) => page.user_input);
      say(texts.includes(userInput) ? 'asked' : 'error NOT_FOUND what was just acknowledged is not found');
    }
  } catch (error) {
    say(`error ${error.code} ${error.message}`);
  }
  await new Promise((resolve) => setTimeout(resolve, task.delayMs));
}
await engine.close();
say('done');
