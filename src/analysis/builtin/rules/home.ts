import { asTold, nounPhraseAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, isCertain, type TimedClause, whoOf, wordAt } from '../timed-clause.js';
import { placeAt } from './places.js';

const recentMs = 365 * 86_400_000;

/** Where the user lives, and where they moved. */
export function homeFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject } = clause;
  if (subject.kind !== 'user' || !isCertain(verb)) return [];
  switch (verb.lemma) {
    case 'live':
      return verb.negated ? livesNoLonger(clause) : lives(clause);
    case 'move':
    case 'relocate':
      return isAsserted(clause) ? moves(clause) : [];
    case 'be':
      return isAsserted(clause) &&
        verb.tense === 'present' &&
        wordAt(clause, 0) === 'based' &&
        wordAt(clause, 1) === 'in'
        ? home(clause, 2, 'is based in')
        : [];
    default:
      return [];
  }
}

function home(clause: TimedClause, at: number, verb: string): FoundFact[] {
  const place = placeAt(clause.rest, at);
  if (place === null) return [];
  const company = withWhom(clause, place.end);
  const slot = place.name === null ? 'dwelling' : 'home';
  return [
    {
      text: `The user ${verb} ${place.text}${company}`,
      slot,
      value: (place.name ?? place.text).toLowerCase(),
      when: clause.since ?? clause.when,
    },
  ];
}

function lives(clause: TimedClause): FoundFact[] {
  const preposition = wordAt(clause, 0);
  const { tense, usedTo } = clause.verb;
  const past = tense === 'past' || usedTo;
  if (/^(?:in|near|outside|on)$/.test(preposition)) {
    const found = home(clause, 1, `${past ? (usedTo ? 'used to live' : 'lived') : 'lives'} ${preposition}`);
    return past ? found.map((fact) => ({ ...fact, slot: null })) : found;
  }
  if (past || tense === 'future') return [];
  if (preposition === 'alone')
    return [{ text: 'The user lives alone', slot: 'household', value: 'alone', when: null }];
  const company = withWhom(clause, 0);
  return company === ''
    ? []
    : [{ text: `The user lives${company}`, slot: 'household', value: company.trim(), when: null }];
}

function withWhom(clause: TimedClause, at: number): string {
  if (wordAt(clause, at) !== 'with' || !/^(?:my|our|two|three|a)$/.test(wordAt(clause, at + 1))) return '';
  const whom = asTold(clause.rest.slice(at));
  return whom === null || whom.split(' ').length > 10 ? '' : ` ${whom}`;
}

function livesNoLonger(clause: TimedClause): FoundFact[] {
  const noLonger =
    clause.verb.adverbs.includes('no longer') || clause.rest.some(({ lower }) => lower === 'anymore');
  const place = wordAt(clause, 0) === 'in' ? placeAt(clause.rest, 1) : null;
  if (!noLonger || place?.name == null) return [];
  return [
    {
      text: `The user no longer lives in ${place.text}`,
      slot: 'home',
      value: `no longer ${place.name.toLowerCase()}`,
      when: clause.when,
    },
  ];
}

function moves(clause: TimedClause): FoundFact[] {
  const { tense } = clause.verb;
  const who = whoOf(clause);
  let at = 0;
  if (/^(?:back|here|out|over)$/.test(wordAt(clause, at))) at += 1;
  if (wordAt(clause, at) === 'in' && wordAt(clause, at + 1) === 'with' && wordAt(clause, at + 2) === 'my') {
    const whom = nounPhraseAt(clause.rest, at + 2);
    const text = whom === null ? null : asTold(whom.tokens);
    if (text === null || (tense !== 'past' && tense !== 'perfect')) return [];
    return [{ text: `The user moved in with ${text}`, slot: 'household', value: text, when: clause.when }];
  }
  const to = clause.rest.findIndex(({ lower }, i) => i >= at && lower === 'to');
  if (to === -1 || to > at + 6) return [];
  // "I moved the file to Documents"
  if (to !== at && !/^(?:from|with|house|home|away|abroad)$/.test(wordAt(clause, at))) return [];
  const place = placeAt(clause.rest, to + 1);
  if (place === null || (place.name === null && !/^(?:a|an|the)$/.test(wordAt(clause, to + 1)))) return [];
  const from = clause.rest.findIndex(({ lower }) => lower === 'from');
  const origin = from === -1 ? null : placeAt(clause.rest, from + 1);
  const whence = origin === null ? '' : ` from ${origin.text}`;
  const slot = place.name === null ? 'dwelling' : 'home';
  const value = (place.name ?? place.text).toLowerCase();
  if (tense === 'past' || tense === 'perfect') {
    const fact = { text: `${who} moved${whence} to ${place.text}`, value, when: clause.when };
    // Who moved long ago may have moved again.
    const isRecent = clause.when === null || clause.writtenAtMs - clause.when.endMs < recentMs;
    return [
      isRecent
        ? { ...fact, slot, ending: `and live${who === 'The user' ? 's' : ''} there` }
        : { ...fact, slot: null },
    ];
  }
  if (tense === 'future' || tense === 'progressive') {
    const plan = who === 'The user' ? 'plans' : 'plan';
    return [
      {
        text: `${who} ${plan} to move${whence} to ${phraseText(clause.rest.slice(to + 1, place.end))}`,
        slot: null,
        value,
        when: clause.when,
      },
    ];
  }
  return [];
}
