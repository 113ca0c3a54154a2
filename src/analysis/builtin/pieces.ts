import { readFileSync } from 'node:fs';
import { packageFile } from '../../lib/io/package-files.js';
import { WordPieces } from '../../lib/meaning/word-pieces.js';
import { type ByteWeights, unitsOf } from './byte-weights.js';

/** A text is not read further than this. */
const charactersMax = 800;
const piecesMax = 96;
let vocabulary: WordPieces | undefined;

/** The numbers of the first word pieces of a text, without those that the vocabulary lacks, such as emoji. */
export function piecesIn(text: string): number[] {
  vocabulary ??= new WordPieces(readFileSync(packageFile('assets/sentence-model/word-pieces.txt'), 'utf8'));
  const pieces: number[] = [];
  for (const { id } of vocabulary.piecesOf(text.slice(0, charactersMax))) {
    if (id !== vocabulary.unknown) pieces.push(id);
    if (pieces.length === piecesMax) break;
  }
  return pieces;
}

/**
 * The sum of the weights of the first word pieces of a text, and their number. `weights` has one for each piece of the
 * sentence model's vocabulary. The training gives pieces of similar
 * meaning similar weights, also those that it has not seen (`scripts/piece-vectors.ts`).
 */
export function sumOfPieces(text: string, weights: ByteWeights): { sum: number; count: number } {
  const units = unitsOf(weights);
  const pieces = piecesIn(text);
  let sum = 0;
  for (const piece of pieces) sum += units[piece] ?? 0;
  return { sum: sum * weights.unit, count: pieces.length };
}
