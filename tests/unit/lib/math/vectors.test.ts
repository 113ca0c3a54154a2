import { expect, test } from 'vitest';
import { cosine, dot, dotAt, meanVector, normalise } from '../../../../src/lib/math/vectors.js';

const of = (...numbers: number[]) => Float32Array.from(numbers);

test('dot products of any length, also when not a multiple of four', () => {
  expect(dot(of(1, 2, 3, 4, 5), of(5, 4, 3, 2, 1))).toBe(35);
  expect(dot(of(), of())).toBe(0);
  expect(dotAt(of(9, 9, 1, 2, 3), 2, of(1, 1, 1), 3)).toBe(6);
});

test('the cosine does not depend on the norms and is 0 with a zero vector', () => {
  expect(cosine(of(3, 0), of(5, 0))).toBeCloseTo(1);
  expect(cosine(of(1, 0), of(0, 7))).toBe(0);
  expect(cosine(of(0, 0), of(0, 7))).toBe(0);
});

test('normalising gives norm 1 and leaves zero', () => {
  expect([...normalise(of(3, 4))].map((n) => Math.round(n * 10))).toEqual([6, 8]);
  expect([...normalise(of(0, 0))]).toEqual([0, 0]);
});

test('the mean vector lies between its vectors', () => {
  const mean = meanVector([of(1, 0), of(0, 1)], 2);
  expect(mean[0]).toBeCloseTo(Math.SQRT1_2);
  expect(mean[1]).toBeCloseTo(Math.SQRT1_2);
  expect([...meanVector([], 2)]).toEqual([0, 0]);
});
