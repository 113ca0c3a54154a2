import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dot } from '../../src/lib/math/vectors.js';
import { MemoryError } from '../../src/model/errors.js';
import type { Embedder } from '../../src/ports/embedder.js';

export interface EmbedderUnderTest {
  readonly embedder: Embedder;
  close?(): Promise<void>;
}

/** Tests that every embedder must pass. */
export function embedderConformance(name: string, open: () => Promise<EmbedderUnderTest>): void {
  describe(`embedder conformance: ${name}`, () => {
    let under: EmbedderUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(async () => {
      await under.close?.();
    });
    const embed = (...texts: string[]) => under.embedder.embed(texts);

    test('names its vector space', () => {
      expect(under.embedder.model).toMatch(/\S/);
    });

    test('no text gives no vector', async () => {
      expect(await embed()).toEqual([]);
    });

    test('one vector a text, in order, of the promised length and norm 1', async () => {
      const texts = ['I adopted a dog called Rex', '我妹妹在医院工作', 'Wir fahren nach Berlin', 'x'];
      const vectors = await embed(...texts);
      expect(vectors).toHaveLength(texts.length);
      expect(under.embedder.dimensions).toBeGreaterThan(0);
      for (const vector of vectors) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(vector).toHaveLength(under.embedder.dimensions);
        expect(dot(vector, vector)).toBeCloseTo(1, 3);
      }
      const [second] = await embed('我妹妹在医院工作');
      expect(vectors[1]).toEqual(second);
    });

    test('a vector does not depend on its neighbours or on the time', async () => {
      const [alone] = await embed('The concert was on Friday');
      const many = await embed('a garden', 'The concert was on Friday', 'tomatoes');
      const [again] = await embed('The concert was on Friday');
      expect(many[1]).toEqual(alone);
      expect(again).toEqual(alone);
    });

    test('a text without any word gives the zero vector', async () => {
      for (const vector of await embed('', ' \n', '…!')) {
        expect(vector).toHaveLength(under.embedder.dimensions);
        expect(dot(vector, vector)).toBe(0);
      }
    });

    test('texts that share words are nearer than texts that do not', async () => {
      const [query, near, far] = await embed(
        'Which dog did I adopt?',
        'I adopted a dog from the shelter',
        'The quarterly budget spreadsheet is due',
      );
      if (!query || !near || !far) throw new Error('a vector is missing');
      expect(dot(query, near)).toBeGreaterThan(dot(query, far));
    });

    test('long, broken and unusual texts are embedded', async () => {
      const vectors = await embed(
        'word '.repeat(20_000),
        '\ud800 half a pair',
        'مرحبا بالعالم 👋🏽',
        '__proto__',
      );
      for (const vector of vectors) expect(vector.every(Number.isFinite)).toBe(true);
    });

    test('more texts than any batch holds', async () => {
      const vectors = await embed(...Array.from({ length: 300 }, (_, i) => `note number ${i}`));
      expect(vectors).toHaveLength(300);
      const [last] = await embed('note number 299');
      expect(vectors[299]).toEqual(last);
    });

    test('a cancelled call throws CANCELLED', async () => {
      const failure = await under.embedder
        .embed(['late'], AbortSignal.abort())
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(MemoryError);
      expect(failure).toMatchObject({ code: 'CANCELLED' });
    });
  });
}
