/** What a reader makes of a text. */
export interface TextReading {
  /** Of the whole text: Euclidean norm 1, the zero vector for a text without any word. */
  readonly vector: Float32Array;
  /** Vectors of its pieces for late interaction, packed as the reader packs them; null where it gives none. */
  readonly pieces: Uint8Array | null;
}

/** A piece of a question: its word, normalised, and its vector. */
export interface AskedPiece {
  readonly word: string;
  readonly vector: Float32Array;
}

/** What a reader makes of a question. */
export interface QuestionReading {
  readonly vector: Float32Array;
  /** Empty where the reader gives no vectors of pieces. */
  readonly pieces: readonly AskedPiece[];
}

/** Reads pages, facts and questions by their meaning. */
export interface MeaningReader {
  /** Names the space of the vectors; those of different models are never compared. Recorded in every index. */
  readonly model: string;
  /** Length of `vector`; 0 until a remote model has answered once. */
  readonly dimensions: number;
  /** Whether a page is read as a dialogue, each side with its name before it. */
  readonly wantsNames: boolean;
  /**
   * One reading a text, in order. Throws MODEL_UNAVAILABLE (try later), MODEL_REJECTED (the model cannot be used
   * until the configuration or the installation changes) or CANCELLED.
   */
  readTexts(texts: readonly string[], signal?: AbortSignal): Promise<TextReading[]>;
  /** Goes before texts that wait. Throws as `readTexts` does. */
  readQuestion(text: string, signal?: AbortSignal): Promise<QuestionReading>;
}
