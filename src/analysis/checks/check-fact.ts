import { kindredOf } from '../../lib/text/kindred-english.js';
import { wordsIn } from '../../lib/text/words.js';
import type { OfferedFact } from '../../ports/analyser.js';
import type { EnglishReader } from '../builtin/english.js';
import { often } from '../builtin/frequency.js';
import { ownWords } from '../builtin/own-words.js';
import { isEnglish } from '../builtin/reading.js';
import { refusalOf } from '../builtin/sentence-guards.js';
import { plainSentence, textFault } from './clean-text.js';
import { contentWords, type Evidence, evidenceOf, foundWords, numbersOf } from './evidence.js';
import { isNumber, numbersAgree } from './numbers.js';
import { isDenied, isDeniedAbroad } from './polarity.js';
import { findQuote } from './quote.js';
import { clausesIn, type StatedClause } from './statement.js';
import { isSomebodyElses } from './subject.js';
import { hasEnded, isOver, isPast, isPresent, isUnreal, saysUnreal } from './time.js';

/** Why a fact is refused. */
export type FactFault =
  | 'no text'
  | 'too long'
  | 'no quote'
  | 'quote not on the page'
  | 'quote of the other side'
  | 'quote does not say it'
  | 'negation'
  | 'question'
  | 'not real'
  | 'another person'
  | 'past or present'
  | 'numbers'
  | 'names'
  | 'says more'
  | 'role-play'
  | 'fiction'
  | 'pasted'
  | 'joke'
  | 'language exercise'
  | 'quotation';

const factCharactersMax = 400;
const quoteCharactersMax = 1_000;

/** Share of a fact's words that the quoted sentence must contain; synonyms count. */
const supportMin = 0.6;

/**
 * The first fault of a fact, compared with its page; null when it has none. The quote must be verbatim on the page,
 * on the side of the person the fact is about. In English, the quoted clauses must support the fact: the same
 * person, negation, reality, time and numbers. In other languages only those properties are checked that need no
 * understanding of the language. `reader` is null when no reader of English is available.
 */
export function faultOfFact(offered: OfferedFact, reader: EnglishReader | null): FactFault | null {
  const { about, page } = offered;
  const fact = plainSentence(offered.fact);
  const form = textFault(fact, factCharactersMax);
  if (form !== null && form !== 'instruction') return form === 'too_long' ? 'too long' : 'no text';
  if (offered.quote.trim() === '') return 'no quote';
  if (offered.quote.length > quoteCharactersMax) return 'too long';
  const [side, other] =
    about === 'user' ? [page.user_input, page.agent_response] : [page.agent_response, page.user_input];
  const found = findQuote(side, offered.quote);
  if (found === null)
    return findQuote(other, offered.quote) === null ? 'quote not on the page' : 'quote of the other side';
  if (about === 'user') {
    const own = ownWords(side);
    if ('refused' in own) return own.refused;
  }
  const dates = datesOf(page.timestamp);
  if (reader === null || !isEnglish(fact) || !isEnglish(found.sentences)) {
    return faultAbroad(fact, found, dates);
  }
  return faultInEnglish({ fact, about, words: found.words, sentences: found.sentences, side, dates }, reader);
}

/** Checks that work without understanding the language. */
function faultAbroad(
  fact: string,
  { words, sentences }: { readonly words: string; readonly sentences: string },
  dates: ReadonlySet<number>,
): FactFault | null {
  if (/[?？؟;]\s*$/u.test(sentences) && /[?？؟]/u.test(sentences)) return 'question';
  if (isDeniedAbroad(words, isEnglish(words)) !== isDeniedAbroad(fact, isEnglish(fact))) return 'negation';
  const said = new Set(numbersOf(sentences));
  if (numbersOf(fact).some((number) => !said.has(number) && !dates.has(Number(number)))) return 'numbers';
  const evidence = evidenceOf([sentences]);
  const isSameLanguage =
    evidence.language === evidenceOf([fact]).language && isEnglish(fact) === isEnglish(words);
  if (!isSameLanguage) return null;
  return foundWords(fact, evidence).length === 0 && contentWords(fact, evidence).length > 0
    ? 'quote does not say it'
    : null;
}

interface EnglishCase {
  readonly fact: string;
  readonly about: OfferedFact['about'];
  /** The quote exactly as on the page, and the sentences around it. */
  readonly words: string;
  readonly sentences: string;
  readonly side: string;
  readonly dates: ReadonlySet<number>;
}

function faultInEnglish(given: EnglishCase, reader: EnglishReader): FactFault | null {
  const { fact, about, words, sentences, dates } = given;
  const own = about === 'user' ? ownWords(sentences) : { text: sentences };
  if ('refused' in own) return own.refused;
  const factClauses = clausesIn(asSpeaker(fact, about), reader);
  const terms = new Set(termsOf(asSpeaker(fact, about)));
  const said = clausesIn(own.text, reader);
  const relevant = relevantClauses(said, terms, words);
  const unsupported = faultOfSupport(fact, given);
  if (relevant.length === 0) return unsupported ?? 'quote does not say it';
  const inQuestion = relevant.every(({ asked }) => asked);
  if (inQuestion) return isPresupposed(relevant, terms) ? unsupported : 'question';
  const refusals = new Set(reader.read(own.text).map(({ tokens }) => refusalOf(tokens)));
  if (refusals.has('quotation') || refusals.has('too long')) return 'quotation';
  if (about === 'user' && refusals.has('reported') && isHearsay(said, relevant) && !saysHearsay.test(fact))
    return 'not real';
  const unreal = relevant.some(isUnreal) || refusals.has('hypothetical');
  if (unreal && !saysUnreal(fact)) return 'not real';
  const faultOfClauses = about === 'user' ? faultOfTold(relevant, factClauses, fact) : null;
  if (faultOfClauses !== null) return faultOfClauses;
  const bothEnded = relevant.some(hasEnded) && factClauses.some(hasEnded);
  if (!bothEnded && deniedIn(relevant) !== deniedIn(factClauses)) {
    // "I quit smoking" states that the user does not smoke.
    if (!(relevant.some(hasEnded) && deniedIn(factClauses))) return 'negation';
  }
  if (!numbersAgree(fact, sentences, dates)) return 'numbers';
  return unsupported;
}

/**
 * "People say I am arrogant" is hearsay. Statements of the user, or of a person in their life ("my doctor"),
 * count.
 */
function isHearsay(said: readonly StatedClause[], relevant: readonly StatedClause[]): boolean {
  const [first] = relevant;
  if (first?.subject.kind !== 'speaker') return false;
  return said.some(
    ({ subject, verb }) => subject.kind === 'other' && verb !== null && saying.has(verb.lemma),
  );
}
const saying = new Set('say tell think claim believe call joke write'.split(' '));
const saysHearsay = /\b(?:says?|said|told|thinks?|claims?|according|believes?|calls?|seen as|considered)\b/i;

/** Checks the person and the time of a fact about the user. */
function faultOfTold(
  said: readonly StatedClause[],
  fact: readonly StatedClause[],
  text: string,
): FactFault | null {
  const main = fact.find(
    ({ verb }) => verb !== null && !/^(?:say|mention|state|tell|report|note)$/.test(verb.lemma),
  );
  const clause = said[0];
  if (main === undefined || clause === undefined) return null;
  if (isSomebodyElses(clause, main, text)) return 'another person';
  const ended = said.some(hasEnded);
  const factEnded = fact.some(hasEnded);
  if (ended && !factEnded && !fact.some(isPast) && !deniedIn(fact)) return 'past or present';
  if (factEnded && !ended && !said.some(isPast) && !deniedIn(said)) return 'past or present';
  if (
    said.every((one) => one.verb === null || isOver(one)) &&
    said.some(isOver) &&
    isPresent(main) &&
    !deniedIn(fact) &&
    !factEnded
  )
    return 'past or present';
  const isSame = clause.verb !== null && main.verb !== null && clause.verb.lemma === main.verb.lemma;
  return isSame && isPresent(clause) && isPast(main) && !isUnreal(clause) ? 'past or present' : null;
}

function deniedIn(clauses: readonly StatedClause[]): boolean {
  return isDenied(clauses.flatMap(({ tokens }) => tokens));
}

/** The fact in the first person, so that it can be compared with the quote. */
function asSpeaker(fact: string, about: OfferedFact['about']): string {
  const who = about === 'user' ? 'user' : 'assistant';
  const text = fact
    .replace(new RegExp(`\\b(?:the )?${who}['’]s\\b`, 'giu'), 'my')
    .replace(new RegExp(`\\b(?:the )?${who}\\b`, 'giu'), 'I')
    .replace(/^my\b/, 'My');
  const opening =
    /^(?:is|was|has|had|lives?|works?|likes?|loves?|hates?|prefers?|owns?|plays?|wants?|plans?|uses?|does|never|no longer)\b/i;
  return opening.test(text) ? `I ${text[0]?.toLowerCase()}${text.slice(1)}` : text;
}

function termsOf(text: string): string[] {
  return wordsIn(text, 'english');
}

/** The clauses of the quote that share most words with the fact, best first. */
function relevantClauses(
  said: readonly StatedClause[],
  terms: ReadonlySet<string>,
  words: string,
): StatedClause[] {
  const quoted = new Set(words.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const scored = said.map((clause) => {
    const inQuote = clause.tokens.filter(({ lower }) => quoted.has(lower.replace(/[^\p{L}\p{N}]/gu, '')));
    const said = [...new Set(inQuote.flatMap(({ text }) => termsOf(text)))];
    const kin = said.filter((term) => hasKin(terms, term)).length;
    return { clause, shared: said.filter((term) => terms.has(term)).length, kin };
  });
  const exact = scored.filter(({ shared }) => shared > 0);
  const found = exact.length > 0 ? exact : scored.filter(({ kin }) => kin > 0);
  return found.sort((a, b) => b.shared - a.shared).map(({ clause }) => clause);
}

function hasKin(terms: ReadonlySet<string>, term: string): boolean {
  return terms.has(term) || kindredOf(term).some((kin) => terms.has(kin));
}

/** "What can I cook for my vegan wife?" asks, but presupposes what follows "my". */
function isPresupposed(clauses: readonly StatedClause[], terms: ReadonlySet<string>): boolean {
  const granted = new Set<string>();
  for (const { tokens } of clauses) {
    tokens.forEach((token, i) => {
      if (!/^(?:my|our)$/.test(token.lower)) return;
      for (let at = i + 1; /^(?:NOUN|PROPN|ADJ|NUM)$/.test(tokens[at]?.pos ?? ''); at += 1)
        for (const term of termsOf(tokens[at]?.text ?? '')) granted.add(term);
    });
  }
  const content = [...terms].filter((term) => !/^(?:user|assist)$/.test(term));
  return content.length > 0 && content.every((term) => granted.has(term));
}

const sweeping =
  /\b(?:always|never|every|only|daily|all|favou?rite|most|best|worst|addicted|obsessed|chronic\w*|sever\w+)\b/gi;

/** Checks that the quoted sentences contain the fact's words, names and generalising words. */
function faultOfSupport(fact: string, { sentences, side, about }: EnglishCase): FactFault | null {
  const evidence = evidenceOf([sentences]);
  const lower = side.toLowerCase();
  const bare = fact.replace(/^\P{L}*\p{L}+/u, '');
  const names = bare.match(/(?<!\p{L})\p{Lu}[\p{L}\p{M}]+/gu) ?? [];
  const isSaid = (name: string) =>
    /^(?:User|Assistant|They|The|English)$/.test(name) ||
    lower.includes(name.toLowerCase()) ||
    lower.includes(name.slice(0, 4).toLowerCase());
  if (!names.every(isSaid)) return 'names';
  for (const [word] of fact.toLowerCase().matchAll(sweeping)) {
    const isSaid = lower.includes(word.slice(0, 5)) || (/^(?:daily|every)$/.test(word) && often.test(lower));
    if (!isSaid && word !== 'never') return 'says more';
  }
  // Numbers are checked separately.
  const content = contentWords(fact, evidence).filter((word) => !isNumber(word));
  const found = new Set(foundWords(fact, evidence));
  const supported = content.filter((word) => found.has(word) || isKin(word, evidence));
  if (content.length === 0) return null;
  if (supported.length === 0) return 'quote does not say it';
  return about === 'user' && supported.length < supportMin * content.length ? 'says more' : null;
}

function isKin(word: string, evidence: Evidence): boolean {
  return kindredOf(word).some((kin) => evidence.words.has(kin));
}

/** Day, month and year of the statement, and neighbouring years, because a date may have been computed. */
function datesOf(timestamp: string): Set<number> {
  const at = new Date(timestamp);
  const year = at.getUTCFullYear();
  return new Set([year - 1, year, year + 1, at.getUTCDate()]);
}
