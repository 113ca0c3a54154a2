import { expect, it } from 'vitest';
import { heatOf, hotSegments, hotSinceMs, maybeHot, segmentsToEvict } from '../../../src/tiers/heat.js';
import { samplePage, sampleSegment } from '../../support/samples.js';

const weights = { alpha: 1, beta: 1, gamma: 1, recencyTauMs: 3_600_000 };
const at = '2026-01-01T00:00:00.000Z';
const nowMs = Date.parse(at);

it('is N_visit + L_interaction + exp(-dt / mu), as of now', () => {
  const segment = sampleSegment({ n_visit: 2, last_visit_at: at }, [
    samplePage(),
    samplePage({ analysed: true }),
  ]);
  expect(heatOf(segment, nowMs, weights)).toEqual({ heat: 4, nVisit: 2, lInteraction: 1, rRecency: 1 });
  expect(heatOf(segment, nowMs + 3_600_000, weights).heat).toBeCloseTo(3 + Math.exp(-1), 12);
  expect(heatOf(segment, nowMs - 5000, weights).rRecency).toBe(1);
});

it('counts whole minutes, and keeps a segment due that has reached the threshold', () => {
  const pages = Array.from({ length: 4 }, () => samplePage());
  const after = (ms: number) => new Date(nowMs + ms).toISOString();
  const soon = sampleSegment({ last_visit_at: at, updated_at: after(59_999) }, pages);
  const late = sampleSegment({ last_visit_at: at, updated_at: after(60_000) }, pages);
  const visitedLater = sampleSegment({ last_visit_at: after(60_000), updated_at: at }, pages);
  const hotAfter = (ms: number) => new Set(hotSegments([soon, late, visitedLater], nowMs + ms, 5, weights));
  expect(hotAfter(60_000)).toEqual(new Set([soon, visitedLater]));
  expect(hotAfter(30 * 86_400_000)).toEqual(new Set([soon, visitedLater]));
});

it('reports since when a hot segment has waited, regardless of later visits', () => {
  const since = (pages: number, n_visit: number) =>
    hotSinceMs(
      sampleSegment(
        { n_visit, updated_at: at, last_visit_at: '2026-01-02T00:00:00.000Z' },
        Array.from({ length: pages }, () => samplePage()),
      ),
      5,
      weights,
    ) - nowMs;
  expect(since(4, 3)).toBe(0);
  expect(since(3, 3)).toBe(86_400_000);
});

it('uses its weights', () => {
  const segment = sampleSegment({ n_visit: 2 });
  expect(heatOf(segment, nowMs, { ...weights, alpha: 10, beta: 100, gamma: 0 }).heat).toBe(120);
});

it('promotes every segment at the threshold with unanalysed pages, hottest first', () => {
  const finished = sampleSegment({ n_visit: 90 }, [samplePage({ analysed: true })]);
  const atThreshold = sampleSegment({ n_visit: 3 });
  const hotter = sampleSegment({ n_visit: 4 });
  const cold = sampleSegment({ n_visit: 2 });
  expect(hotSegments([finished, atThreshold, cold, hotter], nowMs, 5, weights)).toEqual([
    hotter,
    atThreshold,
  ]);
});

it('evicts the coldest segments, and spares none because it is new', () => {
  const old = sampleSegment({ last_visit_at: '2025-01-01T00:00:00.000Z' }, [samplePage({ analysed: true })]);
  const fresh = sampleSegment({ last_visit_at: at });
  const visited = sampleSegment({ n_visit: 3 }, [samplePage({ analysed: true })]);
  const segments = new Map([old, fresh, visited].map((segment) => [segment.head.id, segment]));
  expect(segmentsToEvict(segments, 3, nowMs, weights)).toEqual([]);
  expect(segmentsToEvict(segments, 2, nowMs, weights)).toEqual([old]);
  expect(segmentsToEvict(segments, 1, nowMs, weights)).toEqual([old, fresh]);
});

it('bounds the counts of a segment at the threshold, for stores that select by counts', () => {
  const heavy = { ...weights, alpha: 0.3, beta: 0.7, gamma: 0.1 };
  for (let visits = 0; visits < 8; visits += 1) {
    const segment = sampleSegment({ n_visit: visits, last_visit_at: at, updated_at: at });
    const { heat } = heatOf(segment, nowMs, heavy);
    const { perVisit, perUnanalysed, base, least } = maybeHot(heat, heavy);
    expect(hotSegments([segment], nowMs, heat, heavy)).toEqual([segment]);
    expect(perVisit * visits + perUnanalysed * segment.unanalysed + base).toBeGreaterThanOrEqual(least);
  }
});
