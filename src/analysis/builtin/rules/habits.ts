import { often } from '../frequency.js';
import { asTold, nounListAt, nounPhraseAt, phraseText } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, wordAt } from '../timed-clause.js';
import { thirdPerson } from '../verbs.js';
import { employers, emptyHeads, instruments, possessions, sportsAndGames } from '../word-lists.js';
import { intransitive } from './doings.js';

const usual = /^(?:usually|always|often|regularly|normally|generally)$/;

const habitWordsMax = 14;
const notHabits =
  /^(?:be|have|think|know|guess|feel|see|say|tell|get|want|need|love|like|hate|enjoy|prefer|hope|wish|mean|look|wonder|forget|remember|miss|struggle|seem|find|try|believe|worry|learn|hear|thank|appreciate|agree|call|ask|make|let|keep|come|live)$/;

/** What one does every day and is telling with "usually" alone: "I usually wake up at five". */
const daily = /^(?:wake|drink|sleep|commute|run|jog|swim|cycle)$/;

/** "I go a few times a week" says not what. */
function hasMatter(text: string, lemma: string): boolean {
  return (
    intransitive.test(lemma) ||
    /\p{L}{3}/u.test(text.replace(often, ' ').replace(/^(?:to|a|an|the|few) /, ''))
  );
}

/** What the user does again and again. */
export function habitFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject } = clause;
  if (subject.kind !== 'user' || !isAsserted(clause) || verb.usedTo || verb.tense !== 'present') return [];
  return [...regular(clause), ...plays(clause), ...lasting(clause)];
}

function regular(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (notHabits.test(verb.lemma) || clause.when !== null) return [];
  if (verb.lemma === 'take' && /^my time$/.test(`${wordAt(clause, 0)} ${wordAt(clause, 1)}`)) return [];
  if (/^(?:run|go)$/.test(verb.lemma) && /^(?:out|into|through|over)$/.test(wordAt(clause, 0))) return [];
  const front = phraseText(clause.lead.filter(({ text }) => text !== ',')).toLowerCase();
  const told = rest.length === 0 ? '' : asTold(rest);
  const text = told !== null && often.test(front) ? `${told} ${often.exec(front)?.[0]}`.trim() : told;
  const adverb = verb.adverbs.find((word) => usual.test(word));
  if (text === null || rest.length > habitWordsMax) return [];
  const isTold = often.test(text)
    ? hasMatter(text, verb.lemma)
    : adverb !== undefined && daily.test(verb.lemma);
  if (!isTold) return [];
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
  const told = /^(?:in|for|with|at)$/.test(rest[what.end]?.lower ?? '') ? rest : what.tokens;
  const text = known ? asTold(told) : null;
  if (text === null || told.length > habitWordsMax) return [];
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
  run: /^(?:an?|my|our)$/,
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
    (verb.lemma === 'drive' && /\b(?:crazy|mad|nuts|insane|bananas|wall)$/i.test(text)) ||
    (verb.lemma === 'run' &&
      !employers.has(phrase.head.lower) &&
      !possessions.has(phrase.head.lower) &&
      !/^(?:blog|podcast|channel|website|newsletter|club|farm)$/.test(phrase.head.lower)) ||
    (phrase.determiner === 'the' && verb.lemma !== 'volunteer')
  )
    return [];
  return [{ text: `The user ${thirdPerson(verb.lemma)} ${text}`, slot: null, value: text, when: null }];
}
