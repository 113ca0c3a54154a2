import { neighbourShare } from '../fusion.js';
import type { WordIndex } from '../index/word-index.js';
import type { PageOrder } from '../page-order.js';
import type { WordSignal } from './words.js';

const pagesRead = 10;
const termsTaken = 20;

/**
 * The signal of the company words keep (pseudo relevance feedback, after Lavrenko and Croft, SIGIR 2001): words
 * that the best pages share, though the question has not got them, speak for other pages that have them.
 * `best` holds rows, best first, with their scores; returns one number a row of `best`, in about [0, 2].
 */
export function feedback(
  best: readonly { readonly row: number; readonly score: number }[],
  asked: ReadonlySet<number>,
  words: WordIndex,
  order: PageOrder,
  signal: WordSignal,
): number[] {
  const worth = new Map<number, number>();
  for (const { row, score } of best.slice(0, pagesRead)) {
    for (const term of words.termsOf(row)) {
      if (!asked.has(term)) worth.set(term, (worth.get(term) ?? 0) + score * words.rarity(term));
    }
  }
  const taken = [...worth].sort((x, y) => y[1] - x[1]).slice(0, termsTaken);
  const top = taken[0]?.[1] ?? 0;
  if (top <= 0) return best.map(() => 0);
  const slotOf = new Map(taken.map(([term], slot) => [term, slot]));
  const weights = Float32Array.from(taken, ([term, value]) => (words.rarity(term) * value) / top);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = new Float32Array(taken.length);
  const read = (row: number, share: number) => {
    if (row === -1) return;
    for (const term of words.termsOf(row)) {
      const slot = slotOf.get(term);
      if (slot !== undefined) counts[slot] = (counts[slot] ?? 0) + share;
    }
  };
  return best.map(({ row }) => {
    counts.fill(0);
    read(row, 1);
    read(order.previous.values[row] ?? -1, neighbourShare);
    read(order.next.values[row] ?? -1, neighbourShare);
    let sum = 0;
    for (let slot = 0; slot < counts.length; slot++) {
      const count = counts[slot] ?? 0;
      if (count > 0) sum += (weights[slot] ?? 0) * signal.saturated(row, count);
    }
    return sum / total;
  });
}
