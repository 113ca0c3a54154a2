import { afterEach, describe, expect, it } from 'vitest';
import {
  createOpenAiEmbedder,
  type OpenAiEmbedderOptions,
} from '../../../../src/adapters/openai/embedder.js';
import {
  type FakeOpenAi,
  type FakeOpenAiOptions,
  startFakeOpenAi,
} from '../../../support/fake-openai/server.js';

const fakes: FakeOpenAi[] = [];

afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
});

async function setUp(options: Partial<OpenAiEmbedderOptions> = {}, fakeOptions: FakeOpenAiOptions = {}) {
  const fake = await startFakeOpenAi(fakeOptions);
  fakes.push(fake);
  const embedder = createOpenAiEmbedder({
    baseUrl: fake.baseUrl,
    model: 'text-embedding-fake',
    apiKey: 'fake-key',
    sleep: async () => undefined,
    ...options,
  });
  return { fake, embedder };
}

describe('embedder over HTTP', () => {
  it('gives a vector of norm 1 for each text, in order, in batches, and zeros for empty texts', async () => {
    const { fake, embedder } = await setUp({ batchTexts: 3 });
    expect(embedder.dimensions).toBe(0);
    const texts = ['a dog barks', ' ', 'a cat purrs', 'the dog barked', '', '犬が吠える', 'a dog barks'];
    const vectors = await embedder.embed(texts);
    expect(vectors).toHaveLength(7);
    expect(embedder.dimensions).toBe(64);
    expect(vectors.map((vector) => Math.round(Math.hypot(...vector) * 1e4) / 1e4)).toEqual([
      1, 0, 1, 1, 0, 1, 1,
    ]);
    expect(vectors[6]).toEqual(vectors[0]);
    expect(fake.requests).toHaveLength(2);
    expect(await embedder.embed([])).toEqual([]);
    expect(fake.requests).toHaveLength(2);
  });

  it('halves requests that are too long for the endpoint', async () => {
    const { embedder } = await setUp({}, { promptCharactersMax: 500 });
    const vectors = await embedder.embed([`${'word '.repeat(2_000)}`, 'a dog barks']);
    expect(vectors.map((vector) => vector.length)).toEqual([64, 64]);
  });

  it.each(['500', '429', 'reset', 'html'] as const)('tries again after %s', async (fault) => {
    const { fake, embedder } = await setUp();
    fake.misbehaveInEmbeddings(fault);
    expect(await embedder.embed(['a dog barks'])).toHaveLength(1);
    expect(fake.requests).toHaveLength(2);
  });

  it('distinguishes wrong keys and models from an endpoint that is down', async () => {
    const { fake, embedder } = await setUp();
    fake.misbehaveInEmbeddings('401');
    await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
    const unknown = createOpenAiEmbedder({ baseUrl: fake.baseUrl, model: 'other', apiKey: 'fake-key' });
    await expect(unknown.embed(['a'])).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
    await fake.stop();
    await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    const stopped = AbortSignal.abort();
    await expect(embedder.embed(['a'], stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses vectors whose length changes', async () => {
    const { fake, embedder } = await setUp();
    await embedder.embed(['a dog']);
    const port = Number(new URL(fake.baseUrl).port);
    await fake.stop();
    fakes.push(await startFakeOpenAi({ port, dimensions: 32 }));
    await expect(embedder.embed(['a dog'])).rejects.toThrow(
      'changed the length of its vectors from 64 to 32',
    );
  });

  it('refuses vectors longer than search supports', async () => {
    const { embedder } = await setUp({}, { dimensions: 65_552 });
    await expect(embedder.embed(['a dog'])).rejects.toThrow(
      'gives vectors of 65552 numbers, more than the 65536',
    );
  });
});
