import type { PageId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import { companyWeights } from './company-weights.js';
import { sumOfPieces } from './pieces.js';

/** Log-odds that the other side is a person, before any exchange is read. */
const ofPersonBefore = Math.log(0.1 / 0.9);
/** Number of latest exchanges that are judged together. */
const pagesMax = 100;
/** A shorter answer ("I see.") could be anybody's. */
export const answerPiecesMin = 10;

/**
 * For each page, whether the user talks with another person, as in an imported chat, and not with an assistant. It is
 * judged by what both sides say in the latest exchanges: a logistic regression over the word pieces of either side,
 * whose log-odds are added up.
 */
export function amongPeople(pages: readonly Page[]): boolean[] {
  const logOdds = pages.map(logOddsOf);
  return pages.map((_, i) => {
    const latest = logOdds.slice(Math.max(0, i + 1 - pagesMax), i + 1);
    return latest.reduce((sum, one) => sum + one, ofPersonBefore) > 0;
  });
}

/** Log-odds of the pages judged last, because the pages before are judged again with each page. */
const judged = new Map<PageId, number>();
const judgedMax = 2000;

function logOddsOf({ id, user_input, agent_response }: Page): number {
  const known = judged.get(id);
  if (known !== undefined) return known;
  const { bias, user, other } = companyWeights;
  const answer = sumOfPieces(agent_response, other);
  const ofAnswer = answer.count < answerPiecesMin ? 0 : answer.sum;
  const logOdds = bias + sumOfPieces(user_input, user).sum + ofAnswer;
  if (judged.size >= judgedMax) judged.clear();
  judged.set(id, logOdds);
  return logOdds;
}
