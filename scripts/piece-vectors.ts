import { readFileSync } from 'node:fs';
import type { ByteWeights } from '../src/analysis/builtin/byte-weights.js';
import { dotAt } from '../src/lib/math/vectors.js';
import { modelWidth } from '../src/lib/meaning/forward-pass.js';

const assets = new URL('../assets/sentence-model/', import.meta.url);
const count = readFileSync(new URL('word-pieces.txt', assets), 'utf8').trimEnd().split('\n').length;
const embeddings = embeddingsIn(readFileSync(new URL('weights.bin', assets)));

/** The embeddings of word pieces, which the packed sentence model begins with, each scaled to norm 1. */
function embeddingsIn(model: Buffer): Float32Array {
  const table = new Float32Array(count * modelWidth);
  for (let from = 0; from < table.length; from += modelWidth) {
    let squares = 0;
    for (let k = from; k < from + modelWidth; k++) squares += model.readInt8(k) ** 2;
    for (let k = from; k < from + modelWidth; k++) table[k] = model.readInt8(k) / Math.sqrt(squares);
  }
  return table;
}

/** The sum of the embeddings of word pieces, times `share`. */
export function vectorOfPieces(pieces: readonly number[], share: number): Float32Array {
  const vector = new Float32Array(modelWidth);
  for (const piece of pieces)
    for (let k = 0; k < modelWidth; k++)
      vector[k] = (vector[k] ?? 0) + share * (embeddings[piece * modelWidth + k] ?? 0);
  return vector;
}

/** The weight of each word piece, from the weights of the numbers of its embedding, times `scale`. */
export function weightsOfPieces(direction: Float32Array, scale: number): ByteWeights {
  const weights = Float32Array.from(
    { length: count },
    (_, piece) => scale * dotAt(embeddings, piece * modelWidth, direction, modelWidth),
  );
  return inBytes(weights);
}

/** Weights as signed bytes in base64, and what one unit is worth. */
export function inBytes(weights: Float32Array): ByteWeights {
  const unit = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127;
  const table = Buffer.from(Int8Array.from(weights, (weight) => Math.round(weight / unit)).buffer);
  return { unit: Number(unit.toFixed(6)), table: table.toString('base64') };
}

/** The weights as an expression of TypeScript, formatted for lines that begin with `indent`. */
export function sourceOf({ unit, table }: ByteWeights, indent: string): string {
  return `{\n${indent}  unit: ${unit},\n${indent}  table:\n${indent}    '${table}',\n${indent}}`;
}
