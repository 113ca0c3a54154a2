import type { Direction } from '../../lib/time/named-times.js';
import { findWhen, type When } from '../../lib/time/when.js';
import type { Token } from './english.js';
import { phraseText } from './phrases.js';

/** Words without the time they name and without what is thrown in behind a comma; and that time, made absolute. */
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
 * Without what is thrown in behind a comma: "smoking, two months clean". Stays what goes on with a list, a place
 * ("Porto, Portugal", "in 1988, in Gdansk") or adjectives ("a long, cold swim").
 */
function withoutAside(rest: readonly Token[]): readonly Token[] {
  // What the time left behind: ", in Gdansk".
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

/** "shellfish and pollen"; without "and" only bare nouns, and two of them at least: "shellfish, pollen". */
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
  // The hour of the day goes with the day.
  const hour = /^,? (?:at|around|from) \d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?\b/i.exec(text.slice(when.to));
  const to = when.to + (hour?.[0].length ?? 0);
  return { rest: tokens.filter((_token, i) => !isWithin(starts[i] ?? 0, when.from, to)), when };
}

function isWithin(at: number, from: number, to: number): boolean {
  return at >= from && at < to;
}

/** The text of tokens and where each begins in it. */
function laidOut(tokens: readonly Token[]): { text: string; starts: number[] } {
  const starts = tokens.map((token, i) => {
    const before = phraseText(tokens.slice(0, i + 1));
    return before.length - token.text.length;
  });
  return { text: phraseText(tokens), starts };
}
