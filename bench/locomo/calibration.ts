import { tokensOf, words } from '../../src/lib/text/words.js';
import type { OpenedMemory } from './memory.js';
import type { Ranker } from './rankers.js';

const k1 = 1.2;
const b = 0.75;

/**
 * The four simple rankers of the data's README, for comparison with ours. Each adds one part to the one
 * before. The last one uses the words of the neighbouring pages instead of their scores.
 */
export const calibrations = {
  'bm25-plain': { stems: false, date: false, shareOfScores: 0, shareOfWords: 0, shareOfSession: 0 },
  'bm25-stems': { stems: true, date: false, shareOfScores: 0, shareOfWords: 0, shareOfSession: 0 },
  'bm25-neighbour-scores': {
    stems: true,
    date: true,
    shareOfScores: 0.3,
    shareOfWords: 0,
    shareOfSession: 0,
  },
  'bm25-neighbour-words': {
    stems: true,
    date: true,
    shareOfScores: 0,
    shareOfWords: 0.5,
    shareOfSession: 0.3,
  },
} as const;
export type Calibration = keyof typeof calibrations;

type Bag = ReadonlyMap<string, number>;

/** BM25 over all pages of a memory. Sessions are the runs of pages with one timestamp, as LoCoMo has them. */
export function calibrationRanker(memory: OpenedMemory, name: Calibration): Ranker {
  const { stems, date, shareOfScores, shareOfWords, shareOfSession } = calibrations[name];
  const termsOf = stems ? words : tokensOf;
  const { segments, shortTerm } = memory.store.state;
  const pages = [...[...segments.values()].flatMap((segment) => segment.pages), ...shortTerm].sort(
    (x, y) => x.timestamp.localeCompare(y.timestamp, 'en') || (x.id < y.id ? -1 : 1),
  );
  const bags = pages.map(({ user_input, agent_response, timestamp }) =>
    bagOf(termsOf([user_input, agent_response, date ? writtenDate(timestamp) : ''].join('\n'))),
  );
  const beside = pages.map((page, i) =>
    [i - 1, i + 1].filter((other) => pages[other]?.timestamp === page.timestamp),
  );
  const times = [...new Set(pages.map(({ timestamp }) => timestamp))];
  const sessionOf = pages.map(({ timestamp }) => times.indexOf(timestamp));
  const sessionBags = times.map((time) => sumOf(bags.filter((_, i) => pages[i]?.timestamp === time)));
  const withBeside = bags.map((own, i) =>
    sumOf([own, ...(beside[i] ?? []).map((other) => bags[other] ?? new Map())], shareOfWords),
  );
  const scorePages = bm25(withBeside, bags);
  const scoreSessions = bm25(sessionBags, sessionBags);
  return async (question, pagesMax) => {
    const asked = new Set(termsOf(question));
    const own = scorePages(asked);
    const ofSession = scoreSessions(asked);
    return pages
      .map((page, i) => ({
        page,
        score:
          (own[i] ?? 0) +
          shareOfScores * (beside[i] ?? []).reduce((sum, other) => sum + (own[other] ?? 0), 0) +
          shareOfSession * (ofSession[sessionOf[i] ?? 0] ?? 0),
      }))
      .sort((x, y) => y.score - x.score)
      .slice(0, pagesMax)
      .map(({ page }) => ({ page_id: page.id, text: `${page.user_input}\n${page.agent_response}` }));
  };
}

/** Scores all bags. `documents` decide how rare a term is. */
function bm25(bags: readonly Bag[], documents: readonly Bag[]): (asked: ReadonlySet<string>) => number[] {
  const lengths = bags.map((bag) => [...bag.values()].reduce((sum, count) => sum + count, 0));
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const holding = new Map<string, number>();
  for (const bag of documents) for (const term of bag.keys()) holding.set(term, (holding.get(term) ?? 0) + 1);
  return (asked) =>
    bags.map((bag, i) => {
      let score = 0;
      for (const term of asked) {
        const count = bag.get(term) ?? 0;
        if (count === 0) continue;
        const df = holding.get(term) ?? 0;
        const rarity = Math.log(1 + (documents.length - df + 0.5) / (df + 0.5));
        score += (rarity * count * (k1 + 1)) / (count + k1 * (1 - b + (b * (lengths[i] ?? 0)) / meanLength));
      }
      return score;
    });
}

/** "8 May 2023", as people write it. */
function writtenDate(timestamp: string): string {
  return new Date(timestamp).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

function bagOf(terms: readonly string[]): Bag {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

/** The counts of the first bag, plus those of the others times `share`. */
function sumOf([first = new Map(), ...others]: readonly Bag[], share = 1): Bag {
  const sum = new Map(first);
  for (const bag of others) {
    for (const [term, count] of bag) sum.set(term, (sum.get(term) ?? 0) + share * count);
  }
  return sum;
}
