import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { dot } from '../../../src/lib/math/vectors.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';

const embedder = createBuiltinEmbedder();

async function similarity(a: string, b: string): Promise<number> {
  const [first, second] = await embedder.embed([a, b]);
  if (!first || !second) throw new Error('a vector is missing');
  return dot(first, second);
}

test('it is local and has 256 dimensions before its first answer', () => {
  expect(embedder).toMatchObject({ model: 'builtin-v1', dimensions: 256, immediate: true });
});

test('the vectors of this version never change, because indexes on disk contain them', async () => {
  const vectors = await embedder.embed(['My dog Rex likes the park', '我的狗叫小白', 'الكلب في الحديقة']);
  const hash = createHash('sha256');
  for (const vector of vectors) hash.update(new Uint8Array(vector.buffer));
  expect(hash.digest('hex').slice(0, 16)).toMatchInlineSnapshot(`"117548a787c78a21"`);
});

test('related forms that no stemmer connects are near by their letters', async () => {
  expect(await similarity('photography', 'photographer')).toBeGreaterThan(0.2);
  expect(await similarity('התפוחים', 'תפוחים')).toBeGreaterThan(0.2);
  expect(await similarity('我喜欢机器学习', '他在学习机器')).toBeGreaterThan(0.2);
});

test('unrelated texts are about orthogonal', async () => {
  expect(Math.abs(await similarity('tomatoes in the garden', 'quarterly budget review'))).toBeLessThan(0.2);
});

test('ten repetitions do not outweigh the rest', async () => {
  const repeated = `${'pizza '.repeat(10)} violin`;
  expect(await similarity(repeated, 'violin')).toBeGreaterThan(0.2);
});
