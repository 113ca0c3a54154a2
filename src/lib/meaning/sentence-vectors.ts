import { packageFile } from '../io/package-files.js';
import { normalise } from '../math/vectors.js';
import { addAll, Encoder } from './encoder.js';
import { modelWidth } from './forward-pass.js';

/** A sentence is not read further than this. */
const sentencePiecesMax = 96;
const keptMax = 2_000;

/** The vector of a sentence, with norm 1. */
export type VectorOf = (sentence: string) => Float32Array;
/** Null if the model cannot be used. */
export type VectorOrNone = (sentence: string) => Float32Array | null;

/** Vectors of sentences, each computed once. The first one loads the model, which takes 0.1 s and 28 MB. */
export class SentenceVectors {
  readonly #assets: string;
  readonly #kept = new Map<string, Float32Array>();
  #encoder: Encoder | undefined;

  constructor(assets = packageFile('assets/sentence-model')) {
    this.#assets = assets;
  }

  /**
   * The mean of the vectors of all pieces, as in the training of the model, with norm 1. Throws a plain Error that names
   * the unusable file.
   */
  vectorOf(sentence: string): Float32Array {
    let vector = this.#kept.get(sentence);
    if (vector === undefined) {
      this.#encoder ??= new Encoder(this.#assets);
      vector = new Float32Array(modelWidth);
      addAll(this.#encoder.vectorsOf(this.#encoder.piecesOf(sentence, sentencePiecesMax)), vector, 1);
      normalise(vector);
      if (this.#kept.size >= keptMax) this.#kept.clear();
      this.#kept.set(sentence, vector);
    }
    return vector;
  }
}
