import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ForwardPass, modelWidth, windowPieces } from './forward-pass.js';
import { type Piece, WordPieces } from './word-pieces.js';

/** The most pieces of a passage: the start piece and the end piece take two of the window. */
export const passagePieces = windowPieces - 2;

/** all-MiniLM-L6-v2: word pieces of a text, and their vectors. */
export class Encoder {
  readonly #assets: string;
  readonly #manifest: unknown;
  readonly #pieces: WordPieces;
  readonly #pass: ForwardPass;

  /** `assets`: the folder with the model. Throws a plain Error that names the unusable file. */
  constructor(assets: string) {
    this.#assets = assets;
    this.#manifest = JSON.parse(readFileSync(path.join(assets, 'manifest.json'), 'utf8'));
    this.#pieces = new WordPieces(Buffer.from(this.file('word-pieces.txt')).toString('utf8'));
    this.#pass = new ForwardPass(this.file('forward.wasm'), path.join(assets, 'weights.bin'));
    this.#check('weights.bin', this.#pass.weights);
  }

  /** A file of the model. Throws a plain Error if its checksum is wrong. */
  file(name: string): Uint8Array {
    return this.#check(name, readFileSync(path.join(this.#assets, name)));
  }

  #check(name: string, bytes: Uint8Array): Uint8Array {
    const sums = new Map(Object.entries(Object(this.#manifest)));
    if (createHash('sha256').update(bytes).digest('hex') !== sums.get(name)) {
      throw new Error(`${path.join(this.#assets, name)} is damaged: its checksum is wrong.`);
    }
    return bytes;
  }

  /** The first pieces of a text. */
  piecesOf(text: string, most: number): Piece[] {
    const pieces: Piece[] = [];
    for (const piece of this.#pieces.piecesOf(text)) {
      pieces.push(piece);
      if (pieces.length === most) break;
    }
    return pieces;
  }

  /** The vectors of the start, of at most {@link passagePieces} pieces, and of the end, one after another. */
  vectorsOf(pieces: readonly Piece[]): Float32Array {
    return this.#pass.run([this.#pieces.start, ...pieces.map(({ id }) => id), this.#pieces.end]);
  }
}

/** Adds the vectors, each multiplied by `share`, to `sum`. */
export function addAll(vectors: Float32Array, sum: Float32Array, share: number): void {
  for (let at = 0; at < vectors.length; at += modelWidth) {
    for (let k = 0; k < modelWidth; k++) sum[k] = (sum[k] ?? 0) + share * (vectors[at + k] ?? 0);
  }
}
