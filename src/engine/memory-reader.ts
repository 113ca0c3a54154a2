import type { StatsResult } from '../model/results.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import { wordsOnly } from '../retrieval/retriever.js';
import { type ContentsParts, MemoryContents } from './memory-contents.js';
import type { MemoryEngine } from './memory-engine.js';
import { lossText, otherNotices } from './presenting/losses.js';
import { needOfStats, statsOf } from './presenting/stats.js';

export interface ReaderParts extends ContentsParts {
  /** Number of pages with a saved vector of this model. */
  readonly vectorsSaved: (model: string) => Promise<number>;
  /** Name of the analyser that would be used. */
  readonly analyser: string;
  /**
   * The model whose vectors are counted; it is not called. Null: pages are found by words and have no
   * vectors.
   */
  readonly meaningReader: Pick<MeaningReader, 'model' | 'dimensions'> | null;
  readonly notices: readonly string[];
}

/** A read-only memory: it does no background work, calls no model, counts no visits and writes nothing. */
export class MemoryReader extends MemoryContents implements Pick<MemoryEngine, 'stats'> {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    super(parts);
    this.#parts = parts;
  }

  /** The store itself refuses reads after closing. */
  protected override checkOpen(): void {}

  /** Losses that nobody has accepted, recorded earlier or found on opening; for the log. */
  async losses(): Promise<string[]> {
    const { store } = this.#parts;
    const { losses } = await store.read({ losses: true });
    const found = store.notices.filter(({ level }) => level === 'error');
    return [...losses.map(lossText), ...otherNotices(found, losses)];
  }

  /**
   * The same statistics as an engine's, but vectors are those on disk: pages in short-term memory have theirs
   * only in memory.
   */
  async stats(): Promise<StatsResult> {
    const { store, settings, clock, meaningReader, analyser, assistantId, notices } = this.#parts;
    const known = await store.read(needOfStats(settings, assistantId));
    const vectors = meaningReader === null ? 0 : await this.#parts.vectorsSaved(meaningReader.model);
    const about = {
      userId: store.userId,
      assistantId,
      analyser,
      pausedBy: null,
      rejected: {},
      llm: null,
      index: {
        embedder: meaningReader?.model ?? wordsOnly,
        dimensions: meaningReader?.dimensions ?? 0,
        vectors,
        vectorsMissing: meaningReader === null ? 0 : known.counts.midTerm - vectors,
        lastError: null,
      },
      notices: [...known.losses.map(lossText), ...notices, ...otherNotices(store.notices, known.losses)],
    };
    return statsOf(known, settings, about, clock.now());
  }

  async close(): Promise<void> {
    await this.#parts.store.close();
  }
}
