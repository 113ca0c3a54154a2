import { asTold, nameAt, nounListAt, phraseText, trimmed } from '../phrases.js';
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
  const isSchool =
    wordAt(clause, 0) === 'with' ||
    clause.rest.some(({ text }, i) => i > 0 && /^\p{Lu}/u.test(text)) ||
    clause.rest.some(({ lower }) => /^(?:school|university|college|academy|uni|institute)$/.test(lower));
  const from =
    /^(?:from|with)$/.test(wordAt(clause, 0)) && isSchool ? (asTold(clause.rest.slice(0, 9)) ?? '') : '';
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

/** "Polish, Dutch and some French". */
const measure = /^(?:and|some|a|an|little|bit|of|basic|fluent|broken|decent|conversational)$/;

function speaks(clause: TimedClause): FoundFact[] {
  if (clause.verb.tense !== 'present') return [];
  const languages = nounListAt(clause.rest, 0);
  if (languages === null || !/^\p{Lu}/u.test(languages.head.text)) return [];
  const end = clause.rest.findIndex(({ text, lower }) => !/^\p{Lu}|^,$/u.test(text) && !measure.test(lower));
  const all = trimmed(end === -1 ? clause.rest : clause.rest.slice(0, end));
  const text = phraseText(all.length > languages.end ? all : languages.tokens);
  return [{ text: `The user speaks ${text}`, slot: null, value: text, when: null }];
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
