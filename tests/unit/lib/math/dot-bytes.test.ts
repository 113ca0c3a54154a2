import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { dotRows, rowUnit } from '../../../../src/lib/math/dot-bytes.js';

const byte = fc.integer({ min: -127, max: 127 });

function sumsOf(table: Int8Array, rows: number, query: Int8Array): number[] {
  const sums: number[] = [];
  dotRows(table, rows, query, (row, sum) => {
    sums[row] = sum;
  });
  return sums;
}

function plainSums(table: Int8Array, rows: number, query: Int8Array): number[] {
  return Array.from({ length: rows }, (_, row) =>
    query.reduce((sum, value, i) => sum + value * (table[row * query.length + i] ?? 0), 0),
  );
}

test('gives the same sums as a plain loop', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      fc.gen(),
      (rows, units, gen) => {
        const stride = units * rowUnit;
        const bytes = (length: number) =>
          Int8Array.from(gen(fc.array, byte, { minLength: length, maxLength: length }));
        const query = bytes(stride);
        const table = bytes(rows * stride);
        expect(sumsOf(table, rows, query)).toEqual(plainSums(table, rows, query));
      },
    ),
  );
});

test('does not overflow with the largest values, nor mix rows of a table longer than its memory', () => {
  const stride = 4096;
  const rows = 300;
  const query = new Int8Array(stride).fill(-127);
  const table = new Int8Array(rows * stride).map((_, i) => (Math.floor(i / stride) % 2 === 0 ? -127 : 126));
  expect(sumsOf(table, rows, query)).toEqual(plainSums(table, rows, query));
});

test('the bytes in the source match the compiled text beside them', async () => {
  const [text, source] = await Promise.all([
    readFile('src/lib/dot-bytes.wat', 'utf8'),
    readFile('src/lib/math/dot-bytes.ts', 'utf8'),
  ]);
  const { buffer } = (await wabt()).parseWat('dot-bytes.wat', text).toBinary({});
  const literals = /const compiled =([^;]*);/.exec(source)?.[1] ?? '';
  const held = [...literals.matchAll(/'([^']*)'/g)].map((match) => match[1]).join('');
  expect(held).toBe(Buffer.from(buffer).toString('base64'));
});
