import { originKey, type Page } from '../../model/page.js';
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
 * judged by what both sides say in the latest exchanges of the same talk, `before` included: a logistic regression over
 * the word pieces of either side, whose log-odds are added up.
 */
export function amongPeople(before: readonly Page[], pages: readonly Page[]): boolean[] {
  const talks = new Map<string, number[]>();
  const talkUntil = (page: Page): readonly number[] => {
    const key = talkOf(page);
    const talk = talks.get(key) ?? [];
    talk.push(logOddsOfPerson(page));
    talks.set(key, talk);
    return talk;
  };
  for (const page of before) talkUntil(page);
  return pages.map((page) => {
    const latest = talkUntil(page).slice(-pagesMax);
    return latest.reduce((sum, one) => sum + one, ofPersonBefore) > 0;
  });
}

/** Exchanges with one assistant, of one session if they were imported. */
function talkOf({ assistant_id, meta_data }: Page): string {
  return JSON.stringify([assistant_id, meta_data[originKey] ?? null]);
}

/** Log-odds of pages, because those before a page are judged again with each page. */
const judged = new Map<string, number>();
const judgedMax = 2000;

function logOddsOfPerson({ id, user_input, agent_response }: Page): number {
  const key = `${id} ${user_input.length} ${agent_response.length}`;
  const known = judged.get(key);
  if (known !== undefined) return known;
  const { bias, user, other } = companyWeights;
  const answer = sumOfPieces(agent_response, other);
  const ofAnswer = answer.count < answerPiecesMin ? 0 : answer.sum;
  const logOdds = bias + sumOfPieces(user_input, user).sum + ofAnswer;
  const [oldest] = judged.keys();
  if (oldest !== undefined && judged.size >= judgedMax) judged.delete(oldest);
  judged.set(key, logOdds);
  return logOdds;
}
