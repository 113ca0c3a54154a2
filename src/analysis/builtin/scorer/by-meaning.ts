import { logistic } from '../../../lib/math/logistic.js';
import type { VectorOrNone } from '../../../lib/meaning/sentence-vectors.js';
import { unitsOf } from '../byte-weights.js';
import { phraseText } from '../phrases.js';
import type { SentenceForm } from '../statements.js';
import { meaningWeights } from './meaning-weights.js';
import { logOddsOf } from './scorer.js';

/** No vector is computed below these log-odds (0.8), because it would hardly make the statement worth storing. */
export const logOddsMin = Math.log(4);

/**
 * The probability, from 0 to 1, that a statement is worth storing when it is told to a person: a second logistic
 * regression over the log-odds of the scorer and the vector that the sentence model makes of the statement. It is more
 * often right than the scorer alone, and costs some milliseconds. With low log-odds, the vector is left out. If the
 * model cannot be used, the scorer decides alone.
 */
export function worthByMeaning(statement: SentenceForm, vectorOf: VectorOrNone): number {
  const logOdds = logOddsOf(statement);
  const { bias, ofScore, ofVector } = meaningWeights;
  const byScore = bias + ofScore * logOdds;
  if (logOdds < logOddsMin) return logistic(byScore);
  const vector = vectorOf(phraseText(statement.tokens));
  if (vector === null) return logistic(logOdds);
  let sum = 0;
  for (const [i, weight] of unitsOf(ofVector).entries()) sum += weight * (vector[i] ?? 0);
  return logistic(byScore + ofVector.unit * sum);
}
