import { logistic } from '../../../lib/math/logistic.js';
import { dot } from '../../../lib/math/vectors.js';
import type { VectorOrNone } from '../../../lib/meaning/sentence-vectors.js';
import { sumOf, tableOf } from '../scorer/scorer.js';
import type { Told } from '../told.js';
import { likenessFeatures, likenessSteps, pairFeatures, type Relation, type Said } from './pair-features.js';
import { weights } from './pair-weights.js';

interface Table {
  readonly weights: ReadonlyMap<string, number>;
  /** The most that the likeness of two sentences can add. */
  readonly likenessMax: number;
}

let table: Table | undefined;

/**
 * The probability, from 0 to 1, that a fact no longer holds after a sentence that was said later: a logistic regression
 * over the features of both. 0 if it is below `least` whatever the likeness of the two is; then no vector is computed.
 * It is 0 without a vector, too.
 */
export function chanceOfEnd(
  said: Said,
  before: Told,
  relation: Relation,
  fact: string,
  vectorOf: VectorOrNone,
  least: number,
): number {
  table ??= load();
  const sum = sumOf(pairFeatures(said, before, relation), table.weights);
  if (logistic(sum + table.likenessMax) < least) return 0;
  const [a, b] = [vectorOf(fact), vectorOf(said.text)];
  if (a === null || b === null) return 0;
  return logistic(sum + sumOf(likenessFeatures(dot(a, b)), table.weights));
}

function load(): Table {
  const found = tableOf(weights);
  let [sum, likenessMax] = [0, 0];
  for (const percent of likenessSteps) {
    sum += found.get(`like>${percent}`) ?? 0;
    likenessMax = Math.max(likenessMax, sum);
  }
  return { weights: found, likenessMax };
}
