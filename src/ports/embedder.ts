/** Turns texts into vectors. */
export interface Embedder {
  /** Names the vector space; vectors of different models are never compared. Recorded in every index. */
  readonly model: string;
  /** Length of every vector. A remote embedder knows it after its first answer; 0 until then. */
  readonly dimensions: number;
  /** True when `embed` is local and takes about a millisecond a text, so that nobody need wait for it. */
  readonly immediate: boolean;
  /** True when texts of one meaning in other words are strangers to it, so that its cosine says little about topics. */
  readonly knowsSpellingOnly?: boolean;
  /**
   * One vector a text, in order, each of length `dimensions` and Euclidean norm 1 (a text without any word
   * gives the zero vector). Throws MODEL_UNAVAILABLE (try later), MODEL_REJECTED (key or model is wrong) or
   * CANCELLED.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}
