import { createOpenAiChat } from '../../src/adapters/openai/chat-model.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineOverHttp } from '../../tests/support/engine-over-http.js';
import { startFakeOpenAi } from '../../tests/support/fake-openai/server.js';
import { type PlainPage, runOriginal } from './original-procedure.js';
import { originalTasks, originalTokens } from './original-prompts.js';
import { messageTokensOf, schemaTokensOf, tokensOf, twoMessages } from './tokens.js';

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

/** This engine, which analyses after every add, as when people talk slowly. This costs the most calls. */
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
  await fake.stop();
  const counts = new Counts();
  for (const { task, body } of fake.chatRequests)
    counts.add(task ?? 'refused', messageTokensOf(body), schemaTokensOf(body));
  return counts;
}

/** The procedure of the original implementation, on the same pages and with the same endpoint and embedder. */
export async function countOriginal(pages: readonly PlainPage[], themesMax: 1 | 2): Promise<CallCounts> {
  const fake = await startFakeOpenAi({ tasks: originalTasks(themesMax) });
  const model = createOpenAiChat({ baseUrl: fake.baseUrl, model: 'fake-model', apiKey: 'fake-key' });
  const counts = new Counts();
  await runOriginal(pages, model, createBuiltinEmbedder(), (task, data) =>
    counts.add(
      task,
      data.reduce((sum, text) => sum + tokensOf(text), originalTokens[task] + twoMessages),
      0,
    ),
  );
  await fake.stop();
  if (fake.chatRequests.length !== counts.calls) throw new Error('the baseline did not ask what it counted');
  return counts;
}

class Counts implements CallCounts {
  calls = 0;
  messageTokens = 0;
  schemaTokens = 0;
  readonly byTask: Record<string, { calls: number; tokens: number }> = {};

  add(task: string, messages: number, schema: number): void {
    this.calls += 1;
    this.messageTokens += messages;
    this.schemaTokens += schema;
    const before = this.byTask[task] ?? { calls: 0, tokens: 0 };
    this.byTask[task] = { calls: before.calls + 1, tokens: before.tokens + messages + schema };
  }
}
