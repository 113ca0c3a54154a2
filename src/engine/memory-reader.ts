import type { LoggedChange } from '../model/change-log.js';
import type { AssistantId, SegmentId } from '../model/ids.js';
import type { SegmentSummary, StatsResult } from '../model/results.js';
import type { Clock } from '../ports/clock.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import type { StoredMemory } from '../ports/store.js';
import { wordsOnly } from '../retrieval/retriever.js';
import type {
  LongTerm,
  MemoryEngine,
  SegmentDetail,
  TimelineInput,
  TimelineResult,
} from './memory-engine.js';
import { changesOf, longTermOf, needOfSegment, segmentDetail, segmentsOf } from './presenting/contents.js';
import { lossText, otherNotices } from './presenting/losses.js';
import { needOfStats, statsOf } from './presenting/stats.js';
import { timelineOf } from './presenting/timeline.js';
import type { EngineSettings } from './settings.js';

export interface ReaderParts {
  /** May refuse every write. */
  readonly store: StoredMemory;
  /** Number of pages with a saved vector of this model. */
  readonly vectorsSaved: (model: string) => Promise<number>;
  readonly settings: EngineSettings;
  readonly clock: Clock;
  readonly assistantId: AssistantId;
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
export class MemoryReader
  implements Pick<MemoryEngine, 'longTerm' | 'stats' | 'segments' | 'segment' | 'timeline' | 'log'>
{
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** What was lost and nobody has accepted, recorded or found on opening; for the log. */
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

  async segments(atMs = this.#parts.clock.now()): Promise<SegmentSummary[]> {
    const { store, settings } = this.#parts;
    const { heads } = await store.read({ heads: 'all' });
    return segmentsOf(heads, atMs, settings);
  }

  async segment(id: SegmentId): Promise<SegmentDetail> {
    const { store, settings, clock } = this.#parts;
    const known = await store.read(needOfSegment(id));
    return segmentDetail(known, id, clock.now(), settings);
  }

  async longTerm(): Promise<LongTerm> {
    const { store, assistantId } = this.#parts;
    const known = await store.read({ profile: true, facts: [null, assistantId] });
    return longTermOf(known, assistantId);
  }

  async timeline(input: TimelineInput = {}): Promise<TimelineResult> {
    return timelineOf(this.#parts.store, input);
  }

  async log(): Promise<readonly LoggedChange[]> {
    return changesOf(await this.#parts.store.read({ changes: true }));
  }

  async close(): Promise<void> {
    await this.#parts.store.close();
  }
}
