import { MemoryError } from '../model/errors.js';
import type { Embedder } from '../ports/embedder.js';
import type { EmbedderHealth } from './index/embedder-health.js';
import type { RetrievalQuery } from './retriever.js';

export interface QueryVectorOptions {
  readonly embedder: Embedder;
  readonly health: EmbedderHealth;
  /** Of the vectors it is compared with; null where there are none yet. */
  readonly dimensions: number | null;
  /** How long a query waits for its own vector before it goes on by words. */
  readonly maxMs: number;
  /** Told why there is none. */
  readonly notices: string[];
}

/** The vector of a query; null where it has to do without. Throws CANCELLED. */
export async function queryVector(
  query: RetrievalQuery,
  { embedder, health, dimensions, maxMs, notices }: QueryVectorOptions,
): Promise<Float32Array | null> {
  if (dimensions === null || query.text.trim() === '') return null;
  const byWordsOnly = () => {
    notices.push(`Found by words only: the embedder is away (${health.lastError ?? 'no answer'}).`);
    return null;
  };
  if (!embedder.immediate && health.resting) return byWordsOnly();
  const { mark } = health;
  // One that answers at once needs no signal made for it.
  const signal = embedder.immediate
    ? query.signal
    : AbortSignal.any([...(query.signal ? [query.signal] : []), AbortSignal.timeout(maxMs)]);
  try {
    const [vector] = await embedder.embed([query.text], signal);
    return vector?.length === dimensions ? vector : null;
  } catch (error) {
    if (query.signal?.aborted === true) {
      throw new MemoryError('CANCELLED', 'The search was cancelled by the caller.', { cause: error });
    }
    health.failed(error, mark);
    return byWordsOnly();
  }
}
