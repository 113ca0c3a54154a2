import { logistic } from '../../../lib/math/logistic.js';
import { phraseText } from '../phrases.js';
import { sumOfPieces } from '../pieces.js';
import type { SentenceForm } from '../statements.js';
import { featuresOf } from './features.js';
import { pieceWeights } from './piece-weights.js';
import { weights } from './weights.js';

let table: ReadonlyMap<string, number> | undefined;
const computed = new WeakMap<SentenceForm, number>();

/** The probability, from 0 to 1, that a statement is worth storing. */
export function worthOf(statement: SentenceForm): number {
  return logistic(logOddsOf(statement));
}

/**
 * The log-odds that a statement is worth storing: a logistic regression over the features and the word pieces of the
 * statement, computed once for each.
 */
export function logOddsOf(statement: SentenceForm): number {
  const known = computed.get(statement);
  if (known !== undefined) return known;
  table ??= tableOf(weights);
  const { sum, count } = sumOfPieces(phraseText(statement.tokens), pieceWeights);
  // The sum of a long statement would be far from 0 whatever it says.
  const logOdds = sumOf(featuresOf(statement), table) + sum / Math.sqrt(Math.max(1, count));
  computed.set(statement, logOdds);
  return logOdds;
}

/** The sum of the weights of features. A feature without a weight counts as 0. */
export function sumOf(features: Iterable<string>, weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const feature of features) sum += weights.get(feature) ?? 0;
  return sum;
}

/** Parses "feature=weight" lines; weights are in hundredths. */
export function tableOf(lines: string): Map<string, number> {
  return new Map(
    lines.split('\n').flatMap((line): [string, number][] => {
      const at = line.lastIndexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), Number(line.slice(at + 1)) / 100]];
    }),
  );
}
