import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { companyWeights } from '../../../../src/analysis/builtin/company-weights.js';
import { piecesIn, sumOfPieces } from '../../../../src/analysis/builtin/pieces.js';
import { pieceWeights } from '../../../../src/analysis/builtin/scorer/piece-weights.js';
import { packageFile } from '../../../../src/lib/io/package-files.js';

const vocabulary = readFileSync(packageFile('assets/sentence-model/word-pieces.txt'), 'utf8')
  .trimEnd()
  .split('\n');

it.each([
  ['the scorer', pieceWeights],
  ['the company, the user', companyWeights.user],
  ['the company, the other side', companyWeights.other],
])('has a weight for every word piece: %s', (_name, { table }) => {
  expect(Buffer.from(table, 'base64')).toHaveLength(vocabulary.length);
});

it('sums signed weights, with their number', () => {
  const table = Buffer.from(Int8Array.from(vocabulary, (piece) => (piece === 'dog' ? -3 : 2))).toString(
    'base64',
  );
  expect(sumOfPieces('Dog, cat dog', { unit: 0.5, table })).toEqual({ sum: -1, count: 4 });
  expect(sumOfPieces('', { unit: 0.5, table })).toEqual({ sum: 0, count: 0 });
});

it('leaves out what the vocabulary lacks', () => {
  expect(piecesIn('My sister is called 🦥🦥.')).toEqual(piecesIn('My sister is called .'));
});

it('reads the beginning of a long text', () => {
  expect(piecesIn('dog '.repeat(10_000))).toHaveLength(96);
});
