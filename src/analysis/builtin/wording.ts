import type { Direction } from '../../lib/time/named-times.js';
import { findWhen, type When } from '../../lib/time/when.js';
import { quotationStart } from '../../model/knowledge.js';
import type { Token } from './english.js';
import { phraseText } from './phrases.js';
import type { Statement } from './statements.js';
import { openers } from './subjects.js';
import { thirdPerson } from './verbs.js';

export interface Worded {
  /** A sentence that is clear without the conversation. */
  readonly text: string;
  /** The time that the statement names; null if it names none. */
  readonly when: When | null;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/**
 * Writes a statement in the third person if it can keep every word and the statement is a single clause about
 * the user or theirs. Otherwise quotes the user with the date, so that "it", "we" and "next week" stay clear.
 */
export function worded(statement: Statement, toldAtMs: number): Worded {
  const direction = directionOf(statement);
  const when = findWhen(phraseText(statement.tokens), toldAtMs, direction);
  const text = inThirdPerson(statement, toldAtMs, direction);
  return { text: text ?? quoted([statement.quote], toldAtMs), when };
}

/** Quotes the user's own words: one part of the page, or several that belong together. */
export function quoted(quotes: readonly string[], toldAtMs: number): string {
  const said = quotes.join(' ').replace(/\s+/g, ' ').replace(/"/g, "'");
  return `${quotationStart}${dayOf(toldAtMs)}: "${said}"`;
}

function dayOf(ms: number): string {
  const at = new Date(ms);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

function directionOf({ verb }: Statement): Direction {
  return verb !== null && /^(?:past|perfect)/.test(verb.tense) ? 'past' : 'future';
}

const tokensMax = 30;
/** Words that depend on the conversation, or involve more people than the user. */
const needsContext =
  /^(?:you|your|yours|we|us|ours|it|its|this|that|these|those|they|them|their|he|him|his|she|her|hers|here|there|i|myself|ourselves|one|ones|such|same)$/;

function inThirdPerson(statement: Statement, toldAtMs: number, direction: Direction): string | null {
  const { kind, verb, subject, lead, tokens, verbAt, clauses } = statement;
  if (verb === null || clauses !== 1 || tokens.length > tokensMax) return null;
  // In "C#" and "created_at", characters that were read as markup are part of the words.
  if (/[\p{L}\p{N}][_#~|*]/u.test(statement.quote)) return null;
  if (kind !== 'user' && kind !== 'theirs') return null;
  if (kind === 'user' && (subject.length !== 1 || subject[0]?.text !== 'I')) return null;
  const group = tokens.slice(verbAt, verb.end);
  const rest = withoutEnd(tokens.slice(verb.end));
  const front = withoutOpeners(lead);
  if (front.length > 0 && findWhen(phraseText(front), toldAtMs, direction) === null) return null;
  if ([...front, ...rest].some(({ lower }) => needsContext.test(lower))) return null;
  if (rest.some(({ text }) => /^[:;?]$/.test(text))) return null;
  if (kind === 'user' && isTimeless(group, verb)) return null;
  // A second verb with the same subject would need the third person, too.
  if (/^(?:present|perfect)/.test(verb.tense) && hasSecondVerb(rest)) return null;
  const told = kind === 'user' ? ofUser : ofTheirs;
  const who = kind === 'user' ? ['the user'] : ownersOf(subject);
  const does = kind === 'user' ? finite(group, verb.lemma) : group;
  const words = (part: readonly Token[]) =>
    part.map((token) => ({ ...token, text: told[token.lower] ?? token.text }));
  // A birthday "in May" recurs every May; a past or future event "in May" happens once.
  const names = verb.tense === 'present' ? relative : oneTime;
  const sentence = [
    absolute(phraseText(words(front)), toldAtMs, direction, names),
    joinWords(who, subject),
    phraseText(does),
    absolute(phraseText(words(rest)), toldAtMs, direction, names),
  ]
    .filter((part) => part !== '')
    .join(' ')
    .replace(/,? (?:however|for example|for instance|by the way|btw|anyway)$/i, '')
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
  return sentence.replace(/\.?$/, '.');
}

const ofUser: Readonly<Record<string, string>> = { my: 'their', our: 'their', mine: 'theirs', me: 'them' };
const ofTheirs: Readonly<Record<string, string>> = {
  my: "the user's",
  our: "the user's",
  me: 'the user',
  mine: "the user's",
};

/** "My brother" belongs to the user; so does a person called only "Mum". */
function ownersOf(subject: readonly Token[]): readonly string[] {
  const [first] = subject;
  return first !== undefined && subject.length === 1
    ? [`the user's ${first.lower}`]
    : subject.map((token) => ofTheirs[token.lower] ?? token.text);
}

function joinWords(words: readonly string[], subject: readonly Token[]): string {
  return words.map((word, i) => (i === 0 || subject[i]?.glued === true ? word : ` ${word}`)).join('');
}

function withoutOpeners(lead: readonly Token[]): readonly Token[] {
  const kept = lead.filter(
    ({ lower, pos, text }) => !openers.has(lower) && pos !== 'INTJ' && /[\p{L}\p{N}]/u.test(text),
  );
  return kept.length === 0 ? [] : lead.filter(({ lower, pos }) => !openers.has(lower) && pos !== 'INTJ');
}

function withoutEnd(rest: readonly Token[]): readonly Token[] {
  let end = rest.length;
  // "C++" and "C#" keep their signs.
  while (
    end > 0 &&
    (/^[^\p{L}\p{N}+#%€$£]+$/u.test(rest[end - 1]?.text ?? '') || rest[end - 1]?.pos === 'INTJ')
  )
    end -= 1;
  return rest.slice(0, end);
}

function hasSecondVerb(rest: readonly Token[]): boolean {
  return rest.some(
    ({ lower }, i) =>
      /^(?:and|but|or|,)$/.test(lower) &&
      rest.slice(i + 1, i + 3).some(({ pos }) => pos === 'VERB' || pos === 'AUX'),
  );
}

/** The verb group with its first finite verb in the third person: "do not like" becomes "does not like". */
function finite(group: readonly Token[], lemma: string): readonly Token[] {
  const at = group.findIndex(
    ({ lower, pos }) =>
      pos === 'VERB' || pos === 'AUX' || pos === 'NOUN' || lower === lemma || lower === 'am',
  );
  return group.map((token, i) => {
    if (token.lower === "n't") return { ...token, text: 'not', glued: false };
    return i === at ? { ...token, text: thirdPersonOf(token, lemma) } : { ...token, text: token.lower };
  });
}

/** Whether the form of a verb does not show if it is present or past: "I read", "we put". */
function isTimeless(
  group: readonly Token[],
  { lemma, said, tense, adverbs }: NonNullable<Statement['verb']>,
): boolean {
  return (
    group.length === 1 + adverbs.length &&
    said === lemma &&
    sameInPast.has(lemma) &&
    /^(?:present|past)$/.test(tense)
  );
}
const sameInPast = new Set(
  'put read cut hit set quit hurt let cost shut bet beat split spread burst cast'.split(' '),
);

function thirdPersonOf({ lower }: Token, lemma: string): string {
  if (lower === 'am' || lower === 'are') return 'is';
  if (lower === 'have') return 'has';
  if (lower === 'do') return 'does';
  return lower === lemma ? thirdPerson(lower) : lower;
}

const relative =
  /\b(?:yesterday|today|tonight|tomorrow|last|next|this|coming|ago|on (?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|\bin (?:a|an|one|two|three|four|five|six|\d+) (?:day|week|month|year)s?\b/i;

const oneTime = new RegExp(
  `${relative.source}|\\b(?:${months.map((name) => name.slice(0, 3)).join('|')})`,
  'i',
);

/**
 * Replaces times that are relative to the day of the statement by absolute times: "last Friday" becomes "on
 * 12 May 2023".
 */
function absolute(text: string, toldAtMs: number, direction: Direction, isCounted: RegExp): string {
  const when = findWhen(text, toldAtMs, direction);
  if (when === null || !isCounted.test(text.slice(when.from, when.to))) return text;
  return `${text.slice(0, when.from)}${when.phrase}${text.slice(when.to)}`.trim();
}
