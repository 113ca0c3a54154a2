import type { LoggedChange } from '../model/change-log.js';
import type { AssistantId, SegmentId } from '../model/ids.js';
import type { SegmentSummary, StatsResult } from '../model/results.js';
import type { Clock } from '../ports/clock.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import type { UserStore } from '../ports/memory-store.js';
import { wordsOnly } from '../retrieval/retriever.js';
import type {
  LongTerm,
  MemoryEngine,
  SegmentDetail,
  TimelineInput,
  TimelineResult,
} from './memory-engine.js';
import { changesOf, longTermOf, segmentDetail, segmentsOf } from './presenting/contents.js';
import { statsOf } from './presenting/stats.js';
import { Timeline } from './presenting/timeline.js';
import type { EngineSettings } from './settings.js';

export interface ReaderParts {
  /** May be one that refuses every write. */
  readonly store: UserStore;
  readonly settings: EngineSettings;
  readonly clock: Clock;
  readonly assistantId: AssistantId;
  /** Who would analyse. */
  readonly analyser: string;
  /** Whose vectors count; it is asked nothing. Null: pages are found by words and have none. */
  readonly meaningReader: Pick<MeaningReader, 'model' | 'dimensions'> | null;
  readonly notices: readonly string[];
}

/**
 * A memory that is only looked at: it does no background work, asks no model, counts no visit and writes nothing.
 */
export class MemoryReader
  implements Pick<MemoryEngine, 'longTerm' | 'stats' | 'segments' | 'segment' | 'timeline' | 'log'>
{
  readonly #parts: ReaderParts;
  readonly #timeline = new Timeline();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** As of the engine. Vectors are those of the files: pages in short-term memory have theirs in memory only. */
  async stats(): Promise<StatsResult> {
    const { store, settings, clock, meaningReader, analyser, assistantId, notices } = this.#parts;
    await store.refresh();
    const vectors = await this.#savedVectors();
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
        vectorsMissing: meaningReader === null ? 0 : store.state.segmentOfPage.size - vectors,
        lastError: null,
      },
      notices: [...notices, ...store.notices.map(({ message }) => message)],
    };
    return statsOf(store.state, settings, about, clock.now());
  }

  async segments(): Promise<SegmentSummary[]> {
    const { store, settings, clock } = this.#parts;
    await store.refresh();
    return segmentsOf(store.state, clock.now(), settings);
  }

  async segment(id: SegmentId): Promise<SegmentDetail> {
    const { store, settings, clock } = this.#parts;
    await store.refresh();
    return segmentDetail(store.state, id, clock.now(), settings);
  }

  async longTerm(): Promise<LongTerm> {
    const { store, assistantId } = this.#parts;
    await store.refresh();
    return longTermOf(store.state, assistantId);
  }

  async timeline(input: TimelineInput = {}): Promise<TimelineResult> {
    const { store } = this.#parts;
    await store.refresh();
    return this.#timeline.list(store.state, store.position, input);
  }

  async log(): Promise<readonly LoggedChange[]> {
    const { store } = this.#parts;
    await store.refresh();
    return changesOf(store.state);
  }

  async close(): Promise<void> {
    await this.#parts.store.close();
  }

  async #savedVectors(): Promise<number> {
    const { store, meaningReader } = this.#parts;
    let count = 0;
    if (meaningReader === null) return count;
    for (const [id, segment] of store.state.segments) {
      const saved = await store.loadVectors(id);
      if (saved?.model !== meaningReader.model) continue;
      count += segment.pages.filter((page) => saved.pages.has(page.id)).length;
    }
    return count;
  }
}
