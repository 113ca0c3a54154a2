import { createBuiltinAnalyser } from '../../src/adapters/builtin-analyser/builtin-analyser.js';
import { createBuiltinEmbedder } from '../../src/adapters/builtin-embedder.js';
import { createFileStore } from '../../src/adapters/file-store/file-store.js';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import { createMemoryEngine } from '../../src/engine/create-memory-engine.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { percentile } from '../locomo/metrics.js';
import { type Material, syntheticPages } from './synthetic.js';

const adds = 60;

/** Median milliseconds of an add through the engine on a folder that holds that many pages already. */
export async function addCosts(folder: string, stored: number, material: Material): Promise<number> {
  const clock = createSystemClock();
  const store = await createFileStore({ dataDir: folder, clock }).open(toUserId('bench'));
  for (const operations of syntheticPages(stored, material)) await store.transact(() => operations);
  const engine = createMemoryEngine({
    store,
    embedder: createBuiltinEmbedder(),
    builtinAnalyser: createBuiltinAnalyser(),
    chatModel: null,
    clock,
    report: () => undefined,
    notices: [],
    assistantId: toAssistantId('bench'),
    settings: {
      // No migration takes place: the add itself is measured.
      shortTermCapacityPages: 1000,
      midTermCapacitySegments: 1_000_000,
      knowledgeCapacityFacts: 100,
      retrievalQueueCapacityPages: 7,
      heatMin: 1e9,
      similarityMin: 0.6,
      heatWeights: { alpha: 1, beta: 1, gamma: 1, recencyTauMs: 86_400_000 },
      retryBaseMs: 1000,
      retryMaxMs: 10_000,
    },
  });
  await engine.flush();
  const times: number[] = [];
  for (let i = 0; i < adds; i++) {
    const userInput = material.sentences[(i * 31) % material.sentences.length] ?? '';
    const before = performance.now();
    await engine.add({ userInput, agentResponse: 'Noted.' });
    times.push(performance.now() - before);
  }
  await engine.close();
  return percentile(times, 0.5);
}
