/**
 * Estimates how many tokens a language model uses for a text: one for up to seven letters of a Latin word
 * (most words being one token), for three digits, and for two signs. Other alphabets take about twice as
 * many. Scripts with one or two characters to a word take one token for each character.
 */
export function tokensOfText(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(runs)) {
    const first = run.codePointAt(0) ?? 0;
    if (first >= 0x2e80) tokens += run.length;
    else if (first >= 0x250) tokens += Math.ceil(run.length / 3);
    else if (first >= 0x30 && first <= 0x39) tokens += Math.ceil(run.length / 3);
    else if (isLetter.test(run)) tokens += run.length <= 9 ? 1 : Math.ceil(run.length / 6);
    else tokens += Math.ceil(run.length / 2);
  }
  return tokens;
}

/** Upper bound for characters per token, except in texts that are mostly spaces. */
export const charactersPerTokenMax = 16;

/**
 * Whether a text has at most `tokensMax` tokens. The cost is bounded by that number, not by the length of the
 * text.
 */
export function fitsTokens(text: string, tokensMax: number): boolean {
  if (text.length <= tokensMax) return true;
  return text.length <= tokensMax * charactersPerTokenMax && tokensOfText(text) <= tokensMax;
}

const isLetter = /^\p{L}/u;
/** A run of letters of one kind of script, of digits, or of signs. A space belongs to the word after it. */
const runs =
  /[A-Za-z\u00c0-\u024f']+|[0-9]+|[\u0250-\u2e7f]+|[\u2e80-\u{10ffff}]+|[^\sA-Za-z0-9\u00c0-\u{10ffff}]+|\n+/gu;
