import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { createOpenAiChat, type OpenAiChatOptions } from '../../src/adapters/openai/chat-model.js';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import type { EngineSettings } from '../../src/engine/settings.js';
import { type MemoryParts, UserMemory } from '../../src/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../src/model/ids.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineSettings } from './engine-settings.js';
import type { FakeOpenAi } from './fake-openai/server.js';
import { onStore } from './on-store.js';

export interface EngineOverHttpOptions {
  readonly fake: Pick<FakeOpenAi, 'baseUrl'>;
  readonly store?: UserStore;
  readonly chat?: Partial<OpenAiChatOptions>;
  readonly settings?: Partial<EngineSettings>;
  readonly parts?: Partial<MemoryParts>;
}

/** The real engine with the real model adapter and a fake endpoint. All waiting times are a few milliseconds. */
export async function engineOverHttp(options: EngineOverHttpOptions): Promise<MemoryEngine> {
  return new UserMemory({
    ...onStore(options.store ?? (await createInMemoryStore().open(toUserId('alice')))),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    chatModel: createOpenAiChat({
      baseUrl: options.fake.baseUrl,
      model: 'fake-model',
      apiKey: 'fake-key',
      sleep: async () => undefined,
      ...options.chat,
    }),
    clock: createSystemClock(),
    settings: engineSettings({ retryBaseMs: 20, retryMaxMs: 50, ...options.settings }),
    assistantId: toAssistantId('helper'),
    report: () => undefined,
    notices: [],
    ...options.parts,
  });
}
