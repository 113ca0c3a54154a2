/** The vectors of a text. */
export interface TextReading {
  /** Vector of the whole text, Euclidean norm 1; the zero vector for a text without words. */
  readonly vector: Float32Array;
  /**
   * Vectors of the word pieces for late interaction, in the reader's own packing; null when the reader has
   * none.
   */
  readonly pieces: Uint8Array | null;
}

/** A word piece of a question: its normalised word and its vector. */
export interface AskedPiece {
  readonly word: string;
  readonly vector: Float32Array;
}

/** The vectors of a question. */
export interface QuestionReading {
  readonly vector: Float32Array;
  /** Empty when the reader has no vectors of word pieces. */
  readonly pieces: readonly AskedPiece[];
}

/** Reads pages, facts and questions by their meaning. */
export interface MeaningReader {
  /** Names the vector space; every index records it. Vectors of different models are never compared. */
  readonly model: string;
  /** Length of `vector`. 0 until a remote model has answered once. */
  readonly dimensions: number;
  /** Whether a page is read as a dialogue, with the speaker's name before each side. */
  readonly wantsNames: boolean;
  /** Loads the model ahead of the first text, where it runs in this process. Throws like `readTexts`. */
  warm?(): Promise<void>;
  /**
   * One reading for each text, in order. Throws MODEL_UNAVAILABLE (try later), MODEL_REJECTED (unusable until
   * the configuration or the installation changes) or CANCELLED.
   */
  readTexts(texts: readonly string[], signal?: AbortSignal): Promise<TextReading[]>;
  /** Reads a question ahead of waiting texts. Throws like `readTexts`. */
  readQuestion(text: string, signal?: AbortSignal): Promise<QuestionReading>;
}
