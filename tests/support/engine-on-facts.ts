import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import { UserMemory } from '../../src/engine/user-memory.js';
import { toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineSettings } from './engine-settings.js';
import { onStore } from './on-store.js';
import { someAssistant } from './records.js';

/** A Monday. */
export const engineNowMs = Date.parse('2026-06-01T12:00:00Z');

/** An engine on a memory with these operations applied, with room for all pages in short-term memory. */
export async function engineOnFacts(operations: readonly Operation[], timeZone = 'UTC') {
  const store = await createInMemoryStore().open(toUserId('alice'));
  await store.transact(() => operations);
  const engine = new UserMemory({
    ...onStore(store),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    meaningReader: null,
    chatModel: null,
    clock: { now: () => engineNowMs },
    settings: engineSettings({ shortTermCapacityPages: 20, timeZone }),
    assistantId: someAssistant,
    report: () => undefined,
    notices: [],
  });
  await engine.flush();
  return { engine, store };
}
