import { logistic } from '../lib/math/logistic.js';
import type { PageFeatures, QuestionFeatures } from './features.js';
import { fitted } from './relevance-fitted.js';

/** The log odds are `bias` plus the weighted sum of the features. A feature without a weight is ignored. */
interface Logistic<Feature extends string> {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<Feature, number>>>;
}

/**
 * The features that decide whether a page helps. `best` is how well the best page matches the question in
 * meaning: beside a good match, a weak one helps less.
 */
export interface HelpFeatures extends PageFeatures {
  readonly best: number;
}

/** The features of a page found for a question. */
export function helpFeatures(question: QuestionFeatures, page: PageFeatures): HelpFeatures {
  return { ...page, best: question.lateNear };
}

/**
 * The vectors that search can use: none (words only), vectors of whole pages, or also vectors of word pieces.
 */
export type Reading = keyof typeof fitted;

export interface RelevanceModel {
  /** The default threshold. {@link floorFor} defines the questions for which no page can reach it. */
  readonly relevanceMin: number;
  /** If the probability that the memory has an answer is lower than this, nothing is returned. */
  readonly answeredMin: number;
  /** The probability that the memory has an answer. */
  readonly question: Logistic<keyof QuestionFeatures>;
  /** The probability that a page helps, given that the memory has an answer. */
  readonly page: Logistic<keyof HelpFeatures>;
}

/** The model for the vectors that are available. */
export function relevanceModel(reading: Reading): RelevanceModel {
  return fitted[reading];
}

/** The probabilities, in (0, 1), that pages found for one question help to answer it. */
export function relevancesOf(
  question: QuestionFeatures,
  pages: readonly PageFeatures[],
  model: RelevanceModel,
): number[] {
  const answered = answeredChance(question, model);
  return pages.map((page) => answered * chance(helpFeatures(question, page), model.page));
}

/** The probability that the memory has an answer. */
export function answeredChance(question: QuestionFeatures, model: RelevanceModel): number {
  return question.idle === 1 ? 0 : chance(question, model.question);
}

/**
 * The minimum relevance of returned results. `wanted` is the requested threshold. A threshold at least as
 * high as the fitted one also requires that the memory probably has an answer; otherwise the result is higher
 * than any relevance. `question` is null for a question that names only a time.
 */
export function floorFor(
  wanted: number | 'fitted',
  question: QuestionFeatures | null,
  model: RelevanceModel,
): number {
  const floor = wanted === 'fitted' ? model.relevanceMin : wanted;
  if (question === null || floor < model.relevanceMin) return floor;
  return answeredChance(question, model) < model.answeredMin ? outOfReach : floor;
}

/** Higher than any probability. */
const outOfReach = 2;

function chance<Feature extends string>(
  features: Readonly<Record<Feature, number>>,
  { bias, weights }: Logistic<Feature>,
): number {
  let logOdds = bias;
  for (const name in weights) logOdds += (weights[name] ?? 0) * features[name];
  return logistic(logOdds);
}

/**
 * The relevance of a page from exactly the time that a question asks for, if the question has no other
 * subject.
 */
export const timeRelevance = 0.9;

/**
 * Relevances in the order of the ranking, changed so that a higher-ranked page never has a lower relevance.
 * The result is the nearest descending list by squared distance (pool adjacent violators; Ayer et al., 1955).
 */
export function neverRising(values: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of values) {
    let pool = { sum: value, count: 1 };
    for (;;) {
      const before = pools.at(-1);
      if (before === undefined || before.sum / before.count >= pool.sum / pool.count) break;
      pools.pop();
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}
