import { asTold, nounListAt, nounPhraseAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, wordAt } from '../timed-clause.js';
import { conditions } from '../word-lists.js';

const bodyParts =
  /^(?:arm|leg|wrist|ankle|foot|toe|finger|nose|rib|ribs|hip|collarbone|shoulder|back|knee|elbow|thumb|hand|tooth|jaw|hamstring|acl|meniscus|achilles|tendon)$/;

const isFigureOfSpeech =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: mornings?)?|mornings|work|nonsense|bullshit|drama|people|fun|meetings|small talk)$/i;

/** Allergies, conditions, injuries. */
export function healthFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject, rest, when } = clause;
  if (subject.kind !== 'user' || subject.with.length > 0 || !isAsserted(clause)) return [];
  const past = verb.tense === 'past' || verb.tense === 'perfect';
  if (
    verb.lemma === 'be' &&
    verb.tense === 'present' &&
    wordAt(clause, 0) === 'allergic' &&
    wordAt(clause, 1) === 'to'
  ) {
    const what = nounListAt(rest, 2);
    const text = what === null || /^(?:the|my)$/.test(what.determiner) ? null : asTold(what.tokens);
    return text === null || isFigureOfSpeech.test(text)
      ? []
      : [{ text: `The user is allergic to ${text}`, slot: null, value: text, when: null }];
  }
  if (verb.passive && verb.said === 'diagnosed' && wordAt(clause, 0) === 'with') {
    const text = asTold(rest.slice(0, 8));
    return text === null ? [] : [{ text: `The user was diagnosed ${text}`, slot: null, value: text, when }];
  }
  if (verb.lemma === 'have' && verb.tense === 'present') return hasCondition(clause);
  if (
    /^(?:hurt|break|sprain|injure|tear|twist|fracture|dislocate)$/.test(verb.lemma) &&
    past &&
    wordAt(clause, 0) === 'my'
  ) {
    const at = rest.findIndex(({ lower }) => bodyParts.test(lower));
    if (at < 1 || at > 3) return [];
    const told =
      {
        hurt: 'hurt',
        break: 'broke',
        sprain: 'sprained',
        injure: 'injured',
        tear: 'tore',
        twist: 'twisted',
        fracture: 'fractured',
        dislocate: 'dislocated',
      }[verb.lemma] ?? verb.said;
    return [
      {
        text: `The user ${told} their ${phraseText(rest.slice(1, at + 1))}`,
        slot: null,
        value: wordAt(clause, at),
        when,
      },
    ];
  }
  if (verb.lemma === 'have' && past) {
    const what = nounPhraseAt(rest, 0);
    if (
      what === null ||
      !/^(?:surgery|operation|miscarriage|stroke|transplant)$/.test(what.head.lower) ||
      /^(?:the|no)$/.test(what.determiner)
    )
      return [];
    const text = asTold(rest.slice(0, 8));
    return text === null ? [] : [{ text: `The user had ${text}`, slot: null, value: text, when }];
  }
  return [];
}

function hasCondition(clause: TimedClause): FoundFact[] {
  const what = nounListAt(clause.rest, 0);
  if (what === null || /^(?:the|my|no)$/.test(what.determiner)) return [];
  // "I have a migraine" is of today, "I have migraines" is not.
  if (what.determiner === 'a' && what.head.lower === 'migraine') return [];
  if (!conditions.has(what.head.lower) && !what.tokens.some(({ lower }) => conditions.has(lower))) return [];
  const to = clause.rest[what.end]?.lower === 'to' ? nounListAt(clause.rest, what.end + 1) : null;
  const end = to?.end ?? what.end;
  const text = asTold(clause.rest.slice(0, end));
  // "I have anxiety about the exam" is of the moment.
  if (text === null || /^(?:about|over)$/.test(clause.rest[end]?.lower ?? '')) return [];
  return [{ text: `The user has ${text}`, slot: null, value: text, when: null }];
}
