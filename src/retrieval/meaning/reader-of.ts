import type { Embedder } from '../../ports/embedder.js';
import type { MeaningReader } from '../../ports/meaning-reader.js';

/** A reader for an embedding model that gives one vector for each text and none for its pieces. */
export function readerOf(embedder: Embedder): MeaningReader {
  return {
    model: embedder.model,
    wantsNames: false,
    get dimensions() {
      return embedder.dimensions;
    },
    async readTexts(texts, signal) {
      const vectors = await embedder.embed(texts, signal);
      return vectors.map((vector) => ({ vector, pieces: null }));
    },
    async readQuestion(text, signal) {
      const [vector] = await embedder.embed([text], signal);
      return { vector: vector ?? new Float32Array(embedder.dimensions), pieces: [] };
    },
  };
}
