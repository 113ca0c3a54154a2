import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dot, normalise } from '../../../../src/lib/math/vectors.js';
import { AskedPieces } from '../../../../src/retrieval/meaning/max-sim.js';
import { packedPage, passagesOf } from '../../../../src/retrieval/meaning/packed-pieces.js';
import { pack, pieceBytes, pieceWidth } from '../../../../src/retrieval/meaning/reduction.js';

/** Directions as the reduction gives them: all numbers have a similar spread. */
const unitVector = fc
  .array(fc.constantFrom(-1, -0.8, -0.5, 0.5, 0.8, 1), { minLength: pieceWidth, maxLength: pieceWidth })
  .map((numbers) => normalise(Float32Array.from(numbers)));
const vectors = (maxLength: number) => fc.array(unitVector, { minLength: 1, maxLength });

function packedPassage(pieces: readonly Float32Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.length * pieceBytes);
  pieces.forEach((piece, i) => {
    pack(piece, bytes, i * pieceBytes);
  });
  return bytes;
}

test('finds for each piece of a question the nearest piece of the passage', () => {
  fc.assert(
    fc.property(vectors(4), vectors(9), (asked, pieces) => {
      const found = new Float32Array(asked.length);
      expect(new AskedPieces(asked).compare(packedPassage(pieces), found)).toBe(true);
      asked.forEach((vector, i) => {
        const best = Math.max(...pieces.map((piece) => dot(vector, piece)));
        expect(Math.abs((found[i] ?? 0) - best)).toBeLessThan(0.08);
      });
    }),
    { numRuns: 20 },
  );
});

test('an empty passage has no result', () => {
  const out = Float32Array.of(7);
  expect(new AskedPieces([new Float32Array(pieceWidth).fill(0.125)]).compare(new Uint8Array(), out)).toBe(
    false,
  );
  expect(out[0]).toBe(7);
});

test('a packed page returns its passages, and damaged bytes return none', () => {
  const passages = [new Uint8Array(2 * pieceBytes).fill(1), new Uint8Array(pieceBytes).fill(2)];
  const page = packedPage(passages);
  expect(passagesOf(page)).toEqual(passages);
  expect(passagesOf(page.subarray(0, page.length - 1))).toBeNull();
  expect(passagesOf(new Uint8Array())).toBeNull();
  expect(passagesOf(packedPage([]))).toEqual([]);
});
