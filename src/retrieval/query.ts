import { termsOfTokens, tokensOf } from '../lib/words.js';

/** A question, read once for all signals. */
export interface ReadQuery {
  readonly text: string;
  readonly nowMs: number;
  /** Index terms, each once. */
  readonly terms: readonly string[];
}

/** More terms than this add time and no meaning. */
const termsMax = 64;

export function readQuery(text: string, nowMs: number): ReadQuery {
  const terms = [...new Set(termsOfTokens(tokensOf(text)))];
  return { text, nowMs, terms: terms.slice(0, termsMax) };
}
