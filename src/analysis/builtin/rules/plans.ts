import type { Token } from '../english.js';
import { asTold, nameAt, nounPhraseAt } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, whoOf, wordAt } from '../timed-clause.js';
import { appointments, emptyHeads } from '../word-lists.js';

const planWordsMax = 12;
const travel =
  /^(?:have|fly|travel|go|drive|head|sail|visit|see|meet|run|start|attend|host|perform|celebrate|take|get|leave|present|defend|compete|speak|play|move|open|launch|throw|camp|join|give)$/;
const everyday =
  /^(?:bed|sleep|work|school|store|gym|shop|shower|nap|break|look|try|think|home|walk|kitchen|supermarket|bathroom|lunch|dinner|breakfast|coffee|bite)$/;

/** What the user is going to do: only with a time, or said to be planned. */
export function planFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject } = clause;
  if (subject.kind !== 'user' || !isAsserted(clause)) return [];
  if (verb.lemma === 'be') return isOff(clause);
  if (verb.lemma === 'have' && verb.tense === 'present') return appointment(clause);
  if (verb.lemma === 'plan' && /^(?:present|progressive|perfect-progressive)$/.test(verb.tense))
    return planned(clause);
  if (verb.lemma === 'want' && verb.tense === 'present') return wants(clause, 'wants');
  if (verb.lemma === 'decide' && /^(?:past|perfect)$/.test(verb.tense) && clause.when === null)
    return wants(clause, 'decided');
  if (verb.lemma === 'sign' || verb.lemma === 'move' || verb.passive) return [];
  if (verb.tense === 'future' || (verb.tense === 'progressive' && travel.test(verb.lemma)))
    return willDo(clause);
  return [];
}

/** Today is not long enough to be remembered for. */
function liesAhead(clause: TimedClause): boolean {
  const { when, writtenAtMs } = clause;
  if (when === null) return false;
  const isDay = when.endMs - when.startMs < 86_400_000;
  return isDay ? when.startMs > writtenAtMs : when.endMs > writtenAtMs;
}

function appointment(clause: TimedClause): FoundFact[] {
  const phrase = nounPhraseAt(clause.rest, 0);
  if (
    phrase === null ||
    !liesAhead(clause) ||
    !appointments.has(phrase.head.lower) ||
    phrase.determiner === 'no'
  )
    return [];
  const text = asTold(clause.rest);
  if (text === null || clause.rest.length > planWordsMax) return [];
  return [{ text: `The user has ${text}`, slot: null, value: text, when: clause.when }];
}

function plan(clause: TimedClause, what: string): FoundFact[] {
  const who = whoOf(clause);
  return [
    {
      text: `${who} ${who === 'The user' ? 'plans' : 'plan'} ${what}`,
      slot: null,
      value: what,
      when: clause.when,
    },
  ];
}

function planned(clause: TimedClause): FoundFact[] {
  const { rest } = clause;
  const first = wordAt(clause, 0);
  const text = asTold(rest);
  if (text === null || rest.length > planWordsMax) return [];
  if (first === 'to') return rest[1]?.pos === 'VERB' && isTelling(rest.slice(2)) ? plan(clause, text) : [];
  if (first === 'on' && /ing$/.test(wordAt(clause, 1)))
    return isTelling(rest.slice(2)) ? plan(clause, text) : [];
  const phrase = nounPhraseAt(rest, 0);
  return phrase !== null && /^(?:an?|my|our)$/.test(phrase.determiner) && appointments.has(phrase.head.lower)
    ? plan(clause, text)
    : [];
}

const wanted =
  /^(?:learn|become|visit|start|open|write|buy|travel|study|run|climb|publish|adopt|build|retire)$/;

function wants(clause: TimedClause, told: string): FoundFact[] {
  const { rest } = clause;
  if (wordAt(clause, 0) !== 'to' || !wanted.test(rest[1]?.lower ?? '')) return [];
  const text = asTold(rest);
  const isSkill = rest[2]?.lower === 'how' || (rest[1]?.lower === 'learn' && rest[2]?.lower === 'to');
  if (text === null || rest.length > planWordsMax || !(isSkill || isTelling(rest.slice(2)))) return [];
  if (/^(?:learn|study|run|travel)$/.test(rest[1]?.lower ?? '') && rest[2]?.lower === 'more') return [];
  return [{ text: `The user ${told} ${text}`, slot: null, value: text, when: clause.when }];
}

function willDo(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  const goesSomewhere =
    /^(?:fly|travel|go|drive|head|sail)$/.test(verb.lemma) &&
    wordAt(clause, 0) === 'to' &&
    nameAt(rest, 1) !== null;
  if (
    !liesAhead(clause) &&
    !(goesSomewhere && verb.tense === 'progressive' && clause.when === null && rest.length <= 4)
  )
    return [];
  if (
    /^(?:be|know|see|think|try|need|want|like|love|feel|let|hope|make|keep|look|tell|check|think|miss|talk|find|ask)$/.test(
      verb.lemma,
    )
  )
    return [];
  const text = rest.length === 0 ? null : asTold(rest);
  if (text === null || rest.length > planWordsMax || !isTelling(rest)) return [];
  return plan(clause, `to ${verb.lemma} ${text}`);
}

/** "We are off to Canada next month". */
function isOff(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (
    verb.tense !== 'present' ||
    wordAt(clause, 0) !== 'off' ||
    wordAt(clause, 1) !== 'to' ||
    !liesAhead(clause)
  )
    return [];
  const text = nameAt(rest, 2) === null ? null : asTold(rest.slice(1));
  return text === null || rest.length > planWordsMax ? [] : plan(clause, `to go ${text}`);
}

/** Something is named: a thing, a place, a person. */
function isTelling(tokens: readonly Token[]): boolean {
  const noun = tokens.find(({ pos }) => pos === 'NOUN' || pos === 'PROPN');
  return noun !== undefined && !emptyHeads.has(noun.lower) && !everyday.test(noun.lower);
}
