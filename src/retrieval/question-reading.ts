import { MemoryError } from '../model/errors.js';
import type { MeaningReader, QuestionReading } from '../ports/meaning-reader.js';
import type { EmbedderHealth } from './index/embedder-health.js';
import type { RetrievalQuery } from './retriever.js';

export interface QuestionReadingOptions {
  readonly reader: MeaningReader;
  readonly health: EmbedderHealth;
  /** Dimensions of the vectors to compare with; null if there are none yet. */
  readonly dimensions: number | null;
  /** Maximum time to wait before the search continues with words only. */
  readonly maxMs: number;
  /** Rewrites the question for the reader. */
  readonly asked: (text: string) => string;
  /** Receives the reason if there is no vector. */
  readonly notices: string[];
}

/** Maximum length of the part of a question that a model reads. */
const charactersMax = 4_000;

/** The vectors of a query; null if search must use only words. Throws CANCELLED. */
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
  // Not with `AbortSignal.any`: in Node 20 the garbage collector takes its sources, and it never aborts.
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, maxMs).unref();
  query.signal?.addEventListener('abort', stop);
  if (query.signal?.aborted === true) stop();
  try {
    const reading = await reader.readQuestion(asked(query.text.slice(0, charactersMax)), limit.signal);
    return reading.vector.length === dimensions ? reading : null;
  } catch (error) {
    if (query.signal?.aborted === true) {
      throw new MemoryError('CANCELLED', 'The search was cancelled by the caller.', { cause: error });
    }
    health.failed(error, mark);
    return byWordsOnly();
  } finally {
    clearTimeout(timer);
    query.signal?.removeEventListener('abort', stop);
  }
}
