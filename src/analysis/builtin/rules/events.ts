import type { Token } from '../english.js';
import { asTold, nameAt, nounPhraseAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, whoOf, wordAt } from '../timed-clause.js';
import { pastOf } from '../verbs.js';
import { appointments, emptyHeads, pets, possessions, relations } from '../word-lists.js';

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
  pass: (tokens) => headOf(tokens, /^(?:tests?|exams?|examinations?|interviews?|bar)$/),
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
  if (!isAsserted(clause) || verb.passive || verb.usedTo) return [];
  if (verb.tense !== 'past' && verb.tense !== 'perfect') return [];
  if (subject.kind === 'theirs') return happenedToTheirs(clause, subject.words.slice(1));
  if (verb.lemma === 'give' && verb.said === 'gave' && wordAt(clause, 0) === 'birth')
    return birthGiven(clause);
  const told = Object.hasOwn(events, verb.lemma) ? events[verb.lemma] : undefined;
  if (told?.(rest, clause) !== true && !isDatedEvent(clause)) return [];
  if (verb.lemma === 'get' && verb.tense === 'perfect' && verb.said === 'got') return [];
  const text = asTold(rest);
  if (text === null || rest.length > eventWordsMax) return [];
  // "I spent last summer in Greece": the time was the object.
  if (verb.lemma === 'spend' && rest[0]?.pos === 'ADP') {
    return nameAt(rest, 1) === null
      ? []
      : [
          {
            text: `${whoOf(clause)} ${subject.with.length === 0 ? 'was' : 'were'} ${text}`,
            slot: null,
            value: text,
            when,
          },
        ];
  }
  return [
    { text: `${whoOf(clause)} ${pastOf(verb.lemma, verb.said)} ${text}`, slot: null, value: text, when },
  ];
}

const dated =
  /^(?:take|start|begin|decide|volunteer|participate|meet|make|paint|build|host|celebrate|perform|climb|camp|explore|try|present|donate|organize|organise|plant|repair|restore|receive|watch|see|attend|submit|install|replace|hike|compose|record|write|bake|hold|throw|have|go|spend|adopt|upgrade|tour|swim|ride|give|sculpt)$/;
const trivial =
  /^(?:photo|photos|pic|pics|picture|pictures|shower|nap|break|look|walk|lunch|dinner|breakfast|coffee|meal|store|shop|supermarket|gym|work|bed|sleep|home|call|talk|chat|fun|blast|ball|laugh|drink|drinks|mess|mistake|bath|cold|headache|dream|rest|chance|conversation|setback|issue|game|games|hour|hours|morning|evening|afternoon|weekend|while)$/;

/** What one has once, and not every day. */
const occasions =
  /^(?:accident|surgery|operation|baby|picnic|party|ceremony|wedding|scare|exam|interview|audition|exhibition|concert|recital|crash|meeting|appointment|reunion|show|opening|premiere|graduation|funeral|barbecue|checkup|check-up|trip|holiday|vacation|competition|tournament|race|performance|lesson|class|party|date|argument|breakup|miscarriage|stroke)$/;

/** With a date, a doing is worth remembering if it names what was done: "we hosted a barbecue on 3 May". */
function isDatedEvent({ verb, rest, when }: TimedClause): boolean {
  if (when === null || !dated.test(verb.lemma)) return false;
  if (/^(?:try|start|begin)$/.test(verb.lemma) && /^\p{Ll}{3,}ing$/u.test(rest[0]?.text ?? '')) return true;
  if (verb.lemma === 'decide')
    return (
      rest[0]?.lower === 'to' &&
      rest[1]?.pos === 'VERB' &&
      rest.slice(2).some(({ pos }) => /^(?:NOUN|PROPN)$/.test(pos))
    );
  if (verb.lemma === 'have' && !headOf(rest, occasions)) return false;
  const moves = /^(?:go|volunteer|participate|help|hike|swim|ride|climb|camp|perform|spend)$/.test(
    verb.lemma,
  );
  const at = /^(?:to|on|in|at|with|up|for)$/.test(rest[0]?.lower ?? '') && moves ? 1 : 0;
  const phrase = nounPhraseAt(rest, at);
  if (phrase === null || !/^(?:an?|my|our|two|three|four|five|)$/.test(phrase.determiner)) return false;
  if (phrase.determiner === '' && !phrase.tokens.some(({ text }) => /^\p{Lu}/u.test(text))) return false;
  return !emptyHeads.has(phrase.head.lower) && !trivial.test(phrase.head.lower);
}

/** "my son had an accident last Tuesday": told of those whom the user calls theirs, with a date only. */
function happenedToTheirs(clause: TimedClause, words: readonly Token[]): FoundFact[] {
  const { verb, rest, when } = clause;
  if (when === null || !relations.has(words[0]?.lower ?? '') || words.length > 2) return [];
  const weighty =
    verb.lemma === 'have' &&
    headOf(rest, /^(?:accident|surgery|operation|baby|stroke|birthday|exam|recital|wedding)$/);
  const begins =
    /^(?:start|begin|finish)$/.test(verb.lemma) &&
    headOf(rest, /^(?:school|university|college|kindergarten|job|preschool)$/);
  const ends = verb.lemma === 'graduate' || (verb.lemma === 'win' && isNamed(rest, 0));
  if (!weighty && !begins && !ends) return [];
  const text = rest.length === 0 ? '' : asTold(rest);
  if (text === null || rest.length > 6) return [];
  return [
    {
      text: `The user's ${phraseText(words)} ${pastOf(verb.lemma, verb.said)} ${text}`.trim(),
      slot: null,
      value: text,
      when,
    },
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
