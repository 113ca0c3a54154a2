import type { Page } from '../../model/page.js';
import type { HeatWeights } from '../../tiers/heat.js';

/**
 * The heat of a segment with these pages at the end of each day (`YYYY-MM-DD`, UTC): beta for each page said
 * that day, and gamma * exp(-dt / mu) for the time since the last page said by then. 0 before its first page.
 */
export function heatByDay(
  pages: readonly Page[],
  days: readonly string[],
  { beta, gamma, recencyTauMs }: HeatWeights,
): number[] {
  const saidMs = pages.map((page) => Date.parse(page.timestamp)).sort((a, b) => a - b);
  return days.map((day) => {
    const startMs = Date.parse(day);
    const endMs = startMs + 24 * 3600 * 1000;
    const before = saidMs.filter((ms) => ms < endMs);
    const last = before.at(-1);
    if (last === undefined) return 0;
    const saidToday = before.filter((ms) => ms >= startMs).length;
    return beta * saidToday + gamma * Math.exp(-(endMs - last) / recencyTauMs);
  });
}
