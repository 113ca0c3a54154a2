import type { VectorOf, VectorOrNone } from '../../lib/meaning/sentence-vectors.js';
import type { Fact } from '../../model/knowledge.js';
import { type Page, projectOf, wallTimeOfPage } from '../../model/page.js';
import type { FactDraft } from '../../ports/analyser.js';
import type { Kept, SaidSentence } from './changes/kept.js';
import { type Said, saidIn } from './changes/pair-features.js';
import { withEnds } from './changes/with-ends.js';
import { amongPeople } from './company.js';
import type { EnglishReader } from './english.js';
import { ownCueIn } from './other-languages.js';
import { endsRolePlay, ownWords } from './own-words.js';
import { phraseText } from './phrases.js';
import { worthByMeaning } from './scorer/by-meaning.js';
import { worthOf } from './scorer/scorer.js';
import { isFinding } from './sentence-guards.js';
import {
  formOf,
  isBeforeNouns,
  isStandingOrder,
  type PlacedSentence,
  type SentenceForm,
  type Statement,
  statementsOf,
  tokensOf,
} from './statements.js';
import { type Told, toldOf } from './told.js';
import { quoted, worded } from './wording.js';

/**
 * Minimum score of a stored statement, and (`change`) of one that is stored only because it ends a known fact. It is
 * higher for unknown subjects, in a long message to an assistant, which has the circumstances of a request, and in every
 * message to another person, which is mostly about the day.
 */
const worthMins = {
  short: { own: 0.35, strange: 0.65, order: 0.4, fragment: 0.65, change: 0.05 },
  long: { own: 0.5, strange: 0.75, order: 0.55, fragment: 0.75, change: 0.05 },
  person: { own: 0.75, strange: 0.9, order: 0.9, fragment: 0.9, change: 0.3 },
} as const;
/** How statements of one message are judged. */
interface Bar {
  readonly isToPerson: boolean;
  readonly mins: (typeof worthMins)[keyof typeof worthMins];
  readonly judge: (statement: SentenceForm) => number;
}
const shortCharactersMax = 100;
/** Minimum score of a statement about the circumstances of the user's life, such as home and work, in every message. */
const circumstancesMin = 0.25;
const standingWorthMin = 0.05;
const ruleWordsMin = 4;
const rolePlayEndsAfterMs = 2 * 3_600_000;
const statementsPerPageMax = 40;

/**
 * Facts from the user's own words, page by page. A role-play goes on until the user ends it or two hours
 * pass. A request for a poem and a role for the assistant affect only their own page. `reject` is called with
 * the reason for each rejected sentence.
 */
export function userFacts(
  pages: readonly Page[],
  before: readonly Page[],
  known: readonly Fact[],
  reader: EnglishReader | null,
  vectorOf: VectorOf,
  reject: (reason: string) => void,
): FactDraft[] {
  const vectorOrNone = withoutErrors(vectorOf, () => reject('sentence model unusable'));
  const current = known.filter((fact) => fact.assistant_id === null && fact.superseded_by === null);
  const kept: Kept[] = [];
  let playingUntilMs = 0;
  const isPlayed = (page: Page): boolean => {
    const atMs = wallTimeOfPage(page);
    if (atMs < playingUntilMs && endsRolePlay.test(page.user_input.slice(0, 600))) {
      playingUntilMs = 0;
      return true;
    }
    const own = ownWords(page.user_input);
    if ('refused' in own && own.refused === 'role-play') playingUntilMs = atMs + rolePlayEndsAfterMs;
    return atMs < playingUntilMs;
  };
  const [first] = pages;
  const sinceMs = first === undefined ? 0 : wallTimeOfPage(first) - rolePlayEndsAfterMs;
  for (const page of before) if (wallTimeOfPage(page) >= sinceMs) isPlayed(page);
  const toPerson = reader === null ? [] : amongPeople(before, pages);
  for (const [i, page] of pages.entries()) {
    if (isPlayed(page)) {
      reject('role-play');
      continue;
    }
    const own = ownWords(page.user_input);
    if ('refused' in own) {
      reject(own.refused);
      continue;
    }
    const cue = ownCueIn(own.text);
    if (cue !== null) kept.push(verbatim(page, [page.user_input.slice(cue.from, cue.to).trim()]));
    if (reader === null) {
      if (cue === null) reject('not English');
      continue;
    }
    const statements = statementsOf(own, page.user_input, reader, reject).slice(0, statementsPerPageMax);
    const isToPerson = toPerson[i] === true;
    const isLong = page.user_input.length > shortCharactersMax;
    const bar: Bar = isToPerson
      ? { isToPerson, mins: worthMins.person, judge: (one) => worthByMeaning(one, vectorOrNone) }
      : { isToPerson, mins: worthMins[isLong ? 'long' : 'short'], judge: worthOf };
    const sentences = sentencesIn(statements, isToPerson, reader);
    keepOfPage(page, statements, sentences, bar, kept, namesIn(current, kept), reject);
    kept.push(...wholeSentences(page, statements, sentences, bar.mins.change));
  }
  return reader === null
    ? kept.map(({ draft }) => draft)
    : withEnds(kept, current, reader, vectorOrNone, reject);
}

/** `tell` is called once, if the model cannot be used. */
function withoutErrors(vectorOf: VectorOf, tell: () => void): VectorOrNone {
  let isUnusable = false;
  return (text) => {
    if (isUnusable) return null;
    try {
      return vectorOf(text);
    } catch {
      isUnusable = true;
      tell();
      return null;
    }
  };
}

type Sentences = ReadonlyMap<PlacedSentence, SaidSentence>;

function sentencesIn(
  statements: readonly Statement[],
  isToPerson: boolean,
  reader: EnglishReader,
): Sentences {
  const places = new Set(statements.map(({ sentence }) => sentence));
  return new Map(
    [...places].map((place) => {
      let read: Said | undefined;
      const said = () => {
        if (read !== undefined) return read;
        const parts = statements.filter(({ sentence }) => sentence === place);
        const told = parts.map((one) => toldOf(foundIn(one), one.core));
        read = saidIn(place.text, tokensOf(place.text, reader), told, places.size);
        return read;
      };
      return [place, { said, isToPerson }];
    }),
  );
}

function keepOfPage(
  page: Page,
  statements: readonly Statement[],
  sentences: Sentences,
  bar: Bar,
  kept: Kept[],
  known: ReadonlySet<string>,
  reject: (reason: string) => void,
): void {
  let last: Kept | null = null as Kept | null;
  for (const statement of statements) {
    const leans =
      statement.kind === 'pronoun' &&
      !/^you/i.test(statement.subject[0]?.text ?? '') &&
      !isByAnybody(statement);
    const told = toldOf(foundIn(statement), statement.core);
    const leansOnUnkept = leans && last === null;
    // With a friend, "it" is mostly about the moment.
    const worth = leansOnUnkept && bar.isToPerson ? 'left' : worthKeeping(statement, told, known, bar);
    const context = leansOnUnkept && worth === 'kept' ? statement.before : null;
    if (worth === 'left' || (leansOnUnkept && context === null)) {
      last = null;
      reject(leans ? 'leans on what was not kept' : 'not worth keeping');
      continue;
    }
    // "I need a name for a boat. It's a folkboat.": the sentence before says what "it" is.
    if (context !== null) {
      last = {
        ...verbatim(page, [context, statement.quote]),
        sentence: sentences.get(statement.sentence) ?? null,
      };
      kept.push(last);
      continue;
    }
    // "I adopted a dog. Her name is Pepper.": each sentence is clear only with the other.
    if (leans && last !== null) {
      const quotes: readonly string[] = [...last.quotes, statement.quote];
      const text = quoted(quotes, wallTimeOfPage(page));
      const both: Kept = { ...last, quotes, draft: { ...last.draft, knowledge: text } };
      kept[kept.indexOf(last)] = both;
      last = both;
      continue;
    }
    const sentence = sentences.get(statement.sentence) ?? null;
    const one = { ...keptOf(page, statement, told, sentence), isOnlyChange: worth === 'only as a change' };
    kept.push(one);
    last = one.isOnlyChange ? null : one;
  }
}

function keptOf(page: Page, statement: Statement, told: Told, sentence: SaidSentence | null): Kept {
  const { text, when } = worded(statement, wallTimeOfPage(page));
  const timestamp = when === null ? page.timestamp : new Date(when.startMs).toISOString();
  const draft = draftOf(page, statement.quote, text);
  return {
    told,
    quotes: [statement.quote],
    isOnlyChange: false,
    sentence,
    isWhole: false,
    draft: { ...draft, timestamp, slot: told.slot },
  };
}

function draftOf(page: Page, quote: string, knowledge: string): FactDraft {
  return {
    assistant_id: null,
    knowledge,
    timestamp: page.timestamp,
    page_id: page.id,
    told_at: page.timestamp,
    quote,
    ends: [],
    slot: null,
    project: projectOf(page),
    is_of_project: false,
    change: 'new',
    fact_id: null,
  };
}

/**
 * The finding in a statement: "The allergist says I am not allergic to nuts" states the same as "I am not
 * allergic to nuts".
 */
function foundIn(statement: Statement): SentenceForm {
  if (!isFinding(statement.tokens)) return statement;
  const at = statement.tokens.findIndex(
    ({ lower }, i, all) => /^(?:says?|said|told)$/.test(lower) && all[i + 1] !== undefined,
  );
  return at === -1 ? statement : formOf(statement.tokens.slice(at + 1));
}

/** A fact in the user's own words, of which nothing else is read: it has no slot. */
function verbatim(page: Page, quotes: readonly [...string[], string]): Kept {
  const draft = draftOf(page, quotes[quotes.length - 1] ?? '', quoted(quotes, wallTimeOfPage(page)));
  const told = toldOf(formOf([]));
  return { told, quotes, isOnlyChange: false, sentence: null, isWhole: false, draft };
}

/** The whole sentences that state something. */
function wholeSentences(
  page: Page,
  statements: readonly Statement[],
  sentences: Sentences,
  worthMin: number,
): Kept[] {
  const stating = statements.filter((one) => isAsserted(one) && !isRequest(one) && worthOf(one) >= worthMin);
  return [...new Set(stating.map(({ sentence }) => sentence))].flatMap((place) => {
    if (place.quote === null || place.quote === '') return [];
    const whole = verbatim(page, [place.quote]);
    return [{ ...whole, isOnlyChange: true, isWhole: true, sentence: sentences.get(place) ?? null }];
  });
}

/** Slots for the circumstances of the user's life. */
const circumstances = new Set(['home', 'employer', 'occupation', 'age', 'status', 'diet']);

type Worth = 'kept' | 'only as a change' | 'left';

/** Whether a statement is stored, is stored only if it ends a known fact, or is dropped. */
function worthKeeping(
  statement: Statement,
  { isEnding, slot }: Told,
  known: ReadonlySet<string>,
  { mins, judge }: Bar,
): Worth {
  const { kind, tokens } = statement;
  if (tokens.length === 0) return 'left';
  if (statement.isToRemember || isNaming(statement)) return 'kept';
  if (slot === 'language of answers' && mayTell(statement)) return 'kept';
  if (!isAsserted(statement)) return 'left';
  const forms = statement.core === null ? [statement] : [statement, statement.core];
  const scored = Math.max(...forms.map(worthOf));
  const form = statement.core ?? statement;
  const isUnclear = pointsBack(form) || leansOnOthers(form) || runsOn(statement);
  const reaches = (min: number, by = judge) => !isUnclear && forms.some((one) => by(one) >= min);
  if (kind === 'imperative') {
    if (isRequest(statement)) return 'left';
    const isKept = isRule(tokens) ? reaches(standingWorthMin, worthOf) : reaches(mins.order);
    return isKept ? 'kept' : 'left';
  }
  const isStrange =
    (kind === 'thing' && !tokens.some(({ lower }) => firstPerson.test(lower) && lower !== 'mine')) ||
    (kind === 'named' && !statement.subject.some(({ lower }) => known.has(lower)));
  const min = kind === 'fragment' ? mins.fragment : isStrange ? mins.strange : mins.own;
  const isOwn = kind !== 'fragment' && !isStrange;
  const isCircumstance = isOwn && slot !== null && circumstances.has(slot.split(':')[0] ?? '');
  const isWorth = () => (isCircumstance && reaches(circumstancesMin, worthOf)) || reaches(min);
  if (!isByAnybody(statement) && isWorth()) return 'kept';
  // "Mimi died", if Mimi is one of several cats: no earlier fact ends completely, but the statement must be
  // stored.
  if (isEnding && kind === 'named' && !isStrange) return 'kept';
  const mayEnd = scored >= mins.change || isEnding;
  return mayEnd && (kind !== 'pronoun' || isByAnybody(statement) || tellsUser(tokens))
    ? 'only as a change'
    : 'left';
}

/**
 * Whether a statement is about its object, whoever acted: "They moved the exam to 24 May" is about the exam.
 */
function isByAnybody({ subject, verb, rest }: Statement): boolean {
  return (
    subject.length === 1 &&
    subject[0]?.lower === 'they' &&
    verb !== null &&
    /^(?:past|perfect|present)$/.test(verb.tense) &&
    rest.some(({ pos, lower }) => pos === 'NOUN' || lower === 'my' || lower === 'our') &&
    !rest.some(({ lower }) => /^(?:it|this|that|him|her|them)$/.test(lower))
  );
}

/**
 * Whether an order is a rule for an assistant. "Never schedule anything before ten" is one; "never mind" and
 * "never give up" are not.
 */
function isRule(tokens: Statement['tokens']): boolean {
  const words = tokens.filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
  return isStandingOrder(tokens) && words.length >= ruleWordsMin;
}

const firstPerson = /^(?:i|me|my|mine|we|us|our|ours)$/;
/** Verbs after which the object is a hope or a thought, not a fact. */
const supposing = new Set(
  'think guess hope wish suppose bet doubt wonder imagine assume reckon expect'.split(' '),
);
const doubts =
  /^(?:maybe|perhaps|possibly|probably|almost|nearly|supposedly|hopefully|apparently|allegedly|reportedly|presumably)$/;
const unreal = /^(?:would|could|might|may)$/;

/**
 * Whether the statement is asserted. Hopes, suppositions, possibilities and things that nearly happened are
 * not.
 */
function isAsserted(statement: Statement): boolean {
  const { kind, verb, verbAt, tokens, lead, subject, rest } = statement;
  if ((kind === 'dependent' && !isFinding(tokens)) || doubts.test(tokens[0]?.lower ?? '')) return false;
  if ([...lead, ...subject].some(({ lower }) => doubts.test(lower))) return false;
  // "You work at Stanford" is about the listener, "you can answer in English again" is an order.
  if (kind === 'pronoun' && /^your?$/.test(subject[0]?.lower ?? ''))
    return isStandingOrder(tokens) || tellsUser(tokens);
  // "I bambini amano …" is not English.
  if (verb === null) return kind !== 'user';
  // "Our customers are almost all dentists" says how many.
  const isAmount = verb.lemma === 'be' && (verb.adverbs.includes('all') || rest[0]?.pos === 'NUM');
  if (verb.adverbs.some((word) => doubts.test(word) && !(isAmount && /^(?:almost|nearly)$/.test(word))))
    return false;
  if (kind === 'user' && supposing.has(verb.lemma) && !isExpecting(statement)) return false;
  if (verb.modal !== null && unreal.test(verb.modal)) return /^(?:prefer|rather|like)$/.test(verb.lemma);
  // "We should do it again", "we can play cards"
  if (verb.modal !== null && !verb.negated && subject.some(({ lower }) => lower === 'we')) return false;
  if (verb.modal === 'should' && !verb.negated) return false;
  // "I was going to buy a piano"
  return !(verb.tense === 'future' && /^(?:was|were)$/.test(tokens[verbAt]?.lower ?? ''));
}

const pointing = /^(?:it|them|this|that|these|those|one|ones|some|another|same)$/;
/** Verbs that say nothing without an object: "I got two years ago". */
const needsObject = /^(?:get|buy|find|take|make|bring|use|need|want)$/;

const pronoun = /^(?:here|there|it|its|them|their|him|his|he|she|they|this|these|those|yourself|yours)$/;

/**
 * Whether a statement depends on other text: a pronoun comes before any noun that it could mean ("Staying
 * active with them helps", "when it became popular, I …"). Farewells ("Talk to you soon") and statements
 * about the things of the listener are included, because they say nothing about the user.
 */
function leansOnOthers({ kind, tokens, subject }: SentenceForm): boolean {
  if (kind === 'pronoun') return false;
  // "A colleague of mine got a cat" is about a person without a name.
  if (/^(?:an?|some|one)$/.test(subject[0]?.lower ?? '') && subject.some(({ lower }) => lower === 'mine'))
    return true;
  if (kind === 'imperative') return false;
  if (
    /^(?:thing|named|dropped|fragment)$/.test(kind) &&
    tokens.some(({ lower }) => /^your(?:self)?$/.test(lower))
  )
    return true;
  const told =
    kind === 'user' || kind === 'dropped' ? tokens.filter((token) => !subject.includes(token)) : tokens;
  return isBeforeNouns(told, pronoun);
}

const runOnClausesMin = 3;
const runOnTokensMin = 18;

/**
 * Whether several sentences have no punctuation between them. Then it is unclear which words belong together.
 */
function runsOn({ tokens, clauses }: Statement): boolean {
  return (
    clauses >= runOnClausesMin &&
    tokens.length >= runOnTokensMin &&
    !tokens.slice(0, -1).some(({ text }) => /^[,;:.!–—-]$/.test(text))
  );
}

/** Matches words that need an earlier statement: "I'm a huge fan too" does not say of whom. */
const unsaid =
  /^(?:(?:also|not|much|of|an?|huge|big|real|total|massive|bit|the|same|such|now) )*(?:fan|lover|supporter|believer|member|part|beginner|expert)(?: (?:too|also|as well|myself|now))*[.!\s]*$/i;
const timeAgo = /^(?:[\p{L}\p{N}]+ ){1,2}(?:days?|weeks?|months?|years?) ago\b/iu;

/**
 * Whether the object was named only in an earlier statement: "I'm organizing one", "I only use it when I'm
 * sick".
 */
function pointsBack({ kind, verb, rest }: SentenceForm): boolean {
  if (verb === null || verb.passive || !/^(?:user|dropped)$/.test(kind)) return false;
  // "I drew your cat"
  if (/^(?:past|perfect|progressive)$/.test(verb.tense) && rest.some(({ lower }) => lower === 'your'))
    return true;
  const [first, second] = rest;
  const isBare = first === undefined || timeAgo.test(phraseText(rest));
  if (isBare) return needsObject.test(verb.lemma);
  if (verb.lemma === 'be' && unsaid.test(phraseText(rest))) return true;
  if (!pointing.test(first.lower) || first.pos === 'SCONJ') return false;
  // "This week", "one cat" and "one of my friends" have a noun of their own.
  const names =
    second !== undefined && (/^(?:NOUN|PROPN|ADJ|NUM)$/.test(second.pos) || second.lower === 'of');
  return !names || first.lower === 'same';
}

/** True for "We are expecting twins", false for "I am expecting to fail". */
function isExpecting({ verb, rest }: Statement): boolean {
  const next = rest.find(({ pos }) => !/^(?:DET|ADJ|NUM|PRON)$/.test(pos));
  return verb?.lemma === 'expect' && verb.tense === 'progressive' && next?.pos === 'NOUN';
}

/**
 * Whether a statement may set the language of answers. "Answer in French" and "you can answer in English
 * again" may; "you answered in English" may not.
 */
function mayTell({ kind, verb }: Statement): boolean {
  if (verb?.negated === true) return false;
  return kind !== 'pronoun' || /^(?:can|may|should|must|could)$/.test(verb?.modal ?? '');
}

/** Verbs that request a text or another result now. */
const requesting = new Set(
  'give show tell write draft compose create generate produce make send find list name suggest recommend describe explain outline summarize summarise translate compare draw design build plan calculate convert turn rewrite rephrase paraphrase help teach convince pick choose guess invent continue fix debug'.split(
    ' ',
  ),
);

/**
 * Whether it is a request for something now: "give me three sentences with …", "tell me how …", "write a poem
 * about …". Such a request is not a rule. A standing order is one: "always give me two options".
 */
function isRequest({ verb, rest, tokens }: Statement): boolean {
  if (verb === null || verb.negated || !requesting.has(verb.lemma) || isStandingOrder(tokens)) return false;
  const object = rest.filter(({ lower }) => !/^(?:me|us|up|out|just|please|also)$/.test(lower))[0];
  if (object === undefined) return true;
  return (
    /^(?:an?|another|some|any|more|the|this|that|these|those|it|my|how|what|why|when|where|which|who|if|about)$/.test(
      object.lower,
    ) || object.pos === 'NUM'
  );
}

/**
 * Whether it is a wish addressed to the listener: "You should always ask first", "you can assume I'm on
 * Linux".
 */
function tellsUser(tokens: Statement['tokens']): boolean {
  return tokens.some(({ lower }) => /^(?:always|never|assume|again)$/.test(lower)) || isReleased(tokens);
}

/** "You don't need to explain it any more" takes back an order. */
function isReleased(tokens: Statement['tokens']): boolean {
  return /^you (?:do not|no longer) (?:need|have) to\b/i.test(phraseText(tokens));
}

/** Whether the user gives a name to use: "call me Annie", "you can call me Mo". */
function isNaming({ tokens, verb }: Statement): boolean {
  const at = tokens.findIndex(({ lower }, i) => lower === 'call' && tokens[i + 1]?.lower === 'me');
  if (at === -1 || verb?.negated === true) return false;
  const name = tokens[at + 2];
  if (name === undefined || !/^\p{L}/u.test(name.text)) return false;
  const before = tokens.slice(0, at).filter(({ pos }) => pos !== 'INTJ');
  return (
    before.every(({ lower }) =>
      /^(?:please|pls|you|can|just|from|now|on|,|and|so|may|but|or|always)$/.test(lower),
    ) && name.pos === 'PROPN'
  );
}

function namesIn(current: readonly Fact[], kept: readonly Kept[]): Set<string> {
  const texts = [
    ...current.map((fact) => fact.quote ?? fact.knowledge),
    ...kept.flatMap(({ draft, isWhole }) => (isWhole ? [] : [draft.quote ?? draft.knowledge])),
  ];
  return new Set(texts.flatMap((text) => [...text.matchAll(name)].map((match) => match[0].toLowerCase())));
}
const name = /(?<=[\p{L}\p{N},;] )\p{Lu}\p{L}+/gu;
