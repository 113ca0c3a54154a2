/**
 * The distance from the mean at which a vector counts as a perfect match, as a multiple of the distance that
 * the best of as many unrelated pages has by chance. The largest of n normally distributed numbers is about
 * sqrt(2 ln n) standard deviations above the mean.
 */
const chanceTimes = 1.75;
const deviationMin = 0.04;

/**
 * Statistics of the cosine between a question and all pages of the memory, for a search in a part of the
 * pages.
 */
export interface Nearness {
  readonly pages: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The signal of vectors: for each page, how far its cosine is above the mean of all pages, scaled to [0, 1].
 * The cosine of unrelated texts differs between models; this value does not. A page without a vector (null)
 * gets the mean value, so it has neither an advantage nor a disadvantage. `whole` is given if these are not
 * all pages.
 */
export function standingOut(nearness: readonly (number | null)[], whole: Nearness | null = null): number[] {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const value of nearness) {
    if (value === null) continue;
    count += 1;
    sum += value;
    squares += value * value;
  }
  if (count === 0) return nearness.map(() => 0);
  const ofThese = sum / count;
  const among = whole ?? {
    pages: count,
    mean: ofThese,
    deviation: Math.sqrt(Math.max(0, squares / count - ofThese * ofThese)),
  };
  const isFew = among.pages < 3;
  const mean = isFew ? 0 : among.mean;
  const deviation = isFew ? 0 : among.deviation;
  const unit =
    Math.max(deviationMin, deviation) * Math.sqrt(2 * Math.log(Math.max(3, among.pages))) * chanceTimes;
  const values = nearness.map((value) =>
    value === null ? null : Math.min(1, Math.max(0, (value - mean) / unit)),
  );
  const usual = values.reduce<number>((all, value) => all + (value ?? 0), 0) / count;
  return values.map((value) => value ?? usual);
}
