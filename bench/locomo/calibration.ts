import { tokensOf, words } from '../../src/lib/words.js';
import type { OpenedMemory } from './memory.js';
import type { Ranker } from './rankers.js';

const k1 = 1.2;
const b = 0.75;

/** Simple rankers to measure ours against; each is the one before with one thing more. */
export const calibrations = {
  'bm25-plain': { stems: false, shareOfScores: 0, shareOfWords: 0 },
  'bm25-stems': { stems: true, shareOfScores: 0, shareOfWords: 0 },
  'bm25-neighbour-scores': { stems: true, shareOfScores: 0.5, shareOfWords: 0 },
  'bm25-neighbour-words': { stems: true, shareOfScores: 0, shareOfWords: 0.5 },
} as const;
export type Calibration = keyof typeof calibrations;

/** BM25 over all pages of a memory. Sessions are the runs of pages with one timestamp, as LoCoMo has them. */
export function calibrationRanker(memory: OpenedMemory, name: Calibration): Ranker {
  const { stems, shareOfScores, shareOfWords } = calibrations[name];
  const termsOf = stems ? words : tokensOf;
  const pages = [...memory.store.state.segments.values()]
    .flatMap((segment) => segment.pages)
    .sort((x, y) => x.timestamp.localeCompare(y.timestamp, 'en') || (x.id < y.id ? -1 : 1));
  const counts = pages.map((page) => countsOf(termsOf(`${page.user_input}\n${page.agent_response}`)));
  const beside = pages.map((page, i) =>
    [i - 1, i + 1].filter((other) => pages[other]?.timestamp === page.timestamp),
  );
  const bags = counts.map((own, i) => {
    const bag = new Map(own);
    for (const other of shareOfWords === 0 ? [] : (beside[i] ?? [])) {
      for (const [term, count] of counts[other] ?? [])
        bag.set(term, (bag.get(term) ?? 0) + shareOfWords * count);
    }
    return bag;
  });
  const lengths = bags.map((bag) => [...bag.values()].reduce((sum, count) => sum + count, 0));
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const holding = new Map<string, number>();
  for (const own of counts) for (const term of own.keys()) holding.set(term, (holding.get(term) ?? 0) + 1);
  return async (question, pagesMax) => {
    const asked = new Set(termsOf(question));
    const own = bags.map((bag, i) => {
      let score = 0;
      for (const term of asked) {
        const count = bag.get(term) ?? 0;
        if (count === 0) continue;
        const df = holding.get(term) ?? 0;
        const rarity = Math.log(1 + (pages.length - df + 0.5) / (df + 0.5));
        score += (rarity * count * (k1 + 1)) / (count + k1 * (1 - b + (b * (lengths[i] ?? 0)) / meanLength));
      }
      return score;
    });
    return pages
      .map((page, i) => ({
        page,
        score:
          (own[i] ?? 0) +
          shareOfScores * (beside[i] ?? []).reduce((sum, other) => sum + (own[other] ?? 0), 0),
      }))
      .sort((x, y) => y.score - x.score)
      .slice(0, pagesMax)
      .map(({ page }) => ({ page_id: page.id, text: `${page.user_input}\n${page.agent_response}` }));
  };
}

function countsOf(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
