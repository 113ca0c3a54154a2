import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiChat, type OpenAiChatOptions } from '../../../../src/adapters/openai/chat-model.js';
import { MemoryError, type MemoryErrorCode } from '../../../../src/model/errors.js';
import { repeat, repeatLine } from '../../../conformance/chat-model-suite.js';
import type { Misbehaviour } from '../../../support/fake-openai/misbehaviour.js';
import {
  type FakeOpenAi,
  type FakeOpenAiOptions,
  startFakeOpenAi,
} from '../../../support/fake-openai/server.js';

const task = {
  name: 'repeat',
  line: repeatLine,
  answer: (m: readonly { content: string }[]) => m.at(-1)?.content ?? '',
};
const key = 'very-secret-key-0123456789';
const fakes: FakeOpenAi[] = [];

afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
});

async function setUp(options: Partial<OpenAiChatOptions> = {}, fakeOptions: FakeOpenAiOptions = {}) {
  const fake = await startFakeOpenAi({ key, tasks: [task], ...fakeOptions });
  fakes.push(fake);
  const waits: number[] = [];
  let now = 1_000_000;
  const model = createOpenAiChat({
    baseUrl: fake.baseUrl,
    model: 'fake-model',
    apiKey: key,
    random: () => 0,
    clock: { now: () => now },
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
    ...options,
  });
  return { fake, model, waits, pass: (ms: number) => (now += ms) };
}

async function codeOf(work: Promise<unknown>): Promise<MemoryErrorCode> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MemoryError)) throw new Error(`not a MemoryError: ${String(error)}`);
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    expect(`${at.message} ${at.stack} ${JSON.stringify(at)}`).not.toContain(key);
  }
  return error.code;
}

async function read(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe('chat model over HTTP: errors that are retried', () => {
  it.each<Misbehaviour>([
    '429',
    '500',
    '503',
    'reset',
    'reset-after-headers',
    'cut',
    'html',
    'error-200',
    'loading',
    'broken-off',
  ])('%s: is retried after half a second', async (fault) => {
    const { fake, model, waits } = await setUp();
    fake.misbehave(fault);
    expect((await model.complete(repeat('hello'))).text).toBe('hello');
    expect(waits).toEqual([500]);
    expect(fake.chatRequests).toHaveLength(2);
    expect(model.usage().calls).toBe(2);
  });

  it('waits as long as Retry-After says', async () => {
    const { fake, model, waits } = await setUp();
    fake.misbehave('retry-after:7');
    expect((await model.complete(repeat('hello'))).text).toBe('hello');
    expect(waits).toEqual([7000]);
  });

  it('doubles its wait and gives up after three tries', async () => {
    const { fake, model, waits } = await setUp();
    fake.misbehaveAlways('500');
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_UNAVAILABLE');
    expect(waits).toEqual([500, 1000]);
    expect(fake.chatRequests).toHaveLength(3);
  });

  it('does not wait for a long Retry-After, and sends nothing before its end', async () => {
    const { fake, model, waits, pass } = await setUp();
    fake.misbehave('retry-after:120');
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_UNAVAILABLE');
    pass(80_000);
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_UNAVAILABLE');
    expect(fake.chatRequests).toHaveLength(1);
    pass(30_000);
    expect((await model.complete(repeat('hello'))).text).toBe('hello');
    expect(waits).toEqual([10_000]);
  });

  it('connection refused', async () => {
    const { fake, model, waits } = await setUp();
    await fake.stop();
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_UNAVAILABLE');
    expect(await codeOf(read(model.stream(repeat('hello'))))).toBe('MODEL_UNAVAILABLE');
    expect(waits).toHaveLength(4);
    await fake.restart();
    expect((await model.complete(repeat('hello'))).text).toBe('hello');
  });
});

describe('chat model over HTTP: errors that are not retried', () => {
  it.each<[Misbehaviour, MemoryErrorCode]>([
    ['quota', 'MODEL_UNAVAILABLE'],
    ['401', 'MODEL_REJECTED'],
    ['404', 'MODEL_REJECTED'],
    ['context', 'MODEL_CONTEXT'],
    ['context-string', 'MODEL_CONTEXT'],
    ['context-200', 'MODEL_CONTEXT'],
    ['filter-400', 'MODEL_CONTENT'],
    ['filter', 'MODEL_CONTENT'],
    ['empty', 'MODEL_CONTENT'],
    ['null', 'MODEL_CONTENT'],
    ['refusal-field', 'MODEL_CONTENT'],
    ['truncated', 'MODEL_CONTEXT'],
    ['model-length', 'MODEL_CONTEXT'],
    ['think-unclosed', 'MODEL_CONTENT'],
    ['huge', 'MODEL_CONTENT'],
  ])('%s is %s after one request', async (fault, code) => {
    const { fake, model } = await setUp();
    fake.misbehaveAlways(fault);
    expect(await codeOf(model.complete(repeat('hello')))).toBe(code);
    expect(fake.chatRequests).toHaveLength(1);
    expect(await codeOf(read(model.stream(repeat('hello'))))).toBe(code);
    expect(fake.chatRequests).toHaveLength(2);
    fake.misbehaveAlways(null);
    expect((await model.complete(repeat('hello'))).text).toBe('hello');
  });

  it('reports that the model refused', async () => {
    const { fake, model } = await setUp();
    fake.misbehaveAlways('refusal-field');
    await expect(model.complete(repeat('hello'))).rejects.toThrow('refused to answer');
    await expect(read(model.stream(repeat('hello')))).rejects.toThrow('refused to answer');
  });

  it('does not read a large answer to its end', async () => {
    const { fake, model } = await setUp({ limits: { bytesMax: 100_000 } });
    fake.misbehave('huge');
    const before = process.memoryUsage().rss;
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_CONTENT');
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it.each<[Misbehaviour, boolean, number]>([
    ['stall', true, 600_000],
    ['stall-body', false, 600_000],
    ['stall-body', true, 600_000],
  ])('%s (streamed: %s) ends with the timeout', async (fault, streamed, totalMs) => {
    const { fake, model } = await setUp({ limits: { firstByteMs: 300, stallMs: 300, totalMs } });
    fake.misbehave(fault);
    const request = repeat('a long enough answer to be cut somewhere');
    expect(await codeOf(streamed ? read(model.stream(request)) : model.complete(request))).toBe(
      'MODEL_UNAVAILABLE',
    );
    expect(fake.chatRequests).toHaveLength(1);
  });

  it('an answer that never stops coming ends with the total timeout', async () => {
    const { fake, model } = await setUp({ limits: { firstByteMs: 5_000, stallMs: 5_000, totalMs: 150 } });
    fake.misbehave('slow:2000');
    expect(await codeOf(read(model.stream(repeat('hello'))))).toBe('MODEL_CONTENT');
    fake.misbehave('slow:2000');
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_CONTENT');
  });

  it('reports a stream that was cut off, and does not start again', async () => {
    const { fake, model } = await setUp();
    fake.misbehave('cut');
    let got = '';
    const reading = (async () => {
      for await (const piece of model.stream(repeat('a long enough answer to be cut somewhere')))
        got += piece;
    })();
    expect(await codeOf(reading)).toBe('MODEL_UNAVAILABLE');
    expect('a long enough answer').toContain(got.slice(0, 10));
    expect(fake.chatRequests).toHaveLength(1);
  });

  it('a wrong key', async () => {
    const { model } = await setUp({ apiKey: 'another-secret-key-42' });
    const error: unknown = await model.complete(repeat('hello')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'MODEL_REJECTED' });
    expect(String(error)).not.toContain('another-secret-key-42');
    expect(String(error)).toContain('[key]');
  });
});

describe('chat model over HTTP: the rest', () => {
  it.each([false, true])('leaves out thinking of 10,000 tokens (streamed: %s)', async (streamed) => {
    const { fake, model } = await setUp();
    fake.misbehave('think');
    const request = repeat('the answer < thinking >');
    const text = streamed ? await read(model.stream(request)) : (await model.complete(request)).text;
    expect(text).toBe('the answer < thinking >');
  });

  it('limits the number of simultaneous requests', async () => {
    const { fake, model } = await setUp({ concurrency: 2 });
    fake.misbehaveAlways('slow:60');
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const text = await model.complete(repeat(`number ${index}`));
        running = fake.chatRequests.filter(({ status }) => status === null).length;
        most = Math.max(most, running);
        return text;
      }),
    );
    expect(fake.chatRequests).toHaveLength(6);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('frees its slot when a reader stops or a request fails', async () => {
    const { fake, model } = await setUp({ concurrency: 1, attemptsMax: 1 });
    fake.misbehave('500');
    expect(await codeOf(model.complete(repeat('hello')))).toBe('MODEL_UNAVAILABLE');
    for await (const _ of model.stream(repeat('one two three'))) break;
    expect((await model.complete(repeat('hello'))).text).toBe('hello');
  });

  it('can be cancelled while it waits for a slot', async () => {
    const { fake, model } = await setUp({ concurrency: 1 });
    fake.misbehaveAlways('slow:60');
    const first = model.complete(repeat('hello'));
    const leaving = new AbortController();
    const second = model.complete(repeat('hello', { signal: leaving.signal }));
    leaving.abort();
    await expect(second).rejects.toThrow('The request to the model was cancelled.');
    expect((await first).text).toBe('hello');
    expect(fake.chatRequests).toHaveLength(1);
  });

  it('removes its listeners from a signal that lives longer than the request', async () => {
    const { model } = await setUp();
    const { signal } = new AbortController();
    await model.complete(repeat('hello', { signal }));
    await read(model.stream(repeat('hello', { signal })));
    for await (const _ of model.stream(repeat('one two three', { signal }))) break;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('sends the key to Azure as api-key, and no key when none is set', async () => {
    const azure = await setUp({}, { dialect: 'azure' });
    await azure.model.complete(repeat('hello'));
    expect(azure.fake.chatRequests[0]?.headers).toMatchObject({ 'api-key': key });
    expect(azure.fake.chatRequests[0]?.headers.authorization).toBeUndefined();
    expect(azure.fake.chatRequests[0]?.path).toContain('api-version=');

    const keyless = await setUp({ apiKey: undefined }, { key: null });
    await keyless.model.complete(repeat('hello'));
    expect(keyless.fake.chatRequests[0]?.headers.authorization).toBeUndefined();
  });

  it('says where it failed and what to do', async () => {
    const { fake, model } = await setUp();
    fake.misbehave('401');
    await expect(model.complete(repeat('hello'))).rejects.toThrow(
      `fake-model at ${fake.baseUrl}: 401 Incorrect API key provided: [key]. Correct openai_api_key, openai_base_url or the model name in the configuration file, or restart with others.`,
    );
  });
});
