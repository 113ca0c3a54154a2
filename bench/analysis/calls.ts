import { createBuiltinEmbedder } from '../../src/adapters/builtin-embedder.js';
import { createOpenAiChat } from '../../src/adapters/openai/chat-model.js';
import { engineOverHttp } from '../../tests/support/engine-over-http.js';
import { type FakeOpenAi, startFakeOpenAi } from '../../tests/support/fake-openai/server.js';
import { type PlainPage, runOriginal } from './original-procedure.js';
import { instructions, type OriginalTask, originalTasks, originalTokens } from './original-prompts.js';
import { messageTokensOf, schemaTokensOf, tokensOf } from './tokens.js';

export interface CallCounts {
  readonly calls: number;
  readonly messageTokens: number;
  readonly schemaTokens: number;
  readonly byTask: Readonly<Record<string, { calls: number; tokens: number }>>;
}

export const usualSettings = {
  shortTermCapacityPages: 10,
  midTermCapacitySegments: 2000,
  knowledgeCapacityFacts: 100,
  retrievalQueueCapacityPages: 7,
  heatMin: 5,
  similarityMin: 0.6,
  retryBaseMs: 5_000,
  retryMaxMs: 600_000,
};

/** Ours: analysed after every add, as it happens when people talk slowly; that costs most calls. */
export async function countOurs(pages: readonly PlainPage[]): Promise<CallCounts> {
  const fake = await startFakeOpenAi();
  const engine = await engineOverHttp({ fake, settings: usualSettings });
  for (const page of pages) {
    await engine.add({
      userInput: page.user_input,
      agentResponse: page.agent_response,
      timestamp: page.timestamp,
    });
    await engine.flush();
  }
  const { analysis } = await engine.stats();
  if (analysis.last_error !== null || fake.unexpected.length > 0)
    throw new Error(`the analysis failed: ${analysis.last_error ?? fake.unexpected[0]}`);
  await engine.close();
  return finish(fake);
}

/** The original's procedure on the same pages, with the same endpoint and embedder. */
export async function countOriginal(pages: readonly PlainPage[], themesMax: 1 | 2): Promise<CallCounts> {
  for (const task of Object.keys(originalTokens) as OriginalTask[]) {
    const tokens = tokensOf(instructions[task]);
    if (tokens > originalTokens[task])
      throw new Error(`the baseline's ${task} prompt is too long: ${tokens} tokens`);
  }
  const fake = await startFakeOpenAi({ tasks: originalTasks(themesMax) });
  const model = createOpenAiChat({ baseUrl: fake.baseUrl, model: 'fake-model', apiKey: 'fake-key' });
  await runOriginal(pages, model, createBuiltinEmbedder());
  return finish(fake);
}

async function finish(fake: FakeOpenAi): Promise<CallCounts> {
  await fake.stop();
  const byTask: Record<string, { calls: number; tokens: number }> = {};
  let messageTokens = 0;
  let schemaTokens = 0;
  for (const { task, body } of fake.chatRequests) {
    const [messages, schema] = [messageTokensOf(body), schemaTokensOf(body)];
    messageTokens += messages;
    schemaTokens += schema;
    const name = task ?? 'refused';
    const before = byTask[name] ?? { calls: 0, tokens: 0 };
    byTask[name] = { calls: before.calls + 1, tokens: before.tokens + messages + schema };
  }
  return { calls: fake.chatRequests.length, messageTokens, schemaTokens, byTask };
}
