import type { AskedPiece } from '../../ports/meaning-reader.js';
import type { PieceTable } from '../index/piece-table.js';
import { AskedPieces } from '../meaning/max-sim.js';
import type { Beside } from './beside.js';

/** Weight of a match on a neighbouring page, relative to one on the page itself. */
const besideShare = 0.8;

/**
 * How well the word pieces of a question match a page. `own` and `beside` are the weighted mean of the best
 * products of the pieces, each about in [0, 1].
 */
export interface LateScores {
  /** On the page alone. */
  readonly own: number;
  /** On the page and its neighbours in the session. The better match of each piece counts. */
  readonly beside: number;
  /** The best product of each piece of the question on the page alone. */
  readonly pieces: Float32Array;
}

/**
 * How well all pages together match a question: the weighted mean of the best product of each piece. Null if
 * no page has vectors.
 */
export function reachOf(
  scores: readonly (LateScores | null)[],
  asked: readonly AskedPiece[],
  worthOf: (word: string) => number,
): number | null {
  let total = 0;
  let sum = 0;
  asked.forEach(({ word }, i) => {
    const worth = worthOf(word);
    total += worth;
    sum += worth * scores.reduce((most, page) => Math.max(most, page?.pieces[i] ?? 0), 0);
  });
  return total === 0 || scores.every((page) => page === null) ? null : sum / total;
}

/**
 * Late interaction (Khattab and Zaharia, SIGIR 2020) for the pages of `rows`. Each piece of the question gets
 * its best product with a piece of the page; rare words have more weight. For a page with several passages,
 * the best passage counts. The result is null for a page without vectors. `worthOf` returns the weight of a
 * word.
 */
export function lateScores(
  asked: readonly AskedPiece[],
  rows: readonly number[],
  {
    pieces,
    beside,
    worthOf,
  }: {
    readonly pieces: PieceTable;
    readonly beside: Beside;
    readonly worthOf: (word: string) => number;
  },
): (LateScores | null)[] {
  const question = new AskedPieces(asked.map(({ vector }) => vector));
  const worths = asked.slice(0, question.count).map(({ word }) => worthOf(word));
  const total = worths.reduce((sum, worth) => sum + worth, 0);
  if (total === 0) return rows.map(() => null);
  const mean = (best: Float32Array) =>
    worths.reduce((sum, worth, i) => sum + worth * (best[i] ?? 0), 0) / total;
  const known = new Map<number, Float32Array | null>();
  const bestOf = (row: number) => {
    let best = known.get(row);
    if (best === undefined) {
      best = bestPassage(question, pieces.passagesOf(row) ?? [], mean);
      known.set(row, best);
    }
    return best;
  };
  return rows.map((row) => {
    const own = bestOf(row);
    if (own === null) return null;
    const together = Float32Array.from(own);
    for (const other of beside(row)) {
      const best = bestOf(other);
      if (best === null) continue;
      for (let i = 0; i < together.length; i++) {
        together[i] = Math.max(together[i] ?? 0, besideShare * (best[i] ?? 0));
      }
    }
    return { own: mean(own), beside: mean(together), pieces: own };
  });
}

function bestPassage(
  question: AskedPieces,
  passages: readonly Uint8Array[],
  mean: (best: Float32Array) => number,
): Float32Array | null {
  let best: Float32Array | null = null;
  for (const passage of passages) {
    const found = new Float32Array(question.count);
    if (!question.compare(passage, found)) continue;
    if (best === null || mean(found) > mean(best)) best = found;
  }
  return best;
}
