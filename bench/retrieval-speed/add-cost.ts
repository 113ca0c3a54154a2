import path from 'node:path';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { UserMemory } from '../../src/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../tests/support/engine-settings.js';
import { onStore } from '../../tests/support/on-store.js';
import { percentile } from '../locomo/metrics.js';
import { type Material, syntheticPages } from './synthetic.js';

const adds = 200;

/** Opens an engine on a folder with so many pages. */
async function engineWith(folder: string, stored: number, material: Material): Promise<MemoryEngine> {
  const clock = createSystemClock();
  const store = await createFileStore({ dataDir: folder, clock }).open(toUserId('bench'));
  for (const operations of syntheticPages(stored, material)) await store.transact(() => operations);
  const engine = new UserMemory({
    ...onStore(store),
    embedder: createBuiltinEmbedder(),
    builtinAnalyser: createBuiltinAnalyser(),
    chatModel: null,
    clock,
    report: () => undefined,
    notices: [],
    assistantId: toAssistantId('bench'),
    // No migration takes place: the add itself is measured.
    settings: engineSettings({
      shortTermCapacityPages: 1000,
      midTermCapacitySegments: 1_000_000,
      heatMin: 1e9,
      retryMaxMs: 10_000,
    }),
  });
  await engine.flush();
  return engine;
}

/** Median milliseconds of an add with few and with many stored pages, measured in turns. */
export async function addCosts(
  folder: string,
  [few, many]: readonly [number, number],
  material: Material,
): Promise<[number, number]> {
  const engines = [
    await engineWith(path.join(folder, 'few'), few, material),
    await engineWith(path.join(folder, 'many'), many, material),
  ];
  const times: number[][] = [[], []];
  for (let i = 0; i < adds; i++) {
    const userInput = material.sentences[(i * 31) % material.sentences.length] ?? '';
    for (const [at, engine] of engines.entries()) {
      const before = performance.now();
      await engine.add({ userInput, agentResponse: 'Noted.' });
      times[at]?.push(performance.now() - before);
    }
  }
  for (const engine of engines) await engine.close();
  return [percentile(times[0] ?? [], 0.5), percentile(times[1] ?? [], 0.5)];
}
