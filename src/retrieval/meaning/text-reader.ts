import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { stopWordsOf } from '../../lib/text/language.js';
import type { AskedPiece, QuestionReading, TextReading } from '../../ports/meaning-reader.js';
import { ForwardPass, modelWidth, windowPieces } from './forward-pass.js';
import { packedPage } from './packed-pieces.js';
import { pack, pieceBytes, pieceWidth, Reduction } from './reduction.js';
import { type Piece, WordPieces } from './word-pieces.js';

/** The start piece and the end piece take two pieces of a window. */
const passagePieces = windowPieces - 2;
/**
 * Only this many passages of a text are read by the model. The words of the complete text are still searched.
 */
const passagesMax = 8;
const questionPiecesMax = 64;
/**
 * With this limit, a passage needs at most 1.3 KB in memory. With its other data, a page needs 2 KB on disk.
 */
const keptPiecesMax = 39;

const manifestSchema = z.record(z.string(), z.string());

/** Reads texts with all-MiniLM-L6-v2: a vector of the whole text, and reduced vectors of its word pieces. */
export class TextReader {
  readonly #pieces: WordPieces;
  readonly #pass: ForwardPass;
  readonly #reduction: Reduction;

  /** `assets`: the folder with the model. Throws a plain Error that names the unusable file. */
  constructor(assets: string) {
    const manifest = manifestSchema.parse(
      JSON.parse(readFileSync(path.join(assets, 'manifest.json'), 'utf8')),
    );
    const checked = (name: string, bytes: Uint8Array) => {
      if (createHash('sha256').update(bytes).digest('hex') !== manifest[name]) {
        throw new Error(`${path.join(assets, name)} is damaged: its checksum is wrong.`);
      }
      return bytes;
    };
    const read = (name: string) => checked(name, readFileSync(path.join(assets, name)));
    this.#pieces = new WordPieces(Buffer.from(read('word-pieces.txt')).toString('utf8'));
    this.#reduction = new Reduction(read('reduction.bin'));
    this.#pass = new ForwardPass(read('forward.wasm'), path.join(assets, 'weights.bin'));
    checked('weights.bin', this.#pass.weights);
  }

  /** Reads a page, one passage in each step. A question can be read between two steps. */
  *readText(text: string): Generator<void, TextReading> {
    const pieces: Piece[] = [];
    for (const piece of this.#pieces.piecesOf(text)) {
      pieces.push(piece);
      if (pieces.length === passagesMax * passagePieces) break;
    }
    const passages = Math.ceil(pieces.length / passagePieces);
    const perPassage = Math.ceil(pieces.length / passages);
    if (passages === 0) return { vector: new Float32Array(pieceWidth), pieces: packedPage([]) };
    const sum = new Float32Array(modelWidth);
    const packed: Uint8Array[] = [];
    for (let from = 0; from < pieces.length; from += perPassage) {
      if (from > 0) yield;
      const passage = pieces.slice(from, from + perPassage);
      const vectors = this.#run(passage);
      addAll(vectors, sum, 1 / (pieces.length + 2 * passages));
      const kept = keptOf(passage);
      const bytes = new Uint8Array(kept.length * pieceBytes);
      kept.forEach((at, i) => {
        pack(this.#reduction.reduced(vectors, (at + 1) * modelWidth), bytes, i * pieceBytes);
      });
      packed.push(bytes);
    }
    return { vector: this.#reduction.reduced(sum, 0), pieces: packedPage(packed) };
  }

  readQuestion(text: string): QuestionReading {
    const pieces: Piece[] = [];
    for (const piece of this.#pieces.piecesOf(text)) {
      pieces.push(piece);
      if (pieces.length === questionPiecesMax) break;
    }
    if (pieces.length === 0) return { vector: new Float32Array(pieceWidth), pieces: [] };
    const vectors = this.#run(pieces);
    const sum = new Float32Array(modelWidth);
    addAll(vectors, sum, 1 / (pieces.length + 2));
    return {
      vector: this.#reduction.reduced(sum, 0),
      pieces: pieces.flatMap(({ word }, i): AskedPiece[] =>
        isWord(word) ? [{ word, vector: this.#reduction.reduced(vectors, (i + 1) * modelWidth) }] : [],
      ),
    };
  }

  #run(pieces: readonly Piece[]): Float32Array {
    return this.#pass.run([this.#pieces.start, ...pieces.map(({ id }) => id), this.#pieces.end]);
  }
}

/**
 * As in the training of the model, the sentence vector is the mean of all pieces, including start and end.
 */
function addAll(vectors: Float32Array, sum: Float32Array, share: number): void {
  for (let at = 0; at < vectors.length; at += modelWidth) {
    for (let k = 0; k < modelWidth; k++) sum[k] = (sum[k] ?? 0) + share * (vectors[at + k] ?? 0);
  }
}

/**
 * The pieces of a passage that are kept. Signs and stop words are dropped. If too many pieces remain, the
 * rarest ones are kept: the vocabulary lists common pieces first.
 */
function keptOf(passage: readonly Piece[]): number[] {
  const said = passage.flatMap(({ word }, at) => (isWord(word) && !stopWords.has(word) ? [at] : []));
  if (said.length <= keptPiecesMax) return said;
  const rarest = said.sort((a, b) => (passage[b]?.id ?? 0) - (passage[a]?.id ?? 0) || a - b);
  return rarest.slice(0, keptPiecesMax).sort((a, b) => a - b);
}

/** Includes the parts of stop words that the tokenizer separates at an apostrophe. */
const stopWords = new Set([...stopWordsOf('english')].flatMap((word) => [word, ...word.split("'")]));

function isWord(word: string): boolean {
  return /[\p{L}\p{N}]/u.test(word);
}
