import type { SegmentId } from '../../model/ids.js';
import type { AnalysisTrouble } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { UserState } from '../../model/user-state.js';
import { hotSegments, segmentsToEvict } from '../../tiers/heat.js';
import { nextBatch } from '../../tiers/queue.js';
import { nextUnread } from '../../tiers/reading.js';
import type { EngineSettings } from '../settings.js';

/** A batch is given to the built-in analyser once a model has failed this often for what it answered. */
export const contentFailuresMax = 5;

/** Work that waits, derived from the state: there is no queue that could be lost or corrupted. */
export type Job =
  | { readonly kind: 'read'; readonly key: string; readonly pages: readonly [Page, ...Page[]] }
  | { readonly kind: 'migrate'; readonly key: string; readonly pages: readonly [Page, ...Page[]] }
  | { readonly kind: 'promote'; readonly key: string; readonly segmentId: SegmentId }
  | { readonly kind: 'evict'; readonly key: string; readonly segmentId: SegmentId };

/** Everything that waits: pages to read, a batch, hot segments from the hottest on, segments to evict from the coldest on. */
export function jobsOf(state: UserState, settings: EngineSettings, nowMs: number, drain: boolean): Job[] {
  const batch = nextBatch(state.shortTerm, settings.shortTermCapacityPages, drain);
  const migrations: Job[] =
    batch === null ? [] : [{ kind: 'migrate', key: `migrate:${batch[0].id}`, pages: batch }];
  const unread = nextUnread(state);
  const hot = hotSegments(state.segments.values(), nowMs, settings.heatMin, settings.heatWeights);
  const cold = segmentsToEvict(state.segments, settings.midTermCapacitySegments, nowMs, settings.heatWeights);
  return [
    ...(unread === null ? [] : [readJob(state, unread)]),
    ...migrations,
    ...hot.map(({ head }): Job => ({ kind: 'promote', key: `analyse:${head.id}`, segmentId: head.id })),
    ...cold.map(({ head }): Job => ({ kind: 'evict', key: `analyse:${head.id}`, segmentId: head.id })),
  ];
}

/** The job that begins with this page. */
export function readingKey(first: Page): string {
  return `read:${first.id}`;
}

/** After a failure the first page is read alone, so that it does not keep the others from being read. */
function readJob(state: UserState, unread: readonly [Page, ...Page[]]): Job {
  const key = readingKey(unread[0]);
  return { kind: 'read', key, pages: state.troubles.has(key) ? [unread[0]] : unread };
}

/** Whether a job that failed before may be tried now. Null as next try: once for every start of a process. */
export function isDue(trouble: AnalysisTrouble | undefined, nowMs: number): boolean {
  if (trouble === undefined || trouble.next_try_at === null) return true;
  return Date.parse(trouble.next_try_at) <= nowMs;
}

/** Pause before the next try: doubling from the base, at most the maximum. */
export function backoffMs(attempts: number, settings: EngineSettings): number {
  return Math.min(settings.retryMaxMs, settings.retryBaseMs * 2 ** (attempts - 1));
}
