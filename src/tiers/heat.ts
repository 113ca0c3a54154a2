import type { SegmentOutline } from '../model/segment.js';
import type { WeightedCounts } from '../ports/store.js';

export interface HeatWeights {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** mu of the paper. */
  readonly recencyTauMs: number;
}

export interface Heat {
  readonly heat: number;
  /** N_visit: retrievals since the last analysis. */
  readonly nVisit: number;
  /** L_interaction: pages added since the last analysis. */
  readonly lInteraction: number;
  /** R_recency in (0, 1]; 1 in the first minute after a visit. */
  readonly rRecency: number;
}

const minuteMs = 60_000;

/** The parts of a segment that heat depends on. */
type Warm = Pick<SegmentOutline, 'head' | 'unanalysed'>;

/**
 * Heat = alpha * N_visit + beta * L_interaction + gamma * R_recency with R_recency = exp(-dt / mu), where dt
 * is the time since the last visit (MemoryOS, EMNLP 2025, section 3.2). A visit in the future counts as now.
 * dt is counted in whole minutes. So a segment that just reaches the threshold (by default, four pages and a
 * recency of 1) is still hot when the worker looks a few seconds later.
 */
export function heatOf(segment: Warm, nowMs: number, weights: HeatWeights): Heat {
  const nVisit = segment.head.n_visit;
  const lInteraction = segment.unanalysed;
  const minutes = Math.floor((nowMs - Date.parse(segment.head.last_visit_at)) / minuteMs);
  const sinceMs = Math.max(0, minutes) * minuteMs;
  const rRecency = Math.exp(-sinceMs / weights.recencyTauMs);
  const heat = weights.alpha * nVisit + weights.beta * lInteraction + weights.gamma * rRecency;
  return { heat, nVisit, lInteraction, rRecency };
}

/**
 * Segments with unanalysed pages that were at or above the threshold at their last change, hottest first. As
 * in the paper, a segment exactly at the threshold is promoted. Heat only falls between two changes, so the
 * heat at the last change decides: a segment that reached the threshold stays due until it is analysed,
 * however long no model or no process is available.
 */
export function hotSegments<S extends Warm>(
  segments: Iterable<S>,
  nowMs: number,
  heatMin: number,
  weights: HeatWeights,
): S[] {
  return [...segments]
    .filter((segment) => segment.unanalysed > 0)
    .filter((segment) => heatOf(segment, changedAtMs(segment, nowMs), weights).heat >= heatMin)
    .map((segment) => ({ segment, heat: heatOf(segment, nowMs, weights).heat }))
    .sort((a, b) => b.heat - a.heat)
    .map(({ segment }) => segment);
}

/** Selects all segments that {@link hotSegments} may return, whatever the time: no recency is above 1. */
export function maybeHot(heatMin: number, { alpha, beta, gamma }: HeatWeights): WeightedCounts {
  return { perVisit: alpha, perUnanalysed: beta, base: gamma, least: heatMin };
}

/**
 * Since when a hot segment has waited for analysis: since a topic last joined it, or, when its pages alone do
 * not make it hot, since its last visit.
 */
export function hotSinceMs(segment: Warm, heatMin: number, weights: HeatWeights): number {
  const { head } = segment;
  const joinedAtMs = Date.parse(head.updated_at);
  const unvisited = { ...segment, head: { ...head, n_visit: 0 } };
  const byPages = heatOf(unvisited, joinedAtMs, weights).heat >= heatMin;
  return byPages ? joinedAtMs : Date.parse(head.last_visit_at);
}

/** When a topic last joined the segment or a query last visited it. Its heat was highest then. */
function changedAtMs({ head }: Warm, nowMs: number): number {
  return Math.min(nowMs, Math.max(Date.parse(head.updated_at), Date.parse(head.last_visit_at)));
}

/**
 * The segments to evict until the capacity holds, coldest first. Among equally cold segments, the oldest goes
 * first.
 */
export function segmentsToEvict<S extends Warm>(
  segments: ReadonlyMap<unknown, S>,
  capacitySegments: number,
  nowMs: number,
  weights: HeatWeights,
): S[] {
  const excess = segments.size - capacitySegments;
  if (excess <= 0) return [];
  return [...segments.values()]
    .map((segment) => ({ segment, heat: heatOf(segment, nowMs, weights).heat }))
    .sort((a, b) => a.heat - b.heat)
    .slice(0, excess)
    .map(({ segment }) => segment);
}
