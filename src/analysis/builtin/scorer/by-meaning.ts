import { logistic } from '../../../lib/math/logistic.js';
import { phraseText } from '../phrases.js';
import type { SentenceForm } from '../statements.js';
import { meaningWeights } from './meaning-weights.js';
import { logOddsOf } from './scorer.js';

/** The vector of a sentence, with norm 1. */
export type VectorOf = (sentence: string) => Float32Array;
/** Null if the model cannot be used. */
export type VectorOrNone = (sentence: string) => Float32Array | null;

/** No vector is computed below these log-odds (0.8), because it would hardly make the statement worth storing. */
const logOddsMin = Math.log(4);
let table: Int8Array | undefined;

/**
 * The probability, from 0 to 1, that a statement is worth storing when it is told to a person: a second logistic
 * regression over the log-odds of the scorer and the vector that the sentence model makes of the statement. It is more
 * often right than the scorer alone, and costs some milliseconds. Without a vector, only the log-odds count.
 */
export function worthByMeaning(statement: SentenceForm, vectorOf: VectorOrNone): number {
  const logOdds = logOddsOf(statement);
  const vector = logOdds < logOddsMin ? null : vectorOf(phraseText(statement.tokens));
  const { bias, ofScore, unit } = meaningWeights;
  table ??= Int8Array.from(Buffer.from(meaningWeights.table, 'base64'));
  let sum = 0;
  if (vector !== null) for (const [i, weight] of table.entries()) sum += weight * (vector[i] ?? 0);
  return logistic(bias + ofScore * logOdds + unit * sum);
}
