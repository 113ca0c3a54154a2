/**
 * So many times what the best of as many strangers would stand out by chance is a perfect fit: the largest of n
 * normal numbers lies about sqrt(2 ln n) deviations above their mean.
 */
const chanceTimes = 1.75;
const deviationMin = 0.04;

/** How near pages are to a question, over all of a memory of which these are a part. */
export interface Nearness {
  readonly pages: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The signals of meaning: turns nearness into how far each page stands out among all, in [0, 1]. Models differ in
 * how near a stranger is, not in this. A page whose nearness is not known (null) gets what the mean page has, so that
 * it is neither helped nor harmed. `whole`: where these are not all pages.
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
