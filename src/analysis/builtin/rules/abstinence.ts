import { asTold, nounListAt, nounPhraseAt } from '../phrases.js';
import { type FoundFact, isAsserted, isCertain, type TimedClause, wordAt } from '../timed-clause.js';
import { thirdPerson } from '../verbs.js';

/** What the user does not eat, drink or do, and what they gave up. */
export function abstinenceFacts(clause: TimedClause): FoundFact[] {
  const { verb, subject } = clause;
  if (subject.kind !== 'user' || !isCertain(verb)) return [];
  if (verb.negated) return abstains(clause);
  if (verb.usedTo) return formerly(clause);
  return verb.tense === 'past' || verb.tense === 'perfect' ? gaveUp(clause) : [];
}

const substances =
  /^(?:meat|pork|beef|fish|seafood|dairy|gluten|eggs|sugar|alcohol|coffee|caffeine|wine|beer|nuts|bread|carbs|soda|milk|shellfish|onions|mushrooms|tomatoes|chicken|chocolate|animal)$/;

function abstains(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (!isCertain(verb) || verb.tense !== 'present' || !clause.complete) return [];
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

/** "I used to play the drums": over, and told as such. */
function formerly(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (
    verb.negated ||
    /^(?:be|live|work|love|like|hate|enjoy|think|have|get|say|know|want|feel|see)$/.test(verb.lemma)
  )
    return [];
  const text = asTold(rest);
  if (text === null || rest.length > 8 || nounPhraseAt(rest, 0) === null) return [];
  return [{ text: `The user used to ${verb.lemma} ${text}`, slot: null, value: text, when: null }];
}
