import { asTold, nameAt, nounListAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, wordAt } from '../timed-clause.js';
import { emptyHeads } from '../word-lists.js';

/** What the user studies or studied, and the languages they speak. */
export function studyFacts(clause: TimedClause): FoundFact[] {
  if (clause.subject.kind !== 'user' || !isAsserted(clause)) return [];
  switch (clause.verb.lemma) {
    case 'study':
      return studies(clause);
    case 'graduate':
      return graduated(clause);
    case 'speak':
      return speaks(clause);
    default:
      return [];
  }
}

function studies(clause: TimedClause): FoundFact[] {
  if (/^(?:for|towards)$/.test(wordAt(clause, 0))) return studiesFor(clause);
  const subject = nounListAt(clause.rest, 0);
  const { tense } = clause.verb;
  if (tense === 'future' || tense === 'past-progressive') return [];
  const past = tense === 'past';
  const at = subject?.end ?? 0;
  const school = wordAt(clause, at) === 'at' ? nameAt(clause.rest, at + 1) : null;
  if (subject !== null && (subject.determiner !== '' || emptyHeads.has(subject.head.lower))) return [];
  if (subject === null && school === null) return [];
  const what = subject === null ? '' : ` ${phraseText(subject.tokens)}`;
  const where = school === null ? '' : ` at ${phraseText(school.tokens)}`;
  return [
    {
      text: `The user ${past ? 'studied' : 'studies'}${what}${where}`,
      slot: past ? null : 'studies',
      value: `${what}${where}`.trim().toLowerCase(),
      when: clause.since ?? clause.when,
    },
  ];
}

function graduated(clause: TimedClause): FoundFact[] {
  if (clause.verb.tense !== 'past' && clause.verb.tense !== 'perfect') return [];
  const from = /^(?:from|with)$/.test(wordAt(clause, 0)) ? (asTold(clause.rest.slice(0, 9)) ?? '') : '';
  if (from === '' && clause.when === null) return [];
  return [
    {
      text: `The user graduated${from === '' ? '' : ` ${from}`}`,
      slot: null,
      value: from,
      when: clause.when,
    },
  ];
}

function speaks(clause: TimedClause): FoundFact[] {
  if (clause.verb.tense !== 'present') return [];
  const languages = nounListAt(clause.rest, 0);
  if (languages === null || !/^\p{Lu}/u.test(languages.head.text)) return [];
  return [
    {
      text: `The user speaks ${phraseText(languages.tokens)}`,
      slot: null,
      value: phraseText(languages.tokens),
      when: null,
    },
  ];
}

/** "studying for a master's in public health"; an exam is a plan at most. */
function studiesFor(clause: TimedClause): FoundFact[] {
  const text = asTold(clause.rest);
  const degree =
    /^(?:for|towards) (?:an?|my) (?:[\p{L}'-]+ ){0,2}?(?:degree|master'?s?|phd|bachelor'?s?|mba|diploma|doctorate|certificate)\b/iu;
  if (
    text === null ||
    clause.verb.tense === 'past' ||
    clause.rest.length > 10 ||
    !degree.test(phraseText(clause.rest))
  )
    return [];
  return [
    { text: `The user is studying ${text}`, slot: 'studies', value: text.toLowerCase(), when: clause.since },
  ];
}
