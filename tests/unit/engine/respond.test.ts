import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryEngine, RespondInput } from '../../../src/engine/memory-engine.js';
import { engineOverHttp } from '../../support/engine-over-http.js';
import {
  type FakeOpenAi,
  type FakeOpenAiOptions,
  startFakeOpenAi,
} from '../../support/fake-openai/server.js';

const open: { fake: FakeOpenAi; engine: MemoryEngine }[] = [];

afterEach(async () => {
  for (const { fake, engine } of open.splice(0)) {
    await engine.close();
    await fake.stop();
  }
});

async function setUp(options: FakeOpenAiOptions = {}) {
  const fake = await startFakeOpenAi(options);
  const engine = await engineOverHttp({ fake });
  open.push({ fake, engine });
  return { fake, engine };
}

async function answerOf(engine: MemoryEngine, input: RespondInput): Promise<string> {
  let text = '';
  for await (const piece of engine.respond(input)) text += piece;
  return text;
}

const stored = async (engine: MemoryEngine) => (await engine.stats()).short_term.pages;

describe('responding', () => {
  it('answers from the memory, in pieces, and stores the exchange with its meta data', async () => {
    const { fake, engine } = await setUp();
    await engine.add({ userInput: 'My violin lesson is on Tuesday.', agentResponse: 'Noted.' });
    const pieces: string[] = [];
    const input = {
      query: 'When is my violin lesson?',
      relationshipWithUser: 'teacher',
      styleHint: 'solemn',
      metaData: { channel: 'phone' },
    };
    for await (const piece of engine.respond(input)) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe('I remember: My violin lesson is on Tuesday.');
    const sent = JSON.stringify(fake.chatRequests[0]?.body);
    for (const part of ['teacher', 'solemn', 'phone']) expect(sent).toContain(part);
    const { short_term_memory: pages } = await engine.retrieve({ query: 'violin' });
    expect(pages.at(-1)).toMatchObject({
      user_input: 'When is my violin lesson?',
      agent_response: 'I remember: My violin lesson is on Tuesday.',
      meta_data: { channel: 'phone' },
    });
  });

  it('stores nothing when the answer fails, is cancelled or is not read to its end', async () => {
    const { fake, engine } = await setUp();
    fake.misbehave('cut');
    await expect(answerOf(engine, { query: 'hello' })).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    fake.misbehave('401');
    await expect(answerOf(engine, { query: 'hello' })).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
    await expect(answerOf(engine, { query: 'hello', signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    for await (const _ of engine.respond({ query: 'hello' })) break;
    await expect(answerOf(engine, { query: ' ' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await stored(engine)).toBe(0);
    expect(await answerOf(engine, { query: 'hello' })).toBe('I do not know that yet.');
    expect(await stored(engine)).toBe(1);
  });

  it('shows fewer memories to a model with a short context', async () => {
    const { fake, engine } = await setUp({ promptCharactersMax: 3_000 });
    for (let i = 0; i < 4; i += 1)
      await engine.add({ userInput: `Violin story ${i}: ${'la '.repeat(400)}`, agentResponse: 'I see.' });
    expect(await answerOf(engine, { query: 'Tell me the violin story.' })).toContain('Violin story 3');
    expect(fake.chatRequests.length).toBeGreaterThan(1);
  });

  it('says what is missing without a model', async () => {
    const fake = await startFakeOpenAi();
    const engine = await engineOverHttp({ fake, parts: { chatModel: null } });
    open.push({ fake, engine });
    await expect(answerOf(engine, { query: 'hello' })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('openai_api_key'),
    });
  });
});
