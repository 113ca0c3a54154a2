import type { Page } from '../../model/page.js';
import { companyWeights } from './company-weights.js';
import { sumOfPieces } from './pieces.js';

/** Log-odds that the other side is a person, before any exchange is read. */
const ofPersonBefore = Math.log(0.1 / 0.9);
/** Number of latest exchanges that are judged. */
const pagesMax = 13;
/** A shorter answer ("I see.") could be anybody's. */
export const answerPiecesMin = 10;

/**
 * For each page, whether the user talks with another person, as in an imported chat, and not with an assistant. It is
 * judged by what both sides say in the latest exchanges: a logistic regression over the word pieces of either side,
 * whose log-odds are added up.
 */
export function amongPeople(pages: readonly Page[]): boolean[] {
  const { bias, user, other } = companyWeights;
  const logOdds = pages.map(({ user_input, agent_response }) => {
    const answer = sumOfPieces(agent_response, other);
    const ofAnswer = answer.count < answerPiecesMin ? 0 : answer.sum;
    return bias + sumOfPieces(user_input, user).sum + ofAnswer;
  });
  return pages.map((_, i) => {
    const latest = logOdds.slice(Math.max(0, i + 1 - pagesMax), i + 1);
    return latest.reduce((sum, one) => sum + one, ofPersonBefore) > 0;
  });
}
