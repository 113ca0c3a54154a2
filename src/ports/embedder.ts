/** Turns texts into vectors. */
export interface Embedder {
  /** Names the vector space; every index records it. Vectors of different models are never compared. */
  readonly model: string;
  /** Length of every vector. 0 until a remote embedder has answered once. */
  readonly dimensions: number;
  /** True when `embed` is local and takes about a millisecond for each text, so that callers can await it. */
  readonly immediate: boolean;
  /**
   * True when only texts with similar spelling are near each other. Its cosine then says little about topics.
   */
  readonly knowsSpellingOnly?: boolean;
  /**
   * One vector for each text, in order, of length `dimensions` and Euclidean norm 1. A text without words
   * gives the zero vector. Throws MODEL_UNAVAILABLE (try later), MODEL_REJECTED (wrong key or model) or
   * CANCELLED.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}
