import { exactTermsOf } from '../lib/text/exact-terms.js';
import { kindredOf } from '../lib/text/kindred-english.js';
import { latinLanguageOf } from '../lib/text/language.js';
import { termsOfTokens, tokensOf } from '../lib/text/words.js';
import type { PageIndex } from './index/page-index.js';
import type { Side } from './index/word-index.js';
import { type Anchor, anchorIn, spanOfDate } from './signals/anchor.js';
import { type Span, spansIn } from './signals/dates.js';
import { speakersIn } from './signals/speaker.js';
import { asksWhen } from './signals/time-words.js';
import type { WeightedTerm } from './signals/words.js';

/** A question, read once for all signals. */
export interface ReadQuery {
  readonly text: string;
  /** Index terms, each once. */
  readonly terms: readonly string[];
  /** Those that pages have, with what they count. */
  readonly known: readonly WeightedTerm[];
  readonly spans: readonly Span[];
  /** An event that a time is told by, with its terms. */
  readonly anchor: { readonly time: Anchor; readonly known: readonly WeightedTerm[] } | null;
  readonly asksWhen: boolean;
  readonly asksForList: boolean;
  /** Whose words are asked for; null where that is open. */
  readonly side: Side | null;
}

/** Where everything is about two people, their names tell little. */
const nameWeight = 0.5;
/** A word of like use, beside 1 for the word itself. */
export const kindredWeight = 0.2;
/** More terms than this cost time and add no meaning. */
const termsMax = 64;
const charactersMax = 4_000;
/** Of a longer text that is asked, beginning and end say what it is about. */
const beginningCharacters = 6_000;
const endCharacters = 2_000;

function excerptOf(text: string): string {
  if (text.length <= beginningCharacters + endCharacters) return text;
  return `${text.slice(0, beginningCharacters)}\n${text.slice(-endCharacters)}`;
}

export function readQuery(text: string, nowMs: number, index: PageIndex): ReadQuery {
  const start = text.slice(0, charactersMax);
  const tokens = tokensOf(excerptOf(text));
  // A short question may not show its language, and a page may mix two: try all that the memory has.
  const languages = new Set([latinLanguageOf(tokens), ...index.languages()]);
  const termsOf = (words: readonly string[]) => [
    ...new Set([...languages].flatMap((language) => termsOfTokens(words, language))),
  ];
  const exact = exactTermsOf(start);
  const terms = [...new Set([...termsOf([...tokens, ...exact.parts]), ...exact.literal])];
  const { side, names } = speakersIn(start, (word) => termsOf(tokensOf(word)), index.words);
  const kindred = new Set(terms.flatMap(kindredOf));
  for (const term of terms) kindred.delete(term);
  const idsOf = (list: Iterable<string>) =>
    [...list].map((term) => index.words.find(term)).filter((id) => id !== undefined);
  const known = [
    ...idsOf(terms).map((id) => ({ id, weight: names.has(id) ? nameWeight : 1 })),
    ...idsOf(kindred).map((id) => ({ id, weight: kindredWeight })),
  ]
    .sort((x, y) => y.weight * index.words.rarity(y.id) - x.weight * index.words.rarity(x.id))
    .slice(0, termsMax);
  const time = anchorIn(start);
  const byDate = time === null ? null : spanOfDate(time, nowMs);
  const eventTerms = time === null || byDate !== null ? [] : idsOf(termsOf(tokensOf(time.event)));
  return {
    text,
    terms,
    known,
    spans: [...(byDate === null ? [] : [byDate]), ...spansIn(start, nowMs)],
    anchor:
      time === null || eventTerms.length === 0
        ? null
        : { time, known: eventTerms.map((id) => ({ id, weight: names.has(id) ? nameWeight : 1 })) },
    asksWhen: asksWhen(start),
    asksForList: asksForList(start),
    side,
  };
}

const listQuestion =
  /^\W*(?:(?:what|which)\s+(?:\w+\s+){0,2}?(?!(?:is|was|does|has|this|his)\b)\w{3,}s\b|how many|how often|who all|list|name all|what all)|\ball (?:the|of)\b/i;

/** "Which books …", "How many …": the answer stands on several pages. */
function asksForList(text: string): boolean {
  return listQuestion.test(text);
}
