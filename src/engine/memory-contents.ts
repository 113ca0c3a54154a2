import type { LoggedChange } from '../model/change-log.js';
import type { AssistantId, PageId, SegmentId } from '../model/ids.js';
import { everyFact } from '../model/knowledge.js';
import type { SegmentSummary } from '../model/results.js';
import type { Clock } from '../ports/clock.js';
import type { StoredMemory } from '../ports/store.js';
import type {
  ListedExchange,
  LongTerm,
  MemoryEngine,
  SegmentDetail,
  TimelineInput,
  TimelineResult,
} from './memory-engine.js';
import { changesOf, longTermOf, needOfSegment, segmentDetail, segmentsOf } from './presenting/contents.js';
import { type DayCount, dayCounts, daysMax } from './presenting/day-counts.js';
import { heatByDay } from './presenting/heat-by-day.js';
import { exchangesWith, timelineOf } from './presenting/timeline.js';
import type { EngineSettings } from './settings.js';

export interface ContentsParts {
  readonly store: StoredMemory;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly assistantId: AssistantId;
}

type ContentsMethod =
  | 'longTerm'
  | 'segments'
  | 'segment'
  | 'log'
  | 'timeline'
  | 'exchangesOf'
  | 'days'
  | 'heatByDay';

/** The methods that list what a memory contains. They only read the store; {@link MemoryEngine} documents them. */
export abstract class MemoryContents implements Pick<MemoryEngine, ContentsMethod> {
  readonly #parts: ContentsParts;

  constructor(parts: ContentsParts) {
    this.#parts = parts;
  }

  /** Runs before every read. Throws to refuse it. */
  protected abstract checkOpen(): void;

  async longTerm(): Promise<LongTerm> {
    this.checkOpen();
    const { store, assistantId } = this.#parts;
    return longTermOf(await store.read({ profile: true, facts: [null, assistantId] }), assistantId);
  }

  async segments(atMs = this.#parts.clock.now()): Promise<SegmentSummary[]> {
    this.checkOpen();
    const { heads } = await this.#parts.store.read({ heads: 'all' });
    return segmentsOf(heads, atMs, this.#parts.settings);
  }

  async segment(id: SegmentId): Promise<SegmentDetail> {
    this.checkOpen();
    const { store, clock, settings } = this.#parts;
    return segmentDetail(await store.read(needOfSegment(id)), id, clock.now(), settings);
  }

  async log(): Promise<readonly LoggedChange[]> {
    this.checkOpen();
    return changesOf(await this.#parts.store.read({ changes: true }));
  }

  async timeline(input: TimelineInput = {}): Promise<TimelineResult> {
    this.checkOpen();
    return timelineOf(this.#parts.store, input);
  }

  async exchangesOf(ids: readonly PageId[]): Promise<readonly ListedExchange[]> {
    this.checkOpen();
    return exchangesWith(this.#parts.store, ids);
  }

  async days(): Promise<readonly DayCount[]> {
    this.checkOpen();
    const { store, assistantId } = this.#parts;
    const { days, facts } = await store.read({ days: daysMax, facts: [null, assistantId] });
    return dayCounts(days, everyFact(facts));
  }

  async heatByDay(
    ids: readonly SegmentId[],
    days: readonly string[],
  ): Promise<ReadonlyMap<SegmentId, readonly number[]>> {
    this.checkOpen();
    const { store, settings } = this.#parts;
    const { segments } = await store.read({ segments: ids });
    return new Map(
      ids.flatMap((id) => {
        const segment = segments.get(id);
        return segment === undefined ? [] : [[id, heatByDay(segment.pages, days, settings.heatWeights)]];
      }),
    );
  }
}
