import { MemoryError } from '../model/errors.js';
import type { MeaningReader, QuestionReading } from '../ports/meaning-reader.js';
import type { EmbedderHealth } from './index/embedder-health.js';
import type { RetrievalQuery } from './retriever.js';

export interface QuestionReadingOptions {
  readonly reader: MeaningReader;
  readonly health: EmbedderHealth;
  /** Of the vectors it is compared with; null where there are none yet. */
  readonly dimensions: number | null;
  /** How long a query waits before it goes on by words. */
  readonly maxMs: number;
  /** The question as it is read. */
  readonly asked: (text: string) => string;
  /** Told why there is none. */
  readonly notices: string[];
}

/** A model reads no more of a question than this. */
const charactersMax = 4_000;

/** The meaning of a query; null where it has to do without. Throws CANCELLED. */
export async function questionReading(
  query: RetrievalQuery,
  { reader, health, dimensions, maxMs, asked, notices }: QuestionReadingOptions,
): Promise<QuestionReading | null> {
  if (query.text.trim() === '') return null;
  const byWordsOnly = () => {
    notices.push(
      `Searched by words only: the embedding model is not available (${health.lastError ?? 'no answer'}).`,
    );
    return null;
  };
  if (health.resting) return byWordsOnly();
  if (dimensions === null) return null;
  const { mark } = health;
  const signal = AbortSignal.any([...(query.signal ? [query.signal] : []), AbortSignal.timeout(maxMs)]);
  try {
    const reading = await reader.readQuestion(asked(query.text.slice(0, charactersMax)), signal);
    return reading.vector.length === dimensions ? reading : null;
  } catch (error) {
    if (query.signal?.aborted === true) {
      throw new MemoryError('CANCELLED', 'The search was cancelled by the caller.', { cause: error });
    }
    health.failed(error, mark);
    return byWordsOnly();
  }
}
