import type { Side, WordIndex } from '../index/word-index.js';

/**
 * The signal of substance: how much the side that is asked about says on a page. If the question does not say
 * which side, both count. The value is 0 for an empty side and about 0.7 for a usual length, and grows slowly
 * with the length.
 */
export function addSubstance(
  words: WordIndex,
  side: Side | null,
  rows: readonly number[],
  out: Float32Array,
): void {
  const user = words.lengths('user');
  const agent = words.lengths('agent');
  const ofUser = side === 'agent' ? 0 : 1;
  const ofAgent = side === 'user' ? 0 : 1;
  let sum = 0;
  for (const row of rows) sum += ofUser * (user[row] ?? 0) + ofAgent * (agent[row] ?? 0);
  const mean = Math.max(1, sum / Math.max(1, rows.length));
  for (const row of rows) {
    const length = ofUser * (user[row] ?? 0) + ofAgent * (agent[row] ?? 0);
    out[row] = Math.log1p(length / mean);
  }
}
