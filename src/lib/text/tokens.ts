/**
 * About how many tokens a language model makes of a text: a token for up to seven letters of a Latin word (words of
 * one piece being the rule), three digits, two signs; other alphabets take about twice as many, and scripts that write
 * a word in one or two characters one each.
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

/** No text has so many characters a token, but one that is mostly spaces. */
export const charactersPerTokenMax = 16;

/** Whether a text has at most so many tokens, at a cost that is bounded by their number. */
export function fitsTokens(text: string, tokensMax: number): boolean {
  if (text.length <= tokensMax) return true;
  return text.length <= tokensMax * charactersPerTokenMax && tokensOfText(text) <= tokensMax;
}

const isLetter = /^\p{L}/u;
/** Letters of one kind of script, digits, signs; a space goes with the word after it. */
const runs =
  /[A-Za-z\u00c0-\u024f']+|[0-9]+|[\u0250-\u2e7f]+|[\u2e80-\u{10ffff}]+|[^\sA-Za-z0-9\u00c0-\u{10ffff}]+|\n+/gu;
