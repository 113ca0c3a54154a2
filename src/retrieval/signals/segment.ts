import { countOfPosting, rowOfPosting } from '../index/posting-pool.js';
import type { SegmentIndex } from '../index/segment-index.js';

/** The constants of BM25. They differ from those for pages, because lengths of summaries differ more. */
const k1 = 1.2;
const b = 0.5;

/**
 * The signal of segments: adds to `out`, by row of a page, how well the theme, summary and keywords of its
 * segment match the question. The value is about 1 if they contain every word. The signal only raises scores:
 * a page in a segment about something else keeps the score of its own words.
 */
export function addSegments(
  terms: readonly string[],
  segments: SegmentIndex,
  rows: readonly number[],
  out: Float32Array,
): void {
  const { words } = segments;
  if (words.pages === 0) return;
  const scores = new Float32Array(segments.textRows);
  const lengths = words.lengths('user');
  const meanLength = Math.max(1, words.length / words.pages);
  let worth = 0;
  for (const term of terms) {
    const id = words.find(term);
    if (id === undefined) continue;
    const rarity = words.rarity(id);
    worth += rarity;
    words.postings.visit(id, (pool, from, to) => {
      for (let i = from; i < to; i++) {
        const row = rowOfPosting(pool[i] ?? 0);
        const count = countOfPosting(pool[i] ?? 0);
        const flattening = k1 * (1 - b + (b * (lengths[row] ?? 0)) / meanLength);
        scores[row] = (scores[row] ?? 0) + (rarity * count * (k1 + 1)) / (count + flattening);
      }
    });
  }
  if (worth === 0) return;
  const byNumber = new Float32Array(segments.numbers);
  for (let number = 1; number < byNumber.length; number++) {
    byNumber[number] = (scores[segments.textRowOf(number)] ?? 0) / worth;
  }
  const of = segments.of.values;
  for (const row of rows) out[row] = byNumber[of[row] ?? 0] ?? 0;
}
