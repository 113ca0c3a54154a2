import { readFileSync } from 'node:fs';
import { packageFile } from '../../lib/io/package-files.js';
import { WordPieces } from '../../lib/meaning/word-pieces.js';

/** The weights of all word pieces of the sentence model's vocabulary: signed bytes in base64, and what one unit is worth. */
export interface PieceWeights {
  readonly unit: number;
  readonly table: string;
}

/** A text is not read further than this. */
const charactersMax = 800;
const piecesMax = 96;
let vocabulary: WordPieces | undefined;
const tables = new WeakMap<PieceWeights, Int8Array>();

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
 * The sum of the weights of the first word pieces of a text, and their number. The training gives pieces of similar
 * meaning similar weights, also those that it has not seen (`scripts/piece-vectors.ts`).
 */
export function sumOfPieces(text: string, weights: PieceWeights): { sum: number; count: number } {
  let table = tables.get(weights);
  if (table === undefined) {
    table = Int8Array.from(Buffer.from(weights.table, 'base64'));
    tables.set(weights, table);
  }
  const pieces = piecesIn(text);
  let sum = 0;
  for (const piece of pieces) sum += table[piece] ?? 0;
  return { sum: sum * weights.unit, count: pieces.length };
}
