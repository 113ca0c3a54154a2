import type { SegmentId } from '../../model/ids.js';
import { type AnalysisTrouble, jobKey } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { Need, Slices } from '../../ports/store.js';
import { hotSegments, maybeHot, segmentsToEvict } from '../../tiers/heat.js';
import { batchReach, nextBatch } from '../../tiers/queue.js';
import { pagesPerReadingMax } from '../../tiers/reading.js';
import type { EngineSettings } from '../settings.js';

/** After this many unusable answers of a model, the built-in analyser processes the batch. */
export const contentFailuresMax = 5;

/** Waiting work, derived from the state. There is no queue that could be lost or corrupted. */
export type Job =
  | { readonly kind: 'read'; readonly key: string; readonly pages: readonly [Page, ...Page[]] }
  | { readonly kind: 'migrate'; readonly key: string; readonly pages: readonly [Page, ...Page[]] }
  | { readonly kind: 'promote'; readonly key: string; readonly segmentId: SegmentId }
  | { readonly kind: 'evict'; readonly key: string; readonly segmentId: SegmentId };

/** What {@link jobsOf} needs to read, when segments may have to be evicted. */
export function needOfJobs(settings: EngineSettings) {
  return {
    counts: true,
    oldest: batchReach(settings.shortTermCapacityPages),
    unread: pagesPerReadingMax,
    heads: 'all',
    troubles: true,
  } as const satisfies Need;
}

/** The same, as long as mid-term memory is within its capacity: without the segments that cannot be hot. */
export function needWithinCapacity(settings: EngineSettings) {
  const heads = maybeHot(settings.heatMin, settings.heatWeights);
  return { ...needOfJobs(settings), heads } as const satisfies Need;
}

/** The slices from which work is derived. */
export type Waiting = Pick<Slices, keyof ReturnType<typeof needOfJobs>>;

/**
 * All waiting work: pages to read, a batch, hot segments (hottest first), segments to evict (coldest first).
 */
export function jobsOf(waiting: Waiting, settings: EngineSettings, nowMs: number, drain: boolean): Job[] {
  const { counts, oldest, heads } = waiting;
  const batch = nextBatch(oldest, counts.shortTerm, settings.shortTermCapacityPages, drain);
  const migrations: Job[] =
    batch === null ? [] : [{ kind: 'migrate', key: jobKey.migrate(batch[0].id), pages: batch }];
  const hot = hotSegments(heads.values(), nowMs, settings.heatMin, settings.heatWeights);
  const cold = segmentsToEvict(heads, settings.midTermCapacitySegments, nowMs, settings.heatWeights);
  return [
    ...readJobs(waiting),
    ...migrations,
    ...hot.map(({ head }): Job => ({ kind: 'promote', key: jobKey.analyse(head.id), segmentId: head.id })),
    ...cold.map(({ head }): Job => ({ kind: 'evict', key: jobKey.analyse(head.id), segmentId: head.id })),
  ];
}

/** The key of the reading job that begins with this page. */
export function readingKey(first: Page): string {
  return jobKey.read(first.id);
}

/** After a failure, the first page is read alone, so that it does not prevent the others from being read. */
function readJobs({ unread: [first, ...rest], troubles }: Waiting): Job[] {
  if (first === undefined) return [];
  const key = readingKey(first);
  return [{ kind: 'read', key, pages: troubles.has(key) ? [first] : [first, ...rest] }];
}

/**
 * Whether a job that failed may be tried now. Without a time for the next try: once after every start of a
 * process.
 */
export function isDue(trouble: AnalysisTrouble | undefined, nowMs: number): boolean {
  if (trouble === undefined || trouble.next_try_at === null) return true;
  return Date.parse(trouble.next_try_at) <= nowMs;
}

/** The pause before the next try: doubles from the base up to the maximum. */
export function backoffMs(attempts: number, settings: EngineSettings): number {
  return Math.min(settings.retryMaxMs, settings.retryBaseMs * 2 ** (attempts - 1));
}
