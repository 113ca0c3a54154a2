import { sameSegmentFree, sameSegmentLoss } from './fusion.js';
import type { PageIndex } from './index/page-index.js';

/** A row with its current score. */
export interface Candidate {
  readonly row: number;
  readonly score: number;
}

/** Two pages are duplicates if their words overlap at least this much (Jaccard). */
const sameWordsMin = 0.9;
const sameWordsTermsMin = 5;

/**
 * Selects from candidates that are sorted best first. Of duplicate pages, it keeps only the first. If the
 * question names only a time, pages of other segments come before further pages of the same segment.
 */
export function arranged(
  candidates: readonly Candidate[],
  index: PageIndex,
  asksForTime: boolean,
  most: number,
): Candidate[] {
  const chosen: Candidate[] = [];
  const left = [...candidates];
  const perSegment = new Map<string, number>();
  const loss = asksForTime ? sameSegmentLoss * (candidates[0]?.score ?? 0) : 0;
  const lossOf = (row: number) =>
    loss * Math.max(0, (perSegment.get(groupOf(index, row)) ?? 0) - sameSegmentFree);
  while (chosen.length < most && left.length > 0) {
    const [candidate] = left.splice(loss === 0 ? 0 : bestAt(left, lossOf), 1);
    if (candidate === undefined) break;
    const { row } = candidate;
    if (chosen.some((other) => saysTheSame(index, other.row, row))) continue;
    // The scores must fall in the order of selection, because the program that reads the answer sees only the
    // scores.
    chosen.push(loss === 0 ? candidate : { row, score: Math.max(leastScore, candidate.score - lossOf(row)) });
    const group = groupOf(index, row);
    perSegment.set(group, (perSegment.get(group) ?? 0) + 1);
  }
  return chosen;
}

const leastScore = Number.MIN_VALUE;

function bestAt(candidates: readonly Candidate[], lossOf: (row: number) => number): number {
  let best = 0;
  let bestScore = Number.NEGATIVE_INFINITY;
  candidates.forEach(({ row, score }, at) => {
    const left = score - lossOf(row);
    if (left > bestScore) {
      best = at;
      bestScore = left;
    }
  });
  return best;
}

/** The segment of the page; if it has no segment yet, its session. */
function groupOf(index: PageIndex, row: number): string {
  return index.segments.idOf(row) ?? `session ${index.order.session.values[row] ?? -1}`;
}

function saysTheSame(index: PageIndex, a: number, b: number): boolean {
  const termsA = index.words.termsOf(a);
  const termsB = index.words.termsOf(b);
  if (Math.min(termsA.length, termsB.length) < sameWordsTermsMin) return false;
  if (Math.min(termsA.length, termsB.length) < sameWordsMin * Math.max(termsA.length, termsB.length))
    return false;
  const ofA = new Set(termsA);
  let shared = 0;
  for (const term of termsB) if (ofA.has(term)) shared += 1;
  return shared >= sameWordsMin * (termsA.length + termsB.length - shared);
}
