import type { Token } from '../english.js';
import { asTold, nameAt, nounPhraseAt } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, whoOf, wordAt } from '../timed-clause.js';
import { pastOf } from '../verbs.js';
import { appointments, emptyHeads, pets, possessions } from '../word-lists.js';

const eventWordsMax = 12;

/** What must follow a verb for it to tell an event of a life and not of an afternoon. */
const events: Readonly<Record<string, (tokens: readonly Token[], clause: TimedClause) => boolean>> = {
  buy: isPossession,
  sell: isPossession,
  get: isPossession,
  visit: (tokens) => nameAt(tokens, 0) !== null,
  travel: (tokens) => tokens[0]?.lower === 'to' && nameAt(tokens, 1) !== null,
  fly: (tokens) => tokens[0]?.lower === 'to' && nameAt(tokens, 1) !== null,
  go: isJourney,
  run: (tokens) => headOf(tokens, /^(?:marathon|half-marathon|triathlon|race|10k|5k|ultramarathon)$/),
  finish: (tokens) =>
    headOf(
      tokens,
      /^(?:marathon|degree|phd|thesis|book|novel|course|school|university|college|training|dissertation|apprenticeship|screenplay|album)$/,
    ) && tokens[0]?.lower !== 'the',
  complete: (tokens) =>
    headOf(
      tokens,
      /^(?:marathon|degree|phd|thesis|course|training|dissertation|apprenticeship|certification)$/,
    ),
  pass: (tokens) => headOf(tokens, /^(?:test|exam|exams|examination|interview|bar)$/),
  fail: (tokens) => headOf(tokens, /^(?:test|exam|exams|examination)$/) && tokens[0]?.lower !== 'the',
  win: (tokens) =>
    headOf(
      tokens,
      /^(?:race|tournament|competition|contest|award|prize|medal|scholarship|championship|lottery|trophy|match|grant)$/,
    ),
  sign: (tokens) => tokens[0]?.lower === 'up' && tokens[1]?.lower === 'for' && isNamed(tokens, 2),
  enroll: (tokens) => /^(?:in|at)$/.test(tokens[0]?.lower ?? '') && isNamed(tokens, 1),
  start: isBeginning,
  publish: (tokens) => isNamed(tokens, 0),
  open: (tokens) =>
    headOf(tokens, /^(?:shop|store|restaurant|cafe|café|studio|business|bakery|gym|bar|gallery|practice)$/) &&
    /^(?:an?|my|our)$/.test(tokens[0]?.lower ?? ''),
  launch: (tokens) => /^(?:an?|my|our)$/.test(tokens[0]?.lower ?? '') && isNamed(tokens, 0),
  attend: (tokens, clause) => clause.when !== null && isNamed(tokens, 0),
  adopt: () => false,
};

/** Past events with a time or of weight: bought, visited, passed, won, signed up. */
export function eventFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject, rest, when } = clause;
  if (subject.kind !== 'user' || !isAsserted(clause) || verb.passive || verb.usedTo) return [];
  if (verb.tense !== 'past' && verb.tense !== 'perfect') return [];
  if (verb.lemma === 'give' && verb.said === 'gave' && wordAt(clause, 0) === 'birth')
    return birthGiven(clause);
  const told = Object.hasOwn(events, verb.lemma) ? events[verb.lemma] : undefined;
  if (told === undefined || !told(rest, clause)) return [];
  if (verb.lemma === 'get' && verb.tense === 'perfect' && verb.said === 'got') return [];
  const text = asTold(rest);
  if (text === null || rest.length > eventWordsMax) return [];
  return [
    { text: `${whoOf(clause)} ${pastOf(verb.lemma, verb.said)} ${text}`, slot: null, value: text, when },
  ];
}

function birthGiven(clause: TimedClause): FoundFact[] {
  const text = asTold(clause.rest.slice(0, 8));
  return text === null ? [] : [{ text: `The user gave ${text}`, slot: null, value: text, when: clause.when }];
}

function headOf(tokens: readonly Token[], heads: RegExp): boolean {
  const phrase = nounPhraseAt(tokens, 0);
  return phrase !== null && heads.test(phrase.head.lower);
}

function isNamed(tokens: readonly Token[], at: number): boolean {
  const phrase = nounPhraseAt(tokens, at);
  return (
    phrase !== null && !/^(?:the|some|any|no)$/.test(phrase.determiner) && !emptyHeads.has(phrase.head.lower)
  );
}

function isPossession(tokens: readonly Token[]): boolean {
  const phrase = nounPhraseAt(tokens, 0);
  if (phrase === null || !/^(?:an?|my|our|two|three)$/.test(phrase.determiner)) return false;
  const known = possessions.has(phrase.head.lower) || possessions.has(phrase.head.lemma);
  return known && !pets.has(phrase.head.lower);
}

function isJourney(tokens: readonly Token[], clause: TimedClause): boolean {
  if (tokens[0]?.lower === 'to' && nameAt(tokens, 1) !== null)
    return clause.when !== null || tokens.length <= 4;
  if (
    /^(?:camping|hiking|skiing|surfing|diving|sailing|kayaking|snowboarding|climbing)$/.test(
      tokens[0]?.lower ?? '',
    )
  )
    return clause.when !== null;
  if (tokens[0]?.lower === 'on')
    return (
      headOf(
        tokens.slice(1),
        /^(?:trip|vacation|holiday|cruise|safari|honeymoon|retreat|road-trip|pilgrimage)$/,
      ) && clause.when !== null
    );
  const phrase = nounPhraseAt(tokens, 1);
  return (
    tokens[0]?.lower === 'to' &&
    phrase !== null &&
    /^(?:an?|my|our)$/.test(phrase.determiner) &&
    appointments.has(phrase.head.lower) &&
    clause.when !== null
  );
}

function isBeginning(tokens: readonly Token[]): boolean {
  const phrase = nounPhraseAt(tokens, 0);
  if (phrase !== null && /^(?:an?|my|our)$/.test(phrase.determiner)) {
    return /^(?:business|company|blog|podcast|channel|course|class|degree|phd|masters|diet|garden|band|club|hobby|novel|book|internship|apprenticeship|newsletter|foundation|charity|therapy)$/.test(
      phrase.head.lower,
    );
  }
  return (
    /^(?:learning|taking|studying|training|practicing|playing|doing|painting|volunteering|teaching|therapy|university|college)$/.test(
      tokens[0]?.lower ?? '',
    ) && (tokens.length === 1 ? tokens[0]?.pos === 'NOUN' : isNamed(tokens, 1))
  );
}
