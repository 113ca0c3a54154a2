import type { PageOrder } from '../page-order.js';

/** A period that a question is about. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const dayMs = 86_400_000;
/** People mention an event on its day or in the following days. */
const fadeAfterMs = 7 * dayMs;
const fadeBeforeMs = dayMs;

/**
 * How well a page of this time matches a span, in [0, 1]. The value falls slowly after the span and quickly
 * before it.
 */
export function fitOf(timeMs: number, span: Span): number {
  if (timeMs > span.endMs) return Math.exp((span.endMs - timeMs) / fadeAfterMs);
  if (timeMs < span.startMs) return Math.exp((timeMs - span.startMs) / fadeBeforeMs) / 2;
  return 1;
}

/**
 * The signal of dates: adds to `out`, by row, the score from the times that the question names. A span with
 * fewer pages gives a higher score, as a word on fewer pages does.
 */
export function addDates(spans: readonly Span[], order: PageOrder, out: Float32Array): void {
  for (const span of spans) {
    let holding = 0;
    for (const row of order.rows) holding += fitOf(order.timeOf(row), span);
    const rarity = Math.log(1 + Math.max(0, order.rows.length - holding + 0.5) / (holding + 0.5));
    for (const row of order.rows) out[row] = (out[row] ?? 0) + rarity * fitOf(order.timeOf(row), span);
  }
}
