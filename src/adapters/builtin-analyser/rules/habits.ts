import { asTold, nounListAt, nounPhraseAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, isCertain, type TimedClause, wordAt } from '../timed-clause.js';
import { thirdPerson } from '../verbs.js';
import { emptyHeads, instruments, sportsAndGames } from '../word-lists.js';

const often =
  /\b(?:every (?:single )?(?:day|other day|morning|evening|night|afternoon|week|weekend|month|year|summer|winter|spring|autumn|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:once|twice|\w+ times) (?:a|per|every) (?:day|week|month|year)|on (?:(?:mon|tues|wednes|thurs|fri|satur|sun)days|weekends|weekdays)|on (?:mon|tues|wednes|thurs|fri|satur|sun)day (?:mornings|evenings|nights|afternoons)|in the (?:mornings|evenings|afternoons)|daily|weekly)\b/i;
const often_ = /^(?:usually|always|often|regularly|normally|generally)$/;

const habitWordsMax = 14;
const notHabits =
  /^(?:be|have|think|know|guess|feel|see|say|tell|get|want|need|love|like|hate|enjoy|prefer|hope|wish|mean|look|wonder|forget|remember|miss|struggle|seem|find|try|believe|worry|learn|hear|thank|appreciate|agree|call|ask|make|let|keep|come|live)$/;

/** What the user does again and again, is at for years, or never does. */
export function habitFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject } = clause;
  if (subject.kind !== 'user' || !isCertain(verb)) return [];
  if (verb.negated) return abstains(clause);
  if (verb.usedTo) return [];
  switch (verb.tense) {
    case 'present':
      return [...regular(clause), ...plays(clause), ...lasting(clause)];
    case 'perfect-progressive':
      return forYears(clause);
    case 'progressive':
      return presentDoing(clause);
    case 'past':
    case 'perfect':
      return gaveUp(clause);
    default:
      return [];
  }
}

function regular(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (notHabits.test(verb.lemma) || clause.when !== null) return [];
  const text = asTold(rest);
  const adverb = verb.adverbs.find((word) => often_.test(word));
  if (
    text === null ||
    rest.length > habitWordsMax ||
    !(often.test(text) || (adverb !== undefined && rest.length > 1))
  )
    return [];
  return [
    {
      text: `The user ${adverb === undefined ? '' : `${adverb} `}${thirdPerson(verb.lemma)} ${text}`,
      slot: null,
      value: text,
      when: null,
    },
  ];
}

function plays(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (verb.lemma !== 'play' || often.test(phraseText(rest))) return [];
  const what = nounListAt(rest, 0);
  if (what === null) return [];
  const known = instruments.has(what.head.lower) || sportsAndGames.has(what.head.lower);
  const text = known ? asTold(rest) : null;
  if (text === null || rest.length > habitWordsMax) return [];
  return [{ text: `The user plays ${text}`, slot: null, value: text, when: null }];
}

const lastingVerbs: Readonly<Record<string, RegExp>> = {
  volunteer: /^(?:at|for|with|in|as)$/,
  collect: /./,
  teach: /./,
  coach: /./,
  drive: /^(?:an?|my|to)$/,
  own: /^(?:an?|two|three|four|some)$/,
  ride: /^(?:an?|my|horses|motorcycles|motorbikes)$/,
  commute: /^(?:to|by|from)$/,
  sing: /^in$/,
  practice: /./,
  practise: /./,
  write: /^(?:poetry|poems|short|novels|songs|code|software|fiction)$/,
  grow: /^(?:my|tomatoes|vegetables|herbs|roses|flowers|our)$/,
  rent: /^(?:an?|my)$/,
  do: /^(?:yoga|pilates|karate|judo|taekwondo|crossfit|ballet|gymnastics|aikido|kickboxing|calligraphy|pottery|ceramics|woodworking|martial)$/,
};

function lasting(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  const fits = Object.hasOwn(lastingVerbs, verb.lemma) ? lastingVerbs[verb.lemma] : undefined;
  if (fits?.test(wordAt(clause, 0)) !== true || often.test(phraseText(rest)) || clause.when !== null)
    return [];
  const phrase = nounPhraseAt(rest, /^(?:at|for|with|in|as|to|by)$/.test(wordAt(clause, 0)) ? 1 : 0);
  const text = asTold(rest);
  if (
    phrase === null ||
    text === null ||
    rest.length > 10 ||
    emptyHeads.has(phrase.head.lower) ||
    (phrase.determiner === 'the' && verb.lemma !== 'volunteer')
  )
    return [];
  return [{ text: `The user ${thirdPerson(verb.lemma)} ${text}`, slot: null, value: text, when: null }];
}

function forYears(clause: TimedClause): FoundFact[] {
  const { verb, rest, since, when } = clause;
  const begun = since ?? (when?.preposition === 'since' ? when : null);
  if (
    begun === null ||
    /^(?:work|live|study|think|wonder|feel|look|want|try|wait|be|have|mean|get|go|see)$/.test(verb.lemma)
  )
    return [];
  const text = rest.length === 0 ? '' : asTold(rest);
  if (text === null || rest.length > 8) return [];
  return [
    {
      text: `The user has been ${verb.said}${text === '' ? '' : ` ${text}`}`,
      slot: null,
      value: text,
      when: begun,
    },
  ];
}

const doings: Readonly<Record<string, RegExp>> = {
  learn: /./,
  train: /^for$/,
  save: /^(?:up|for)$/,
  write: /^an?$/,
  work: /^on$/,
  raise: /./,
  build: /^an?$/,
  renovate: /./,
  restore: /^an?$/,
  organize: /^an?$/,
  read: /^[\p{Lu}]/u,
};

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
    (emptyHeads.has(phrase.head.lower) || phrase.determiner === 'the' || phrase.determiner === 'some')
  )
    return [];
  if (verb.lemma === 'work' && !/^(?:an?|my)$/.test(phrase?.determiner ?? '')) return [];
  return [
    {
      text: `The user is ${verb.said} ${text}`,
      slot: null,
      value: text,
      when: clause.when?.preposition === 'since' ? clause.when : null,
    },
  ];
}

const substances =
  /^(?:meat|pork|beef|fish|seafood|dairy|gluten|eggs|sugar|alcohol|coffee|caffeine|wine|beer|nuts|bread|carbs|soda|milk|shellfish|onions|mushrooms|tomatoes|chicken|chocolate|animal)$/;

function abstains(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (!isCertain(verb) || verb.tense !== 'present') return [];
  const words = rest.filter(({ lower }) => !/^(?:anymore|any|all|at)$/.test(lower));
  const anymore = words.length < rest.length || verb.adverbs.includes('no longer');
  const told =
    verb.adverbs.includes('no longer') || rest.some(({ lower }) => lower === 'anymore')
      ? 'no longer'
      : 'does not';
  const form = told === 'no longer' ? thirdPerson(verb.lemma) : verb.lemma;
  if (/^(?:drink|smoke|drive)$/.test(verb.lemma) && words.length === 0) {
    return [{ text: `The user ${told} ${form}`, slot: `habit:${verb.lemma}`, value: 'no', when: null }];
  }
  const what = /^(?:eat|drink)$/.test(verb.lemma) ? nounListAt(words, 0) : null;
  if (what === null || what.end !== words.length || !substances.test(what.head.lower)) return [];
  const text = asTold(what.tokens);
  return text === null || (anymore && text === '')
    ? []
    : [
        {
          text: `The user ${told} ${form} ${text}`,
          slot: `${verb.lemma}:${text.toLowerCase()}`,
          value: 'no',
          when: null,
        },
      ];
}

function gaveUp(clause: TimedClause): FoundFact[] {
  const { verb, rest, when } = clause;
  if (!isAsserted(clause) || !/^(?:quit|stop)$/.test(verb.lemma)) return [];
  if (!/^(?:smoking|drinking|eating|vaping|gambling)$/.test(wordAt(clause, 0))) return [];
  const text = asTold(rest);
  if (text === null || rest.length > 5) return [];
  const lemma =
    { smoking: 'smoke', drinking: 'drink', eating: 'eat' }[wordAt(clause, 0)] ?? wordAt(clause, 0);
  const what = asTold(rest.slice(1));
  return [
    {
      text: `The user ${verb.lemma === 'stop' ? 'stopped' : 'quit'} ${text}`,
      slot: what === null ? `habit:${lemma}` : `${lemma}:${what.toLowerCase()}`,
      value: 'no',
      when,
    },
  ];
}
