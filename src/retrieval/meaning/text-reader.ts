import { addAll, Encoder, passagePieces } from '../../lib/meaning/encoder.js';
import { modelWidth } from '../../lib/meaning/forward-pass.js';
import type { Piece } from '../../lib/meaning/word-pieces.js';
import { stopWordsOf } from '../../lib/text/language.js';
import type { AskedPiece, QuestionReading, TextReading } from '../../ports/meaning-reader.js';
import { packedPage } from './packed-pieces.js';
import { pack, pieceBytes, pieceWidth, Reduction } from './reduction.js';

/**
 * Only this many passages of a text are read by the model. The words of the complete text are still searched.
 */
const passagesMax = 8;
const questionPiecesMax = 64;
/**
 * With this limit, a passage needs at most 1.3 KB in memory. With its other data, a page needs 2 KB on disk.
 */
const keptPiecesMax = 39;

/** Reads texts with all-MiniLM-L6-v2: a vector of the whole text, and reduced vectors of its word pieces. */
export class TextReader {
  readonly #encoder: Encoder;
  readonly #reduction: Reduction;

  /** `assets`: the folder with the model. Throws a plain Error that names the unusable file. */
  constructor(assets: string) {
    this.#encoder = new Encoder(assets);
    this.#reduction = new Reduction(this.#encoder.file('reduction.bin'));
  }

  /** Reads a page, one passage in each step. A question can be read between two steps. */
  *readText(text: string): Generator<void, TextReading> {
    const pieces = this.#encoder.piecesOf(text, passagesMax * passagePieces);
    const passages = Math.ceil(pieces.length / passagePieces);
    const perPassage = Math.ceil(pieces.length / passages);
    if (passages === 0) return { vector: new Float32Array(pieceWidth), pieces: packedPage([]) };
    const sum = new Float32Array(modelWidth);
    const packed: Uint8Array[] = [];
    for (let from = 0; from < pieces.length; from += perPassage) {
      if (from > 0) yield;
      const passage = pieces.slice(from, from + perPassage);
      const vectors = this.#encoder.vectorsOf(passage);
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
    const pieces = this.#encoder.piecesOf(text, questionPiecesMax);
    if (pieces.length === 0) return { vector: new Float32Array(pieceWidth), pieces: [] };
    const vectors = this.#encoder.vectorsOf(pieces);
    const sum = new Float32Array(modelWidth);
    addAll(vectors, sum, 1 / (pieces.length + 2));
    return {
      vector: this.#reduction.reduced(sum, 0),
      pieces: pieces.flatMap(({ word }, i): AskedPiece[] =>
        isWord(word) ? [{ word, vector: this.#reduction.reduced(vectors, (i + 1) * modelWidth) }] : [],
      ),
    };
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
