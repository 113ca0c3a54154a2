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
