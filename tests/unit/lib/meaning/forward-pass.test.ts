import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cosine } from '../../../../src/lib/math/vectors.js';
import { ForwardPass, modelWidth } from '../../../../src/lib/meaning/forward-pass.js';

const assets = fileURLToPath(new URL('../../../../assets/sentence-model/', import.meta.url));
/** Token vectors of the fp32 weights, calculated with NumPy. */
const reference: { text: string; ids: number[]; vectors: string }[] = JSON.parse(
  await readFile(new URL('./fp32-vectors.json', import.meta.url), 'utf8'),
);
const pass = new ForwardPass(
  await readFile(path.join(assets, 'forward.wasm')),
  path.join(assets, 'weights.bin'),
);

test.each(reference)('gives nearly the same vectors as before packing: $text', ({ ids, vectors }) => {
  const bytes = Buffer.from(vectors, 'base64');
  const expected = Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
  const found = pass.run(ids);
  expect(found).toHaveLength(expected.length);
  const cosines = ids.map((_, at) =>
    cosine(
      found.subarray(at * modelWidth, (at + 1) * modelWidth),
      expected.subarray(at * modelWidth, (at + 1) * modelWidth),
    ),
  );
  expect(Math.min(...cosines)).toBeGreaterThan(0.997);
  expect(cosines.reduce((sum, value) => sum + value, 0) / cosines.length).toBeGreaterThan(0.9985);
});

test('gives the same bits again, whatever was read in between', () => {
  const [first, second] = reference;
  const before = Float32Array.from(pass.run(first?.ids ?? []));
  pass.run(second?.ids ?? []);
  expect(Float32Array.from(pass.run(first?.ids ?? []))).toEqual(before);
});

test('refuses more pieces than the window has', () => {
  expect(() => pass.run(Array.from({ length: 257 }, () => 100))).toThrow(RangeError);
});

test('refuses weights of another length', async () => {
  const compiled = await readFile(path.join(assets, 'forward.wasm'));
  expect(() => new ForwardPass(compiled, path.join(assets, 'word-pieces.txt'))).toThrow('bytes, not');
  expect(() => new ForwardPass(compiled, path.join(assets, 'no-such-file'))).toThrow('no-such-file');
});

test('the manifest has the checksums of the files', async () => {
  const manifest: Record<string, string> = JSON.parse(
    await readFile(path.join(assets, 'manifest.json'), 'utf8'),
  );
  for (const [name, sum] of Object.entries(manifest)) {
    const file = await readFile(path.join(assets, name));
    expect({ name, sum: createHash('sha256').update(file).digest('hex') }).toEqual({ name, sum });
  }
  expect(Object.keys(manifest)).toContain('weights.bin');
});
