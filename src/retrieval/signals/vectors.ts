import { neighbourShare } from '../fusion.js';
import type { PageOrder } from '../page-order.js';

/**
 * So many times what the best of as many strangers would stand out by chance is a perfect fit: the largest of n
 * normal numbers lies about sqrt(2 ln n) deviations above their mean.
 */
const chanceTimes = 1.75;
const deviationMin = 0.04;

/**
 * The signal of vectors: turns cosines, in place, into how far each page stands out among all, in [0, 1].
 * Embedders differ in what cosine a stranger has (0 for one, 0.7 for another), not in this.
 */
export function standOut(cosines: Float32Array, rows: readonly number[]): void {
  let sum = 0;
  let squares = 0;
  for (const row of rows) {
    const cosine = cosines[row] ?? 0;
    sum += cosine;
    squares += cosine * cosine;
  }
  const mean = rows.length < 3 ? 0 : sum / rows.length;
  const variance = rows.length < 3 ? 0 : squares / rows.length - mean * mean;
  const chance = Math.sqrt(2 * Math.log(Math.max(3, rows.length)));
  const unit = Math.max(deviationMin, Math.sqrt(Math.max(0, variance))) * chance * chanceTimes;
  for (const row of rows) {
    cosines[row] = Math.min(1, Math.max(0, ((cosines[row] ?? 0) - mean) / unit));
  }
}

/** Adds to each page's cosine, in place, a share of those of the pages beside it, as with words. */
export function shareWithNeighbours(cosines: Float32Array, { rows, previous, next }: PageOrder): void {
  // In the order of time: what the page before had of its own is at hand, what the next has is not changed yet.
  let before = 0;
  for (const row of rows) {
    const own = cosines[row] ?? 0;
    const after = next.values[row] ?? -1;
    const beside =
      ((previous.values[row] ?? -1) === -1 ? 0 : before) + (after === -1 ? 0 : (cosines[after] ?? 0));
    cosines[row] = own + neighbourShare * beside;
    before = own;
  }
}
