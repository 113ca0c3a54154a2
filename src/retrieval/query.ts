import { exactNamesOf } from '../lib/text/exact-terms.js';
import { kindredOf } from '../lib/text/kindred-english.js';
import { latinLanguageOf } from '../lib/text/language.js';
import type { Language } from '../lib/text/languages.js';
import { termsOfTokens, tokensOf } from '../lib/text/words.js';
import { type AskedTime, timesAsked, withoutAsking } from '../lib/time/times-asked.js';
import { instantOf, wallTimeOf } from '../lib/time/zone.js';
import { type Form, formOf } from './form.js';
import type { Side, WordIndex } from './index/word-index.js';
import { type Anchor, anchorIn, spanOfDate } from './signals/anchor.js';
import type { Span } from './signals/dates.js';
import { speakersIn } from './signals/speaker.js';
import { asksWhen } from './signals/time-words.js';
import type { WeightedTerm } from './signals/words.js';

/** A question, read once for all signals. */
export interface ReadQuery {
  readonly text: string;
  /** Index terms, each once. */
  readonly terms: readonly string[];
  /** Terms that pages contain, with weights. */
  readonly known: readonly WeightedTerm[];
  /**
   * The words for the subject of the question, for {@link Coverage}. The times that the question names and
   * the names of the two sides are left out.
   */
  readonly informative: readonly InformativeWord[];
  /**
   * The names in the question that pages contain, also those of the two sides: for each, the numbers of its terms.
   * A word is a name if it is written like one; see {@link InformativeWord.isName}.
   */
  readonly names: readonly (readonly number[])[];
  readonly spans: readonly Span[];
  /**
   * True if the question names a time and no other subject. It must also ask what was said then ("what did we
   * talk about yesterday"), or ask about a time from which there are pages. "Where was I on July 12?" asks
   * about an event, and people may have mentioned the event on another day.
   */
  readonly timeOnly: boolean;
  readonly form: Form;
  /** An event that gives the time, with the terms of the event. */
  readonly anchor: { readonly time: Anchor; readonly known: readonly WeightedTerm[] } | null;
  readonly asksWhen: boolean;
  /** The index terms of a word, in the languages in which the question is read. */
  readonly termsOf: (word: string) => readonly string[];
  /** The side whose words are asked for; null if the question does not say. */
  readonly side: Side | null;
}

/** A word of a question that describes its subject. */
export interface InformativeWord {
  /** The numbers of its terms that pages contain, by language; empty if no page has the word. */
  readonly ids: readonly number[];
  /** The numbers of related terms. */
  readonly kindred: readonly number[];
  /** The terms as texts, for content outside the index of pages. */
  readonly terms: readonly string[];
  readonly kindredTerms: readonly string[];
  /** Whether it is written like a name or like code: "Lisbon", "UserService", "E0382". */
  readonly isName: boolean;
  /** How rare it is among the pages. */
  readonly worth: number;
}

/** The parts of a memory that are needed to read a question. */
export interface Vocabulary {
  languages(): Language[];
  holds(startMs: number, endMs: number): boolean;
  readonly words: Pick<WordIndex, 'find' | 'rarity' | 'telling' | 'tellingMax' | 'saidBy' | 'nearTo'>;
}

/**
 * Weight of the names of the two speakers. Nearly all pages are about these two people, so their names are
 * not informative.
 */
const nameWeight = 0.5;
/** Weight of a related word, relative to 1 for the word itself. */
export const kindredWeight = 0.2;
/** Weight of a similarly spelt word that replaces a word that no page has. */
const respeltWeight = 0.5;
/** Minimum length of a word in which one spelling error is corrected. Longer words may have two. */
const respeltLettersMin = 5;
const twoSlipsLettersMin = 8;
const spellingsMax = 2;
/**
 * Maximum number of words of a question that are corrected. Each costs a pass over the words of the memory.
 */
const respeltMax = 8;
/** Maximum number of terms. More terms cost time and do not improve the result. */
const termsMax = 64;
const charactersMax = 4_000;
/** Of a longer question, only the beginning and the end are used. */
const beginningCharacters = 6_000;
const endCharacters = 2_000;

function excerptOf(text: string): string {
  if (text.length <= beginningCharacters + endCharacters) return text;
  return `${text.slice(0, beginningCharacters)}\n${text.slice(-endCharacters)}`;
}

/**
 * Reads a question asked at `nowMs`. Relative times refer to the time zone. `people` are the names of the two
 * speakers, such as their ids.
 */
export function readQuery(
  asked: string,
  nowMs: number,
  zone: string,
  index: Vocabulary,
  people: readonly string[] = [],
): ReadQuery {
  // All code below uses only this part, so the cost of a question is limited.
  const text = excerptOf(asked);
  const start = text.slice(0, charactersMax);
  const tokens = tokensOf(text);
  // A short question may not show its language, and a page may mix two languages. So all languages of the
  // memory are tried.
  const languages = new Set([latinLanguageOf(tokens), ...index.languages()]);
  const termsOf = (words: readonly string[]) => [
    ...new Set([...languages].flatMap((language) => termsOfTokens(words, language))),
  ];
  const exact = exactNamesOf(start);
  const parts = exact.flatMap((name) => name.parts);
  const terms = [...new Set([...termsOf([...tokens, ...parts]), ...exact.flatMap(({ literal }) => literal)])];
  const { side, names } = speakersIn(start, (word) => termsOf(tokensOf(word)), index.words);
  const kindred = new Set(terms.flatMap(kindredOf));
  for (const term of terms) kindred.delete(term);
  const strange = terms.filter((term) => index.words.find(term) === undefined).slice(0, respeltMax);
  const respelt = new Set(strange.flatMap((term) => spellingsOf(term, index)));
  const idsOf = (list: Iterable<string>) =>
    [...list].map((term) => index.words.find(term)).filter((id) => id !== undefined);
  const known = [
    ...idsOf(terms).map((id) => ({ id, weight: names.has(id) ? nameWeight : 1 })),
    ...idsOf(kindred).map((id) => ({ id, weight: kindredWeight })),
    ...idsOf(respelt).map((id) => ({ id, weight: respeltWeight })),
  ]
    .sort((x, y) => y.weight * index.words.rarity(y.id) - x.weight * index.words.rarity(x.id))
    .slice(0, termsMax);
  const time = anchorIn(start);
  const byDate = time === null ? null : spanOfDate(time, nowMs);
  const eventTerms = time === null || byDate !== null ? [] : idsOf(termsOf(tokensOf(time.event)));
  const spoken = [...languagesOf(start, languages)];
  const times = timesAsked(start, wallTimeOf(nowMs, zone), spoken);
  const spans = [...(byDate === null ? [] : [byDate]), ...times.map((named) => spanIn(named, zone, index))];
  const untimed = withoutTimes(text, times);
  const subject = spans.length === 0 ? text : withoutWordsOfAsking(untimed, spoken);
  const called = new Set(people.flatMap(nameOf));
  const { informative, mentioned } = informativeIn(subject, languages, { names, called }, index);
  const form = formOf(
    start,
    latinLanguageOf(tokens) === 'english',
    names.size > 0 || tokens.some((token) => called.has(token)),
  );
  return {
    text,
    terms,
    known,
    informative,
    names: mentioned,
    spans,
    timeOnly:
      times.length > 0 &&
      informative.length === 0 &&
      (subject !== untimed || spans.some(({ startMs, endMs }) => index.holds(startMs, endMs))),
    anchor:
      time === null || eventTerms.length === 0
        ? null
        : { time, known: eventTerms.map((id) => ({ id, weight: names.has(id) ? nameWeight : 1 })) },
    asksWhen: asksWhen(start),
    termsOf: (word) => (called.has(word) ? [] : termsOf(tokensOf(word))),
    // Signs that pages contain, such as an emoji, are searched; others are ignored.
    form: informative.some(isSign) ? { ...form, idle: 0 } : form,
    side,
  };
}

const isSign = ({ ids, terms }: InformativeWord) =>
  ids.length > 0 && terms.every((term) => !/[\p{L}\p{N}]/u.test(term));

/** An id of one word may be a name ("anna"). An id of several words is not a name ("default_user"). */
function nameOf(id: string): readonly string[] {
  const tokens = tokensOf(id);
  return tokens.length === 1 ? tokens : [];
}

/** Words of the pages that are spelt like an unknown word. */
function spellingsOf(term: string, index: Vocabulary): string[] {
  if (term.length < respeltLettersMin || !/^\p{L}+$/u.test(term)) return [];
  return index.words.nearTo(term, term.length < twoSlipsLettersMin ? 1 : 2, spellingsMax);
}

/** The Latin-script languages of a text, and the languages that its other scripts show. */
function* languagesOf(text: string, latin: Iterable<Language>): Iterable<Language> {
  yield* latin;
  if (/[\u3040-\u30ff]/u.test(text)) yield 'japanese';
  else if (/\p{Script=Han}/u.test(text)) yield* ['chinese', 'japanese'] as const;
  if (/\p{Script=Cyrillic}/u.test(text)) yield /[іїєґ]/u.test(text) ? 'ukrainian' : 'russian';
  if (/\p{Script=Thai}/u.test(text)) yield 'thai';
  if (/\p{Script=Arabic}/u.test(text)) yield 'arabic';
  if (/\p{Script=Hebrew}/u.test(text)) yield 'hebrew';
  if (/\p{Script=Greek}/u.test(text)) yield 'greek';
}

/**
 * The period of a time. A time without a year means its latest occurrence from which the memory has pages.
 */
function spanIn(named: AskedTime, zone: string, index: Vocabulary): Span {
  const yearsBackMax = named.yearless ? 30 : 0;
  for (let back = 0; back <= yearsBackMax; back++) {
    const at = (wallMs: number) => {
      const date = new Date(wallMs);
      date.setUTCFullYear(date.getUTCFullYear() - back);
      return instantOf(date.getTime(), zone);
    };
    const span = { startMs: at(named.startMs), endMs: at(named.endMs) };
    if (index.holds(span.startMs, span.endMs)) return span;
  }
  return { startMs: instantOf(named.startMs, zone), endMs: instantOf(named.endMs, zone) };
}

function withoutTimes(text: string, times: readonly AskedTime[]): string {
  let rest = '';
  let done = 0;
  for (const { from, to } of times) {
    rest += `${text.slice(done, from)} `;
    done = to;
  }
  return rest + text.slice(done);
}

function withoutWordsOfAsking(text: string, languages: readonly Language[]): string {
  return languages.reduce(withoutAsking, text);
}

/** Tokens written like a name or like code. German is excluded, because it capitalises every noun. */
function namesIn(text: string, language: Language): Set<string> {
  const inSentence = /(?<![.!?:"“„¿¡]\s*|^\s*)(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{M}'’-]*/gu;
  const ofCode = /(?<![\p{L}\p{N}])(?:[\p{L}]+[\d_]|[\d_]+\p{L}|\p{Ll}+\p{Lu}|\p{Lu}{2})[\p{L}\p{N}_]*/gu;
  return new Set(
    [...(language === 'german' ? [] : text.matchAll(inSentence)), ...text.matchAll(ofCode)].flatMap(
      ([name]) => tokensOf(name),
    ),
  );
}

function informativeIn(
  subject: string,
  languages: Iterable<Language>,
  { names, called }: { readonly names: ReadonlySet<number>; readonly called: ReadonlySet<string> },
  { words }: Vocabulary,
): { informative: InformativeWord[]; mentioned: (readonly number[])[] } {
  const [spoken = 'english', ...others] = languages;
  const found = new Map<string, InformativeWord>();
  const mentioned = new Map<string, readonly number[]>();
  const named = namesIn(subject, spoken);
  const exact = exactIn(subject, words);
  for (const [term, word] of exact.known) {
    found.set(term, word);
    mentioned.set(term, word.ids);
  }
  for (const token of new Set([...tokensOf(subject), ...exact.parts])) {
    // Nearly all pages are about these two people, whether or not they contain the names.
    if (exact.covered.has(token) || called.has(token)) continue;
    const [term] = termsOfTokens([token], spoken);
    if (term === undefined || found.has(term)) continue;
    const all = [term, ...others.flatMap((language) => termsOfTokens([token], language))];
    const idsOf = (list: readonly string[]) => [...new Set(list.flatMap((word) => words.find(word) ?? []))];
    const ids = idsOf(all);
    if (named.has(token) && ids.length > 0) mentioned.set(term, ids);
    if (ids.some((id) => names.has(id))) continue;
    const worth = ids.length === 0 ? words.tellingMax : Math.min(...ids.map((id) => words.telling(id)));
    const kindredTerms = kindredOf(term);
    found.set(term, {
      ids,
      kindred: idsOf(kindredTerms),
      terms: all,
      kindredTerms,
      isName: named.has(token),
      worth,
    });
  }
  return {
    informative: [...found.values()].sort((a, b) => b.worth - a.worth).slice(0, termsMax),
    mentioned: [...mentioned.values()],
  };
}

/**
 * Finds exact names, in any grouping. `known`: the names that pages contain. `covered`: the words of these
 * names, which are not searched separately. `parts`: the parts of names that no page contains.
 */
function exactIn(subject: string, words: Vocabulary['words']) {
  const known = new Map<string, InformativeWord>();
  const covered = new Set<string>();
  const parts: string[] = [];
  for (const { written, literal, parts: inner } of exactNamesOf(subject)) {
    const ids = literal.flatMap((term) => words.find(term) ?? []);
    const whole = tokensOf(written);
    const hasWhole = whole.every((token) => words.find(token) !== undefined);
    if (ids.length === 0 && (hasWhole || inner.length === 0)) continue;
    for (const token of whole) covered.add(token);
    if (ids.length === 0) parts.push(...inner);
    const [term] = literal;
    if (term === undefined || ids.length === 0) continue;
    const worth = Math.max(...ids.map((id) => words.telling(id)));
    known.set(term, { ids, kindred: [], terms: literal, kindredTerms: [], isName: true, worth });
  }
  for (const part of parts) covered.delete(part);
  return { known, covered, parts };
}
