import { nameAt, nounPhraseAt, phraseText, titled } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, whoOf, wordAt } from '../timed-clause.js';
import { diets, identities, nationalitySuffix } from '../word-lists.js';
import { placeAt } from './places.js';

/** Name, age, birthday, origin, marriage, diet: what "I am" says of a person for long. */
export function identityFacts(clause: TimedClause): FoundFact[] {
  if (clause.subject.kind === 'theirs') return ownAttribute(clause);
  const { verb } = clause;
  if (verb.lemma === 'call' || verb.lemma === 'go') return nameGiven(clause);
  if (verb.passive && verb.said === 'born' && isAsserted(clause)) return birth(clause);
  if (verb.lemma === 'turn' && isAsserted(clause)) return turned(clause);
  if (verb.lemma === 'grow' && wordAt(clause, 0) === 'up' && isAsserted(clause)) return grewUp(clause);
  if (verb.lemma === 'come' && verb.tense === 'present' && isAsserted(clause)) return origin(clause, 0);
  if (verb.lemma === 'get' && isAsserted(clause)) return gotMarried(clause);
  if (verb.lemma !== 'be' || verb.tense === 'past' || verb.tense === 'future') return [];
  if (verb.negated) return deniedState(clause);
  if (!isAsserted(clause)) return [];
  return [
    ...age(clause),
    ...origin(clause, wordAt(clause, 0) === 'originally' ? 1 : 0),
    ...state(clause),
    ...kindOfPerson(clause),
    ...greetedName(clause),
  ];
}

/** "my name is", "my birthday is". */
function ownAttribute(clause: TimedClause): FoundFact[] {
  const { subject, verb, rest, when } = clause;
  if (subject.kind !== 'theirs' || verb.lemma !== 'be' || verb.tense !== 'present' || !isAsserted(clause))
    return [];
  const what = phraseText(subject.words.slice(1)).toLowerCase();
  if (/^(?:full |first |real |given )?name$/.test(what)) {
    const name = nameAt(rest, 0);
    return name === null ? [] : [named('is named', phraseText(name.tokens))];
  }
  if (what === 'birthday' && when !== null && /^on \d/.test(when.phrase)) {
    const date = when.phrase.replace(/^on (.*) \d{4}$/, '$1');
    return [
      { text: `The user's birthday is on ${date}`, slot: 'birthday', value: date.toLowerCase(), when: null },
    ];
  }
  if (/^(?:native language|mother tongue|first language)$/.test(what)) {
    const language = nameAt(rest, 0);
    if (language === null) return [];
    const text = phraseText(language.tokens);
    return [
      {
        text: `The user's native language is ${text}`,
        slot: 'native language',
        value: text.toLowerCase(),
        when: null,
      },
    ];
  }
  return [];
}

function named(how: string, name: string): FoundFact {
  return { text: `The user ${how} ${titled(name)}`, slot: 'name', value: name.toLowerCase(), when: null };
}

/** "you can call me Theo", "I go by Theo". The first has no subject of the user's, see callMe. */
function nameGiven(clause: TimedClause): FoundFact[] {
  if (
    clause.verb.lemma !== 'go' ||
    wordAt(clause, 0) !== 'by' ||
    clause.verb.tense !== 'present' ||
    !isAsserted(clause)
  )
    return [];
  const name = nameAt(clause.rest, 1);
  return name === null ? [] : [named('is called', phraseText(name.tokens))];
}

/** "Hi, I am Anna": only behind a greeting, for "I am German" looks the same. */
function greetedName(clause: TimedClause): FoundFact[] {
  if (!clause.lead.some(({ lower }) => /^(?:hi|hello|hey)$/.test(lower))) return [];
  const name = nameAt(clause.rest, 0);
  const text = name === null ? '' : phraseText(name.tokens);
  if (name === null || nationalitySuffix.test(text) || name.tokens.length > 3) return [];
  const after = clause.rest[name.end];
  return after === undefined || after.text === ',' || after.lower === 'and' ? [named('is named', text)] : [];
}

function age(clause: TimedClause): FoundFact[] {
  const { rest } = clause;
  const said = rest[0]?.text ?? '';
  const years = Number(said);
  const spelledOut = rest[1]?.lower === 'years' && rest[2]?.lower === 'old';
  const alone = rest[1] === undefined || rest[1].text === ',' || rest[1].lower === 'and';
  if (!/^\d{1,3}$/.test(said) || years < 5 || years > 115 || !(spelledOut || alone)) return [];
  return [{ text: `The user is ${years} years old`, slot: 'age', value: String(years), when: null }];
}

function turned(clause: TimedClause): FoundFact[] {
  const said = clause.rest[0]?.text ?? '';
  const years = Number(said);
  if (!/^\d{1,3}$/.test(said) || years < 5 || years > 115) return [];
  if (clause.rest[1] !== undefined && clause.rest[1].text !== ',' && clause.rest[1].lower !== 'and')
    return [];
  if (clause.verb.tense === 'past' || clause.verb.tense === 'perfect') {
    return [{ text: `The user turned ${years}`, slot: 'age', value: String(years), when: clause.when }];
  }
  if (clause.when === null || clause.verb.tense === 'present') return [];
  return [{ text: `The user turns ${years}`, slot: null, value: said, when: clause.when }];
}

function birth(clause: TimedClause): FoundFact[] {
  const place = /^in$/.test(wordAt(clause, 0)) ? placeAt(clause.rest, 1) : null;
  if (place === null && clause.when === null) return [];
  if (place !== null && place.name === null) return [];
  const where = place === null ? '' : ` in ${place.text}`;
  return [
    {
      text: `The user was born${where}`,
      slot: 'birth',
      value: (place?.text ?? clause.when?.phrase ?? '').toLowerCase(),
      when: clause.when,
    },
  ];
}

function grewUp(clause: TimedClause): FoundFact[] {
  if (clause.verb.tense !== 'past' || !/^(?:in|near|on)$/.test(wordAt(clause, 1))) return [];
  const place = placeAt(clause.rest, 2);
  if (place === null) return [];
  return [
    {
      text: `The user grew up ${wordAt(clause, 1)} ${place.text}`,
      slot: 'childhood home',
      value: place.text.toLowerCase(),
      when: null,
    },
  ];
}

function origin(clause: TimedClause, at: number): FoundFact[] {
  if (wordAt(clause, at) !== 'from') return [];
  const place = placeAt(clause.rest, at + 1);
  if (place === null || place.name === null) return [];
  const { text } = place;
  return [{ text: `The user is from ${text}`, slot: 'origin', value: text.toLowerCase(), when: null }];
}

const singleStates: Readonly<Record<string, string>> = {
  vegetarian: 'diet',
  vegan: 'diet',
  pescatarian: 'diet',
  married: 'relationship',
  engaged: 'relationship',
  divorced: 'relationship',
  widowed: 'relationship',
  single: 'relationship',
  retired: 'job',
  unemployed: 'job',
  'self-employed': 'job',
  pregnant: 'pregnancy',
  diabetic: '',
  epileptic: '',
  autistic: '',
  dyslexic: '',
  celiac: '',
  coeliac: '',
  asthmatic: '',
  deaf: '',
  blind: '',
  'left-handed': '',
  'color-blind': '',
  'colour-blind': '',
  'short-sighted': '',
  'near-sighted': '',
};

function state(clause: TimedClause): FoundFact[] {
  const word = wordAt(clause, 0);
  const next = clause.rest[1];
  if (/^(?:lactose|gluten|histamine)-intolerant$/.test(word)) {
    return [{ text: `The user is ${word}`, slot: null, value: word, when: null }];
  }
  if (/^(?:lactose|gluten|histamine)$/.test(word) && next?.lower === 'intolerant') {
    return [{ text: `The user is ${word} intolerant`, slot: null, value: word, when: null }];
  }
  const slot = Object.hasOwn(singleStates, word) ? singleStates[word] : undefined;
  if (slot === undefined) return [];
  const ends =
    next === undefined ||
    /^(?:and|to|now|,)$/.test(next.lower) ||
    // "with twins", but not "with ideas"
    (next.lower === 'with' && /^(?:twins|triplets|my|our|a|number)$/.test(wordAt(clause, 2)));
  if (!ends) return [];
  const spouse = next?.lower === 'to' ? nameAt(clause.rest, 2) : null;
  if (next?.lower === 'to' && spouse === null) return [];
  const whom = spouse === null ? '' : ` to ${phraseText(spouse.tokens)}`;
  return [
    { text: `The user is ${word}${whom}`, slot: slot === '' ? null : slot, value: word, when: clause.when },
  ];
}

/** "I am not vegetarian anymore": only of what is worth saying. */
function deniedState(clause: TimedClause): FoundFact[] {
  const word = wordAt(clause, 0);
  const noLonger =
    clause.verb.adverbs.includes('no longer') || clause.rest.some(({ lower }) => lower === 'anymore');
  if (!noLonger || !(diets.has(word) || singleStates[word] === 'relationship')) return [];
  return [
    {
      text: `The user is no longer ${word}`,
      slot: singleStates[word] ?? null,
      value: `no longer ${word}`,
      when: clause.when,
    },
  ];
}

function kindOfPerson(clause: TimedClause): FoundFact[] {
  const phrase = nounPhraseAt(clause.rest, 0);
  if (phrase === null || !/^an?$/.test(phrase.determiner) || !identities.has(phrase.head.lower)) return [];
  const after = clause.rest[phrase.end];
  if (after !== undefined && !/^(?:,|and|of|from|who)$/.test(after.lower)) return [];
  const diet = diets.has(phrase.head.lower);
  const many =
    after?.lower === 'of' && clause.rest[phrase.end + 1]?.pos === 'NUM'
      ? ` of ${wordAt(clause, phrase.end + 1)}`
      : '';
  const text = diet ? phrase.head.lower : `${phraseText(phrase.tokens)}${many}`;
  return [{ text: `The user is ${text}`, slot: diet ? 'diet' : null, value: text, when: null }];
}

function gotMarried(clause: TimedClause): FoundFact[] {
  const word = wordAt(clause, 0);
  if (!/^(?:married|engaged|divorced)$/.test(word)) return [];
  const who = whoOf(clause);
  const { tense } = clause.verb;
  if (tense === 'past' || tense === 'perfect') {
    return [{ text: `${who} got ${word}`, slot: 'relationship', value: word, when: clause.when }];
  }
  if ((tense === 'progressive' || tense === 'future') && clause.when !== null) {
    return [
      {
        text: `${who} plan${who === 'The user' ? 's' : ''} to get ${word}`,
        slot: null,
        value: word,
        when: clause.when,
      },
    ];
  }
  return [];
}
