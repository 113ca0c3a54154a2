import type { Token } from '../english.js';
import { asTold, nameAt, nounPhraseAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, isCertain, type TimedClause, wordAt } from '../timed-clause.js';
import { employers, emptyHeads, occupations } from '../word-lists.js';
import { placeAt } from './places.js';

/** What the user does for a living, where, and what they study. */
export function workFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject } = clause;
  if (subject.kind !== 'user' || !isCertain(verb)) return [];
  if (verb.negated) return verb.lemma === 'work' ? worksNoLonger(clause) : [];
  switch (verb.lemma) {
    case 'work':
      return works(clause);
    case 'be':
      return isOccupied(clause);
    case 'get':
    case 'start':
    case 'land':
    case 'accept':
      return [...startsJob(clause), ...promoted(clause)];
    case 'join':
      return joins(clause);
    case 'quit':
    case 'leave':
    case 'lose':
      return endsJob(clause);
    case 'retire':
      return clause.verb.tense === 'past'
        ? [{ text: 'The user retired', slot: 'job', value: 'retired', when: clause.when }]
        : [];
    default:
      return [];
  }
}

/** Jobs of the user or of someone of theirs: "a structural engineer". */
export function occupationAt(tokens: readonly Token[], at: number): { text: string; end: number } | null {
  const phrase = nounPhraseAt(tokens, at);
  if (phrase === null || !/^an?$/.test(phrase.determiner)) return null;
  const head = phrase.head.lower;
  if (!occupations.has(head) && !occupations.has(phrase.head.lemma)) return null;
  const after = tokens[phrase.end];
  // "a nurse, who", "a doctor at heart", "a doctor myself": what follows may take it back.
  if (after !== undefined && !/^(?:,|at|in|for|and|with|from|by|on|working)$/.test(after.lower)) return null;
  if (
    /^(?:good|bad|terrible|great|lousy|amateur|aspiring|wannabe|would-be|big|better|little)$/.test(
      tokens[at + 1]?.lower ?? '',
    )
  )
    return null;
  return { text: phraseText(phrase.tokens), end: phrase.end };
}

/** "Arup", "the city council", "a startup". */
export function employerAt(tokens: readonly Token[], at: number): { text: string; end: number } | null {
  const name = nameAt(tokens, at);
  if (name !== null) {
    const after = nounPhraseAt(tokens, at);
    const whole = after !== null && after.end > name.end && employers.has(after.head.lower) ? after : name;
    return { text: phraseText(whole.tokens), end: whole.end };
  }
  const phrase = nounPhraseAt(tokens, at);
  if (phrase === null || !employers.has(phrase.head.lower)) return null;
  const text = asTold(phrase.tokens);
  return text === null ? null : { text, end: phrase.end };
}

function employer(clause: TimedClause, at: number, how: string): FoundFact[] {
  if (!/^(?:at|for)$/.test(wordAt(clause, at))) return [];
  const found = employerAt(clause.rest, at + 1);
  if (found === null) return [];
  return [
    {
      text: `The user ${how} ${wordAt(clause, at)} ${found.text}`,
      slot: 'employer',
      value: found.text.toLowerCase(),
      when: clause.since ?? clause.when,
    },
  ];
}

function works(clause: TimedClause): FoundFact[] {
  const { tense, usedTo } = clause.verb;
  const past = tense === 'past' || usedTo;
  if (tense === 'future' || tense === 'past-progressive') return [];
  const facts: FoundFact[] = [];
  let at = /^(?:nights|shifts|part-time|full-time|remotely|there)$/.test(wordAt(clause, 0)) ? 1 : 0;
  if (wordAt(clause, 0) === 'as') {
    const job = occupationAt(clause.rest, 1);
    if (job === null) return [];
    facts.push({
      text: `The user ${past ? 'worked' : 'works'} as ${job.text}`,
      slot: 'job',
      value: bare(job.text),
      when: clause.since ?? clause.when,
    });
    at = job.end;
  }
  facts.push(...employer(clause, at, past ? 'worked' : 'works'));
  if (facts.length === 0 && wordAt(clause, 0) === 'in') facts.push(...field(clause, past));
  if (
    facts.length === 0 &&
    /^from home$/.test(`${wordAt(clause, 0)} ${wordAt(clause, 1)}`) &&
    !past &&
    clause.when === null
  ) {
    const days = clause.rest.length === 2 ? '' : asTold(clause.rest.slice(2));
    if (days === '')
      facts.push({ text: 'The user works from home', slot: 'workplace', value: 'home', when: null });
    else if (days !== null && /^on \p{Lu}\p{L}+days?\b|^(?:once|twice|\p{L}+ (?:days|times)) /u.test(days))
      facts.push({ text: `The user works from home ${days}`, slot: null, value: days, when: null });
  }
  return past ? facts.map((fact) => ({ ...fact, slot: null })) : facts;
}

const fields =
  /^(?:finance|it|tech|technology|marketing|healthcare|education|sales|construction|hospitality|retail|insurance|banking|research|logistics|advertising|publishing|accounting|hr|agriculture|journalism|consulting|cybersecurity|software|pharma|film|fashion|tourism|law|manufacturing|biotech|robotics|aviation)$/;

function field(clause: TimedClause, past: boolean): FoundFact[] {
  const phrase = nounPhraseAt(clause.rest, 1);
  if (phrase === null || phrase.determiner !== '' || !fields.test(phrase.head.lower)) return [];
  const text = phraseText(phrase.tokens);
  return [
    {
      text: `The user ${past ? 'worked' : 'works'} in ${text}`,
      slot: 'field of work',
      value: text.toLowerCase(),
      when: clause.since ?? clause.when,
    },
  ];
}

function bare(text: string): string {
  return text.replace(/^(?:an?|the) /i, '').toLowerCase();
}

function isOccupied(clause: TimedClause): FoundFact[] {
  const { tense } = clause.verb;
  if (tense === 'future') return [];
  const job = occupationAt(clause.rest, 0);
  if (job === null) return [];
  const past = tense === 'past';
  const has =
    clause.rest[job.end]?.lower === 'at' ? employer(clause, job.end, past ? 'worked' : 'works') : [];
  const facts = [
    {
      text: `The user ${past ? 'was' : 'is'} ${job.text}`,
      slot: 'job',
      value: bare(job.text),
      when: clause.since ?? clause.when,
    },
    ...has,
  ];
  return past ? facts.map((fact) => ({ ...fact, slot: null })) : facts;
}

function worksNoLonger(clause: TimedClause): FoundFact[] {
  const noLonger =
    clause.verb.adverbs.includes('no longer') || clause.rest.some(({ lower }) => lower === 'anymore');
  if (!noLonger || !/^(?:at|for)$/.test(wordAt(clause, 0))) return [];
  const found = employerAt(clause.rest, 1);
  if (found === null) return [];
  return [
    {
      text: `The user no longer works ${wordAt(clause, 0)} ${found.text}`,
      slot: 'employer',
      value: `no longer ${found.text.toLowerCase()}`,
      when: clause.when,
    },
  ];
}

function startsJob(clause: TimedClause): FoundFact[] {
  const { tense } = clause.verb;
  const ahead =
    (tense === 'progressive' || tense === 'future') && clause.verb.lemma === 'start' && clause.when !== null;
  if (tense !== 'past' && tense !== 'perfect' && !ahead) return [];
  let at = 0;
  const job = nounPhraseAt(clause.rest, 0);
  if (wordAt(clause, 0) === 'working') at = 1;
  else if (
    job !== null &&
    /^(?:job|position|internship|role)$/.test(job.head.lower) &&
    job.determiner !== 'the'
  )
    at = job.end;
  else return [];
  const begins = ahead ? 'plans to start' : clause.verb.lemma === 'start' ? 'started' : 'got';
  const begun = at === 1 ? `${begins} working` : `${begins} ${asTold(clause.rest.slice(0, at)) ?? 'a job'}`;
  const place = wordAt(clause, at) === 'in' ? placeAt(clause.rest, at + 1) : null;
  const inPlace = place?.name == null ? '' : ` in ${place.text}`;
  if (place !== null && inPlace !== '') at = place.end;
  const role = wordAt(clause, at) === 'as' ? occupationAt(clause.rest, at + 1) : null;
  if (role !== null) at = role.end;
  const what = `${begun}${inPlace}`;
  const where = employer(clause, at, `${what}${role === null ? '' : ` as ${role.text}`}`);
  const isNow = (facts: FoundFact[]): FoundFact[] =>
    facts.map((fact) => (ahead ? { ...fact, slot: null } : fact));
  if (where.length > 0) return isNow(where);
  if (role !== null)
    return isNow([
      { text: `The user ${what} as ${role.text}`, slot: 'job', value: bare(role.text), when: clause.when },
    ]);
  return clause.when === null && inPlace === ''
    ? []
    : [{ text: `The user ${what}`, slot: null, value: what, when: clause.when }];
}

function promoted(clause: TimedClause): FoundFact[] {
  if (
    !/^(?:promoted|fired|hired|laid)$/.test(wordAt(clause, 0)) ||
    clause.verb.lemma !== 'get' ||
    wordAt(clause, 1) === 'up' ||
    !isAsserted(clause)
  )
    return [];
  const rest = asTold(clause.rest.slice(0, 10));
  if (rest === null || clause.verb.tense === 'present') return [];
  return [{ text: `The user got ${rest}`, slot: null, value: rest, when: clause.when }];
}

function joins(clause: TimedClause): FoundFact[] {
  if (clause.verb.tense !== 'past' && clause.verb.tense !== 'perfect') return [];
  const phrase = nounPhraseAt(clause.rest, 0);
  if (phrase === null || phrase.determiner === 'the' || emptyHeads.has(phrase.head.lower)) return [];
  const text = asTold(clause.rest.slice(0, 10));
  return text === null
    ? []
    : [{ text: `The user joined ${text}`, slot: null, value: text, when: clause.when }];
}

function endsJob(clause: TimedClause): FoundFact[] {
  const { tense, lemma } = clause.verb;
  const job = nounPhraseAt(clause.rest, 0);
  if (
    job === null ||
    job.determiner !== 'my' ||
    job.head.lower !== 'job' ||
    (tense !== 'past' && tense !== 'perfect')
  )
    return [];
  const at = wordAt(clause, job.end) === 'at' ? employerAt(clause.rest, job.end + 1) : null;
  const verb = lemma === 'quit' ? 'quit' : lemma === 'lose' ? 'lost' : 'left';
  return [
    {
      text: `The user ${verb} their job${at === null ? '' : ` at ${at.text}`}`,
      slot: 'employer',
      value: `${verb} job`,
      when: clause.when,
    },
  ];
}
