import type { MeaningReader, TextReading } from '../../src/ports/meaning-reader.js';

const readAfresh = 300;

/**
 * Reads questions and the first 300 pages with the model. Later pages reuse the vectors of these, because reading
 * 100,000 pages would take more than an hour.
 */
export function cyclingReader(model: MeaningReader): MeaningReader {
  const known: TextReading[] = [];
  let next = 0;
  return {
    model: model.model,
    dimensions: model.dimensions,
    wantsNames: model.wantsNames,
    async readTexts(texts, signal) {
      const fresh = texts.slice(0, Math.max(0, readAfresh - known.length));
      const read = await model.readTexts(fresh, signal);
      known.push(...read);
      const again = texts.slice(fresh.length).map(() => known[next++ % known.length]);
      return [...read, ...again.filter((reading) => reading !== undefined)];
    },
    readQuestion: (text, signal) => model.readQuestion(text, signal),
  };
}
