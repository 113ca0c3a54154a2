import type { Token } from '../english.js';
import { asTold, nounPhraseAt } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, whoOf, wordAt } from '../timed-clause.js';
import { emptyHeads } from '../word-lists.js';

/** What the user has been at for a time: learning, training, saving, building. */
export function doingFacts(clause: TimedClause): FoundFact[] {
  if (clause.subject.kind !== 'user' || !isAsserted(clause)) return [];
  if (clause.verb.tense === 'perfect-progressive') return forYears(clause);
  return clause.verb.tense === 'progressive' ? presentDoing(clause) : [];
}

/** Verbs that say enough by themselves. */
export const intransitive =
  /^(?:run|swim|cycle|meditate|ride|dance|paint|hike|jog|walk|exercise|train|climb|ski|surf|bake|garden|knit|sing|write|fast|travel|volunteer|cook|skate|fish|sail|work|commute|practice|practise|read|draw|pray)$/;

const doings: Readonly<Record<string, RegExp>> = {
  learn: /./,
  train: /^for$/,
  save: /^(?:up|for)$/,
  write: /^an?$/,
  work: /^on$/,
  raise: /./,
  run: /^for$/,
  expect: /^(?:an?|our|twins)$/,
  build: /^an?$/,
  renovate: /./,
  restore: /^an?$/,
  organize: /^an?$/,
  read: /^(?:\p{Lu}|an?$)/u,
};

function forYears(clause: TimedClause): FoundFact[] {
  const { verb, rest, since, when } = clause;
  const begun = since ?? (when?.preposition === 'since' ? when : null);
  if (
    begun === null ||
    /^(?:work|live|study|think|wonder|feel|look|want|try|wait|be|have|mean|get|go|see)$/.test(verb.lemma)
  )
    return [];
  const text = rest.length === 0 ? '' : asTold(rest);
  if (text === null || rest.length > 8 || !clause.complete) return [];
  if (text === '' && !intransitive.test(verb.lemma)) return [];
  return [
    {
      text: `The user has been ${verb.said}${text === '' ? '' : ` ${text}`}`,
      slot: null,
      value: text,
      when: begun,
    },
  ];
}

function presentDoing(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  const fits = Object.hasOwn(doings, verb.lemma) ? doings[verb.lemma] : undefined;
  if (fits === undefined || !fits.test(verb.lemma === 'read' ? (rest[0]?.text ?? '') : wordAt(clause, 0)))
    return [];
  const offset = /^(?:for|on)$/.test(wordAt(clause, 0)) ? 1 : wordAt(clause, 0) === 'up' ? 2 : 0;
  const isHow = /^(?:to|how)$/.test(wordAt(clause, 0)) && verb.lemma === 'learn';
  const phrase = nounPhraseAt(rest, offset);
  const text = asTold(rest);
  if (text === null || rest.length > 10 || (phrase === null && !isHow)) return [];
  if (
    phrase !== null &&
    (emptyHeads.has(phrase.head.lower) ||
      (phrase.determiner === 'the' && !isProper(phrase.tokens)) ||
      phrase.determiner === 'some')
  )
    return [];
  if (
    verb.lemma === 'read' &&
    phrase?.determiner !== '' &&
    !/^(?:book|novel|biography|memoir|series)$/.test(phrase?.head.lower ?? '')
  )
    return [];
  if (
    verb.lemma === 'expect' &&
    !/^(?:baby|child|twins|girl|boy|son|daughter|kid)$/.test(phrase?.head.lower ?? '')
  )
    return [];
  if (verb.lemma === 'work' && !/^(?:an?|my)$/.test(phrase?.determiner ?? '')) return [];
  return [
    {
      text: `${whoOf(clause)} ${clause.subject.kind === 'user' && clause.subject.with.length > 0 ? 'are' : 'is'} ${verb.said} ${text}`,
      slot: null,
      value: text,
      when: verb.lemma === 'expect' || clause.when?.preposition === 'since' ? clause.when : null,
    },
  ];
}

/** "the Freiburg half marathon" names one; "the run" only points at it. */
function isProper(tokens: readonly Token[]): boolean {
  return tokens.slice(1).some(({ text }) => /^\p{Lu}\p{L}/u.test(text));
}
