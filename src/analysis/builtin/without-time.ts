import type { Direction } from '../../lib/time/named-times.js';
import { findWhen, type When } from '../../lib/time/when.js';
import type { Token } from './english.js';
import { phraseText } from './phrases.js';

/**
 * The words without the time that they name and without asides after a comma, and the time in absolute form.
 */
export function withoutTime(
  tokens: readonly Token[],
  writtenAtMs: number,
  direction: Direction,
): { readonly rest: readonly Token[]; readonly when: When | null } {
  const { rest, when } = cutWhen(tokens, writtenAtMs, direction);
  return { rest: withoutAside(rest), when };
}

const doubting = /^(?:maybe|perhaps|possibly|probably|not|at|sort|kind|or)$/;

/**
 * Removes asides after a comma: "smoking, two months clean". Keeps the rest of a list, a place ("Porto,
 * Portugal", "in 1988, in Gdansk") and adjectives ("a long, cold swim").
 */
function withoutAside(rest: readonly Token[]): readonly Token[] {
  // The words that remain after the time was removed: ", in Gdansk".
  const tokens = rest[0]?.text === ',' ? rest.slice(1) : rest;
  const first = tokens.findIndex(({ text }) => text === ',');
  const goesOn = first !== -1 && isList(tokens.slice(first + 1));
  const at = tokens.findIndex((token, i) => {
    if (token.text !== ',') return false;
    const [before, next] = [tokens[i - 1], tokens[i + 1]];
    if (next === undefined || doubting.test(next.lower)) return true;
    if (/^\p{Lu}/u.test(next.text) || (before?.pos === 'ADJ' && !/^\p{Lu}/u.test(before.text))) return false;
    return !goesOn && !/^(?:in|at|near|with|as)$/.test(next.lower);
  });
  return at < 1 ? tokens : tokens.slice(0, at);
}

/**
 * Whether it is a list: "shellfish and pollen". Without "and", only bare nouns, at least two: "shellfish,
 * pollen".
 */
function isList(tokens: readonly Token[]): boolean {
  if (tokens.some(({ lower }) => /^(?:and|or|&)$/.test(lower))) return true;
  const commas = tokens.filter(({ text }) => text === ',').length;
  return commas > 0 && tokens.every(({ text, pos }) => text === ',' || /^(?:NOUN|PROPN)$/.test(pos));
}

function cutWhen(
  tokens: readonly Token[],
  writtenAtMs: number,
  direction: Direction,
): { rest: readonly Token[]; when: When | null } {
  const { text, starts } = laidOut(tokens);
  const when = findWhen(text, writtenAtMs, direction);
  if (when === null) return { rest: tokens, when };
  // An hour after the day belongs to the time.
  const hour = /^,? (?:at|around|from) \d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?\b/i.exec(text.slice(when.to));
  const to = when.to + (hour?.[0].length ?? 0);
  return { rest: tokens.filter((_token, i) => !isWithin(starts[i] ?? 0, when.from, to)), when };
}

function isWithin(at: number, from: number, to: number): boolean {
  return at >= from && at < to;
}

/** The text of tokens, and the position of each token in it. */
function laidOut(tokens: readonly Token[]): { text: string; starts: number[] } {
  const starts = tokens.map((token, i) => {
    const before = phraseText(tokens.slice(0, i + 1));
    return before.length - token.text.length;
  });
  return { text: phraseText(tokens), starts };
}
