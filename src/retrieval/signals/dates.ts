import { findWhen } from '../../lib/time/when.js';
import type { PageOrder } from '../page-order.js';

/** A stretch of time a question is about. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const dayMs = 86_400_000;
/** People tell of a thing on the day or in the days after. */
const fadeAfterMs = 7 * dayMs;
const fadeBeforeMs = dayMs;
const spansMax = 4;

/** The times a question names, relative ones resolved against when it is asked. */
export function spansIn(text: string, nowMs: number): Span[] {
  const spans: Span[] = [];
  let rest = text;
  while (spans.length < spansMax) {
    const when = findWhen(rest, nowMs, 'past');
    if (when === null) break;
    spans.push({ startMs: when.startMs, endMs: when.endMs });
    rest = rest.slice(when.to);
  }
  return [...spans, ...numericSpans(text)].slice(0, spansMax);
}

/** "2023年5月7日", "2023年5月", "7.5.2023": written alike in many languages. */
function numericSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(/(\d{4})\s*年\s*(?:(\d{1,2})\s*月)?\s*(?:(\d{1,2})\s*日)?/gu)) {
    spans.push(spanOf(Number(match[1]), match[2], match[3]));
  }
  for (const match of text.matchAll(/\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b/gu)) {
    spans.push(spanOf(Number(match[3]), match[2], match[1]));
  }
  return spans.filter(({ startMs }) => Number.isFinite(startMs));
}

function spanOf(year: number, month: string | undefined, day: string | undefined): Span {
  const m = month === undefined ? 0 : Number(month) - 1;
  const d = day === undefined ? 1 : Number(day);
  const startMs = Date.UTC(year, m, d);
  const endMs =
    month === undefined
      ? Date.UTC(year + 1, 0, 1)
      : day === undefined
        ? Date.UTC(year, m + 1, 1)
        : startMs + dayMs;
  return { startMs, endMs: endMs - 1 };
}

/** How well a page of that time fits, in [0, 1]: fading after the span, quickly before it. */
export function fitOf(timeMs: number, span: Span): number {
  if (timeMs > span.endMs) return Math.exp((span.endMs - timeMs) / fadeAfterMs);
  if (timeMs < span.startMs) return Math.exp((timeMs - span.startMs) / fadeBeforeMs) / 2;
  return 1;
}

/**
 * The signal of dates: adds to `out`, by row, what the times named in the question speak for a page. As with a
 * word, the fewer pages lie in a span the more it says.
 */
export function addDates(spans: readonly Span[], order: PageOrder, out: Float32Array): void {
  for (const span of spans) {
    let holding = 0;
    for (const row of order.rows) holding += fitOf(order.timeOf(row), span);
    const rarity = Math.log(1 + Math.max(0, order.rows.length - holding + 0.5) / (holding + 0.5));
    for (const row of order.rows) out[row] = (out[row] ?? 0) + rarity * fitOf(order.timeOf(row), span);
  }
}
