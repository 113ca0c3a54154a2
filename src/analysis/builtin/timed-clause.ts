import { type Direction, numbers } from '../../lib/time/named-times.js';
import { findWhen, type When } from '../../lib/time/when.js';
import type { Clause } from './clauses.js';
import type { Token } from './english.js';
import { phraseText } from './phrases.js';

/** A clause with its time taken out of the words and made absolute. */
export interface TimedClause extends Clause {
  readonly when: When | null;
  /** "since about 2017", from "for six years now". */
  readonly since: When | null;
  readonly writtenAtMs: number;
}

/** What a rule finds; the sentence is complete, in the third person, and without the time. */
export interface FoundFact {
  readonly text: string;
  readonly slot: string | null;
  /** What fills the slot, lower-cased: two facts of one slot contradict each other where it differs. */
  readonly value: string;
  readonly when: When | null;
  /** Goes behind the time: "and lives there". */
  readonly ending?: string;
}

export function timed(clause: Clause, writtenAtMs: number): TimedClause {
  const past = /^(?:past|perfect|past-progressive|perfect-progressive)$/.test(clause.verb.tense);
  const direction: Direction = past ? 'past' : 'future';
  const inLead = findWhen(phraseText(clause.lead), writtenAtMs, direction);
  const duration = clause.verb.tense.startsWith('perfect') ? cutDuration(clause.rest, writtenAtMs) : null;
  const cut = cutWhen(duration?.rest ?? clause.rest, writtenAtMs, direction);
  const rest = withoutAside(cut.rest);
  return {
    ...clause,
    rest,
    complete: clause.complete || rest.length < cut.rest.length,
    when: cut.when ?? inLead,
    since: duration?.since ?? null,
    writtenAtMs,
  };
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

const amount = `\\d{1,2}|an?|${numbers.slice(1).join('|')}`;
const duration = new RegExp(
  `\\bfor (?:about |around |almost |nearly |over |more than )?(?:the (?:past|last) )?(${amount}) (year|month)s?(?: now| already)?(?: and a half)?\\b|\\b(${amount}) (year|month)s now\\b`,
  'i',
);

function cutDuration(
  tokens: readonly Token[],
  writtenAtMs: number,
): { rest: readonly Token[]; since: When | null } | null {
  const { text, starts } = laidOut(tokens);
  const match = duration.exec(text);
  if (match === null) return null;
  const ago = findWhen(`${match[1] ?? match[3]} ${match[2] ?? match[4]}s ago`, writtenAtMs, 'past');
  if (ago === null) return null;
  const since = { ...ago, preposition: 'since', phrase: ago.phrase.replace(/^around/, 'since about') };
  const rest = tokens.filter(
    (_token, i) => !isWithin(starts[i] ?? 0, match.index, match.index + match[0].length),
  );
  return { rest, since };
}

/** A clause of the user's own that is asserted: not denied, not merely possible, not half done. */
export function isAsserted({ verb }: TimedClause): boolean {
  return !verb.negated && isCertain(verb);
}

const doubts = /^(?:probably|maybe|perhaps|possibly|almost|nearly|hardly|barely|supposed)$/;

export function isCertain({ modal, adverbs }: Clause['verb']): boolean {
  return modal === null && !adverbs.some((word) => doubts.test(word));
}

export function wordAt(clause: TimedClause, at: number): string {
  return clause.rest[at]?.lower ?? '';
}

/** "The user", or who did it with them: "The user and their wife Anna". */
export function whoOf({ subject }: TimedClause): string {
  if (subject.kind === 'theirs') return `The user's ${phraseText(subject.words.slice(1))}`;
  if (subject.with.length === 0) return 'The user';
  const others = phraseText(subject.with).replace(/^(?:my|our)\b/i, 'their');
  return `The user and ${others}`;
}
