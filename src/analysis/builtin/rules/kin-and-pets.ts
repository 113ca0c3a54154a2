import type { Token } from '../english.js';
import { asTold, nameAt, nounListAt, nounPhraseAt, phraseText, titled } from '../phrases.js';
import { type FoundFact, isAsserted, type TimedClause, wordAt } from '../timed-clause.js';
import { countedRelations, onlyRelations, pets, relations } from '../word-lists.js';
import { placeAt } from './places.js';
import { employerAt, occupationAt } from './work.js';

/** Family, friends and animals: who they are, their names, ages, homes and jobs. */
export function kinAndPetFacts(clause: TimedClause): FoundFact[] {
  if (!isAsserted(clause)) return [];
  if (clause.subject.kind === 'theirs') return ofSomeone(clause, clause.subject.words.slice(1));
  if (clause.verb.lemma === 'lose') return losesSomeone(clause);
  if (clause.verb.lemma === 'have' || clause.verb.lemma === 'get' || clause.verb.lemma === 'adopt')
    return hasSomeone(clause);
  return [];
}

interface Kin {
  /** "sister Noor", as it is shown behind "The user's". */
  readonly shown: string;
  readonly relation: string;
  readonly name: string | null;
  /** Begins a slot that only this one has; null where it may be one of several. */
  readonly slot: string | null;
  readonly possessive: string | null;
}

function kinOf(words: readonly Token[]): Kin | null {
  const at = words.findIndex(({ lower }) => relations.has(lower) || pets.has(lower));
  const relation = words[at];
  if (relation === undefined || at > 3) return null;
  let named = nameAt(words, at + 1);
  if (named?.tokens.some(({ pos }) => pos !== 'PROPN' && pos !== 'NOUN')) named = null;
  const end = named?.end ?? at + 1;
  const rest = words.slice(end);
  const possessive = rest[0]?.text === "'s" ? phraseText(rest.slice(1)).toLowerCase() : null;
  if (possessive === null && rest.length > 0) return null;
  const name = named === null ? null : phraseText(named.tokens);
  const alone = onlyRelations.has(relation.lower);
  const slot = name === null ? (alone ? relation.lower : null) : `${relation.lower} ${name.toLowerCase()}`;
  return { shown: phraseText(words.slice(0, end)), relation: relation.lower, name, slot, possessive };
}

function ofSomeone(clause: TimedClause, words: readonly Token[]): FoundFact[] {
  const kin = kinOf(words);
  if (kin === null) return [];
  const { verb, rest, when } = clause;
  const who = `The user's ${kin.shown}`;
  if (kin.possessive !== null) return kin.possessive === 'name' ? nameFact(clause, who, kin, 0) : [];
  if (/^(?:named|called)$/.test(verb.said)) return nameFact(clause, who, kin, 0);
  const fact = (text: string, slot: string | null = null, value = text): FoundFact[] => [
    {
      text: `${who} ${text}`,
      slot: slot === null || kin.slot === null ? null : `${kin.slot}: ${slot}`,
      value: value.toLowerCase(),
      when,
    },
  ];
  if (/^(?:pass|die)$/.test(verb.lemma)) {
    const away = verb.lemma === 'die' || wordAt(clause, 0) === 'away';
    return away && /^(?:past|perfect)$/.test(verb.tense)
      ? fact(verb.lemma === 'die' ? 'died' : 'passed away', 'life', 'died')
      : [];
  }
  if (verb.lemma === 'be' && verb.tense === 'present') {
    const job = occupationAt(rest, 0);
    if (job !== null) return fact(`is ${job.text}`, 'job');
    const age = /^(.{1,12}? (?:years?|months?|weeks?)) old\b/.exec(phraseText(rest));
    if (age?.[1] !== undefined && /^\p{N}|^[a-z]+(?:-[a-z]+)? /u.test(age[1]) && rest[0]?.pos === 'NUM')
      return fact(`is ${age[1]} old`, 'age', age[1]);
    if (wordAt(clause, 0) === 'from') {
      const origin = nameAt(rest, 1);
      return origin === null ? [] : fact(`is from ${phraseText(origin.tokens)}`, 'origin');
    }
    if (wordAt(clause, 0) === 'allergic' && wordAt(clause, 1) === 'to') {
      const what = nounListAt(rest, 2);
      return what === null ? [] : fact(`is allergic to ${phraseText(what.tokens)}`);
    }
    if (
      /^(?:married|engaged|pregnant|vegetarian|vegan|divorced|retired|single)$/.test(wordAt(clause, 0)) &&
      rest.length === 1
    )
      return fact(`is ${wordAt(clause, 0)}`);
    return [];
  }
  if (
    /^(?:live|work)$/.test(verb.lemma) &&
    /^(?:present|progressive|perfect|perfect-progressive)$/.test(verb.tense)
  )
    return livesOrWorks(clause, fact);
  if (verb.lemma === 'move' && wordAt(clause, 0) === 'to' && /^(?:past|perfect)$/.test(verb.tense)) {
    const place = placeAt(rest, 1);
    return place?.name == null ? [] : fact(`moved to ${place.text}`, 'home', place.name);
  }
  if (verb.lemma === 'move' && wordAt(clause, 0) === 'to' && verb.tense === 'progressive' && when !== null) {
    const place = placeAt(rest, 1);
    return place?.name == null ? [] : fact(`is moving to ${place.text}`);
  }
  if (verb.lemma === 'get' && /^(?:married|engaged|divorced)$/.test(wordAt(clause, 0))) {
    if (/^(?:past|perfect)$/.test(verb.tense)) return fact(`got ${wordAt(clause, 0)}`);
    return verb.tense === 'progressive' && when !== null ? fact(`is getting ${wordAt(clause, 0)}`) : [];
  }
  if (/^(?:love|hate)$/.test(verb.lemma) && verb.tense === 'present') {
    const what = nounListAt(rest, 0);
    const text = what === null || /^(?:the|my|our)$/.test(what.determiner) ? null : asTold(what.tokens);
    return text === null || what?.end !== rest.length ? [] : fact(`${verb.lemma}s ${text}`);
  }
  return [];
}

function livesOrWorks(
  clause: TimedClause,
  fact: (text: string, slot?: string | null, value?: string) => FoundFact[],
): FoundFact[] {
  const { verb, rest } = clause;
  const preposition = wordAt(clause, 0);
  if (verb.lemma === 'live') {
    const place = /^(?:in|near)$/.test(preposition) ? placeAt(rest, 1) : null;
    return place?.name == null ? [] : fact(`lives ${preposition} ${place.text}`, 'home', place.name);
  }
  if (preposition === 'as') {
    const job = occupationAt(rest, 1);
    return job === null ? [] : fact(`works as ${job.text}`, 'job');
  }
  const place = /^(?:at|for)$/.test(preposition) ? employerAt(rest, 1) : null;
  return place === null ? [] : fact(`works ${preposition} ${place.text}`, 'employer', place.text);
}

function nameFact(clause: TimedClause, who: string, kin: Kin, at: number): FoundFact[] {
  const name = givenName(clause.rest, at);
  if (name === null || kin.name !== null) return [];
  const slot = onlyRelations.has(kin.relation) ? `${kin.relation}: name` : null;
  return [{ text: `${who} is named ${name}`, slot, value: name.toLowerCase(), when: null }];
}

/** A name after "named" or "called", also written small. */
function givenName(tokens: readonly Token[], at: number): string | null {
  const name = nameAt(tokens, at);
  if (name !== null) return phraseText(name.tokens);
  const token = tokens[at];
  if (token === undefined || !/^(?:NOUN|PROPN)$/.test(token.pos) || !/^\p{Ll}{2,20}$/u.test(token.text))
    return null;
  return tokens[at + 1] === undefined || tokens[at + 1]?.text === ',' ? titled(token.text) : null;
}

/** "I have two sisters", "we have a beagle called Biscuit", "I adopted a cat". */
function hasSomeone(clause: TimedClause): FoundFact[] {
  const { verb, rest, when } = clause;
  const owned =
    verb.lemma === 'have' ||
    (verb.lemma === 'get' &&
      verb.tense === 'perfect' &&
      verb.said === 'got' &&
      !verb.adverbs.includes('just'));
  if (owned && !/^(?:present|perfect)$/.test(verb.tense)) return [];
  if (!owned && !/^(?:past|perfect)$/.test(verb.tense)) return [];
  const list = nounListAt(rest, 0);
  const first = nounPhraseAt(rest, 0);
  if (list === null || first === null || /^(?:the|my|our|no|many|)$/.test(first.determiner)) return [];
  const isPet = pets.has(first.head.lower) || pets.has(first.head.lemma);
  const isKin = countedRelations.has(first.head.lower) || countedRelations.has(first.head.lemma);
  const at = rest[first.end];
  const name = /^(?:named|called)$/.test(at?.lower ?? '') ? givenName(rest, first.end + 1) : null;
  if (
    !isPet &&
    !isKin &&
    !(
      name !== null &&
      /^an?$/.test(first.determiner) &&
      owned &&
      isNamedThing(first.head, rest[first.end + 1])
    )
  )
    return [];
  if (isKin && !owned) return [];
  const after = rest[list.end];
  if (
    name === null &&
    after !== undefined &&
    !/^(?:,|and|in|at|with|from|as|named|called|together)$/.test(after.lower)
  )
    return [];
  // "a dog in this fight"
  if (after?.lower === 'in' && /^(?:this|that)$/.test(rest[list.end + 1]?.lower ?? '')) return [];
  const what = asTold(name === null ? list.tokens : first.tokens);
  if (what === null) return [];
  const verbTold = owned ? 'has' : verb.lemma === 'adopt' ? 'adopted' : 'got';
  return [
    {
      text: `The user ${verbTold} ${what}${name === null ? '' : ` named ${name}`}`,
      slot: null,
      value: what,
      when: owned ? null : when,
    },
  ];
}

/** "we lost our dog Rufus last month": only with a time, for things are lost and found. */
function losesSomeone(clause: TimedClause): FoundFact[] {
  const { verb, rest, when } = clause;
  const phrase = nounPhraseAt(rest, 0);
  if (phrase === null || when === null || !/^(?:past|perfect)$/.test(verb.tense)) return [];
  if (!/^(?:my|our)$/.test(phrase.determiner) || phrase.end !== rest.length) return [];
  const kin = kinOf(phrase.tokens.slice(1));
  if (kin === null || kin.possessive !== null || /^(?:bike|baby)$/.test(kin.relation)) return [];
  return [{ text: `The user lost their ${kin.shown}`, slot: null, value: kin.shown.toLowerCase(), when }];
}

const artefacts =
  /^(?:database|table|function|variable|class|file|folder|method|column|row|server|script|branch|repo|repository|app|application|module|package|field|key|component|service|bucket|container|dataset|model|project|document|tab|sheet|endpoint|user|account|tool|method|library|plugin|theme|question|problem|friend)$/;

/** "a lurcher named Comet" lives; "a table named orders" does not. */
function isNamedThing(head: Token, name: Token | undefined): boolean {
  return !artefacts.test(head.lower) && /^\p{Lu}\p{Ll}+$/u.test(name?.text ?? '');
}

/**
 * "I went there with my brother Tom": names told in passing, anywhere in a sentence. Only where the name directly
 * follows and the sentence goes on after it as after a name.
 */
export function namesInPassing(tokens: readonly Token[]): FoundFact[] {
  const found: FoundFact[] = [];
  tokens.forEach((token, i) => {
    const relation = tokens[i + 1];
    const name = tokens[i + 2];
    if (token.lower !== 'my' || relation === undefined || name === undefined) return;
    if (!relations.has(relation.lower) && !pets.has(relation.lower)) return;
    const written = nameAt(tokens, i + 2);
    if (
      written === null ||
      !/^\p{Lu}\p{Ll}+$/u.test(name.text) ||
      name.pos !== 'PROPN' ||
      written.tokens.length > 2
    )
      return;
    const text = phraseText(written.tokens);
    const slot = onlyRelations.has(relation.lower) ? `${relation.lower}: name` : null;
    found.push({
      text: `The user's ${relation.lower} is named ${text}`,
      slot,
      value: text.toLowerCase(),
      when: null,
    });
  });
  return found;
}
