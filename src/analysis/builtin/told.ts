import { findWhen } from '../../lib/time/when.js';
import type { Token } from './english.js';
import { nounPhraseAt, phraseText } from './phrases.js';
import { termsIn } from './reading.js';
import {
  aims,
  changes,
  diets,
  dislikes,
  endingPhrases,
  endings,
  likings,
  nowadays,
  oneAtATime,
  replacements,
  slots,
  slotsOfAnybody,
  switching,
} from './slots.js';
import { type State, stateOf } from './state.js';
import type { SentenceForm } from './statements.js';
import type { VerbGroup } from './verb-group.js';
import { kinOf, occupations, onlyRelations, pets, relations } from './word-lists.js';

/** A statement, with the slot, end or change that it expresses. */
export interface Told {
  readonly statement: SentenceForm;
  readonly text: string;
  readonly subjectTerms: ReadonlySet<string>;
  /** Terms after the verb; all terms if there is no verb. */
  readonly objectTerms: ReadonlySet<string>;
  readonly terms: ReadonlySet<string>;
  /** Terms of the thing that ends; empty if nothing ends. */
  readonly endedTerms: ReadonlySet<string>;
  /** Terms of names, which identify a subject better than other words. */
  readonly names: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  /**
   * The attribute with one value at a time: "home", "preference:coffee". Null if several such facts can be
   * true together.
   */
  readonly slot: string | null;
  /** The person or animal that it is about, if it is not about the user. */
  readonly person: Person | null;
  /** Relatives and companions anywhere in the statement. */
  readonly relations: ReadonlySet<string>;
  /** What it says holds, or no longer holds. */
  readonly state: State | null;
  /** Terms of roles with a new holder: "nanny" in "we have a new nanny". */
  readonly newHolders: ReadonlySet<string>;
  /** The new value, if nothing says what it replaces: "Helix" in "I switched to Helix". */
  readonly newValue: readonly Token[] | null;
  readonly isEnding: boolean;
  readonly isChange: boolean;
  /** Terms of the thing that is replaced: X in "from X to Y". */
  readonly replaced: readonly ReadonlySet<string>[];
}

/** A person or animal of the user's: "my brother Tom". */
interface Person {
  /** "brother"; words of one meaning, such as "mum" and "mother", are one. */
  readonly relation: string | null;
  readonly names: ReadonlySet<string>;
}

/**
 * Reads the slot, end and change of a statement. `core` is the part that the rest of the statement depends
 * on.
 */
export function toldOf(statement: SentenceForm, core: SentenceForm | null = null): Told {
  const { tokens, verb, rest, subject } = statement;
  const text = phraseText(tokens);
  const acts = actOf(statement);
  const endsByVerb = acts !== null && endings.has(acts.lemma) && verb?.negated === false;
  const isEnding = endsByVerb || endingPhrases.test(text);
  const isChange = changes.test(text);
  const person = personOf(statement);
  return {
    statement,
    text,
    subjectTerms: new Set(termsIn(phraseText(subject))),
    objectTerms: new Set(termsIn(phraseText(verb === null ? tokens : rest))),
    terms: new Set(termsIn(text)),
    endedTerms: new Set(termsIn(phraseText(endsByVerb ? endedTokens(subject, acts.object) : tokens))),
    names: new Set(
      tokens.flatMap((token, i) =>
        /^\p{Lu}/u.test(token.text) && token.text !== 'I' && (i > 0 || token.pos === 'PROPN')
          ? termsIn(token.text)
          : [],
      ),
    ),
    numbers: new Set(
      tokens.filter((token, i) => isValue(token) && tokens[i - 1]?.lower !== 'not').map(({ lower }) => lower),
    ),
    slot:
      slotOf(statement, text, isEnding, isChange) ??
      (core === null ? null : slotOf(core, phraseText(core.tokens), isEnding, isChange)),
    person,
    relations: new Set(
      tokens.flatMap(({ lower }) => (relations.has(lower) || pets.has(lower) ? [kinOf(lower)] : [])),
    ),
    state: stateOf(statement),
    newHolders: newHoldersIn(statement, isChange),
    newValue: newValueIn(statement),
    isEnding,
    isChange,
    replaced: [...text.matchAll(replacements)].map((match) => new Set(termsIn(match[1] ?? ''))),
  };
}

/** The action and its object: "I sold the Golf", "I had to cancel Rome". */
function actOf({ verb, rest }: SentenceForm): { lemma: string; object: SentenceForm['rest'] } | null {
  if (verb === null) return null;
  const [to, act] = rest;
  const isObliged = /^(?:have|decide|manage)$/.test(verb.lemma) && to?.lower === 'to' && act !== undefined;
  return isObliged ? { lemma: act.lemma, object: rest.slice(2) } : { lemma: verb.lemma, object: rest };
}

const aboutUser = /^(?:user|dropped|fragment)$/;

function slotOf(
  statement: Told['statement'],
  text: string,
  isEnding: boolean,
  isChange: boolean,
): string | null {
  const { kind, verb, rest, tokens } = statement;
  const liking = likingOf(statement, text);
  if (liking !== null) return liking;
  if (isEnding || verb?.negated === true || verb?.usedTo === true) return null;
  if (/\bcalls? me\b/i.test(text)) return 'nickname';
  if (aboutUser.test(kind) && dietIn(tokens)) return 'diet';
  if (/^(?:imperative|pronoun|fragment|dropped)$/.test(kind) && answerIn.test(text))
    return 'language of answers';
  if (verb === null) return null;
  if (aboutUser.test(kind) && isChange && namesUser(statement)) return 'is:name';
  const behind = phraseText(rest);
  if (aboutUser.test(kind) && verb.modal === null) {
    const slot = slots.find(({ verbs, behind: form }) => verbs.includes(verb.lemma) && form.test(behind));
    if (slot !== undefined) {
      return slot.replacedBy === 'always' || isChange
        ? slot.name
        : `${slot.name}:${termsIn(behind).join(' ')}`;
    }
    const occupation = occupationIn(statement, behind);
    if (occupation !== null) return isChange ? 'occupation' : `occupation:${occupation}`;
    return countSlot(statement);
  }
  return slotOfTheirs(statement, behind, isChange) ?? attributeSlot(statement, isChange);
}

const answerIn =
  /\b(?:answer|reply|respond|speak|talk|write|go|switch|use)(?: back)?(?: to)?(?: me)?(?: only)? (?:in |to )?(?:(?:british|american|plain|simple) )?(?:english|german|french|spanish|italian|portuguese|dutch|polish|swedish|danish|norwegian|finnish|czech|greek|turkish|russian|ukrainian|arabic|hindi|chinese|japanese|korean)\b/i;

/** Whether a statement gives the first name and surname of the user: "I'm Kate Lindqvist now". */
function namesUser({ verb, rest }: Told['statement']): boolean {
  const words = rest.filter(({ text, lower }) => /^\p{L}/u.test(text) && lower !== 'now');
  return (
    verb?.lemma === 'be' &&
    words.length > 1 &&
    words.every(({ text, pos }) => pos === 'PROPN' && /^\p{Lu}/u.test(text))
  );
}

/** "I work as a chef", "I am a locksmith now". */
function occupationIn({ verb, rest }: Told['statement'], behind: string): string | null {
  const told =
    verb?.lemma === 'work'
      ? /^(?:now )?as an? /.test(behind)
      : verb?.lemma === 'be' && /^(?:now )?an? /.test(behind);
  if (!told) return null;
  const job = rest.find(
    ({ lower, lemma }) => occupations.has(lower) || occupations.has(lemma) || jobLike.test(lower),
  );
  return job === undefined ? null : termsIn(job.text).join(' ');
}
const jobLike =
  /(?:^|\p{L}{3})(?:smith|ician|ologist|wright|keeper|driver|maker|engineer|manager|teacher|worker|attendant|operator|assistant|officer|clerk|technician)$/u;

/**
 * The slot of a statement about a person or animal of the user's: home, employer, age or status. "My brother
 * relocated to Denver" has the slot of the home.
 */
function slotOfTheirs(
  { kind, verb, subject }: Told['statement'],
  behind: string,
  isChange: boolean,
): string | null {
  if (verb === null || verb.modal !== null) return null;
  const isTheirs = kind === 'theirs' && subject.some(({ lower }) => relations.has(lower) || pets.has(lower));
  if (!isTheirs && kind !== 'named') return null;
  const slot = slots.find(
    ({ name, verbs, behind: form }) =>
      slotsOfAnybody.has(name) && verbs.includes(verb.lemma) && form.test(behind),
  );
  if (slot === undefined) return null;
  const owned = `${termsIn(phraseText(subject)).join(' ')}'s ${slot.name}`;
  return slot.replacedBy === 'always' || isChange ? owned : `${owned}:${termsIn(behind).join(' ')}`;
}

/** The slot of an attribute with one value: "my favourite colour is green", "the deadline is 5 May". */
function attributeSlot(
  { kind, verb, subject, rest, tokens }: Told['statement'],
  isChange: boolean,
): string | null {
  const isNamed = verb?.passive === true && /^(?:call|name)$/.test(verb.lemma);
  if (verb?.tense !== 'present') return null;
  if (kind === 'named' && isChange) return roleSlot(verb, rest);
  if (!/^(?:theirs|thing)$/.test(kind)) return null;
  if (verb.lemma !== 'be' && !isNamed) return null;
  const words = subject.filter(
    ({ lower }) =>
      !/^(?:my|our|the|a|an|'s|these|days|now|currently|nowadays|new|current|latest)$/.test(lower),
  );
  const head = words.at(-1);
  if (
    head === undefined ||
    (relations.has(head.lower) && !onlyRelations.has(head.lower)) ||
    pets.has(head.lower)
  ) {
    return null;
  }
  const [first] = rest.filter(({ lower }) => !/^(?:now|actually|called|on|at|a|an|the|in)$/.test(lower));
  if (first === undefined || !/^(?:PROPN|NUM|NOUN)$/.test(first.pos)) {
    const favourite = words.some(({ lower }) => /^(?:favou?rite|fav)$/.test(lower));
    if (!favourite || first === undefined) return null;
  }
  // "my wife is a nurse" and "my wife is from Ghent" do not contradict each other.
  if (onlyRelations.has(head.lower) && !/^\p{Lu}/u.test(first.text)) return null;
  const at = tokens.indexOf(head);
  return at === -1 ? null : `is:${termsIn(phraseText(words)).join(' ') || head.lower}`;
}

/** "Amara is tech lead now", after "our tech lead is Björn". */
function roleSlot(verb: VerbGroup, rest: Told['statement']['rest']): string | null {
  const words = rest.filter(
    ({ lower, text }) => !/^(?:my|our|the|new|now)$/.test(lower) && /\p{L}/u.test(text),
  );
  const isRole = words.length <= 3 && words.some(({ pos }) => pos === 'NOUN');
  if (verb.lemma !== 'be' || verb.negated || !isRole) return null;
  return `is:${termsIn(phraseText(words)).join(' ')}`;
}

/** "I have two kids". */
function countSlot({ verb, rest }: Told['statement']): string | null {
  const [number, noun] = rest;
  if (verb?.lemma !== 'have' || number?.pos !== 'NUM' || noun === undefined) return null;
  return noun.pos === 'NOUN' ? `count:${termsIn(noun.text).join(' ')}` : null;
}

function dietIn(tokens: Told['statement']['tokens']): boolean {
  return tokens.some(({ lower }, i) => diets.has(lower) && tokens[i + 1]?.pos !== 'NOUN');
}

/** "I love coffee", "I don't like coffee", "Coffee has grown on me, I love it now". */
function likingOf(statement: Told['statement'], text: string): string | null {
  const { kind, subject, tokens } = statement;
  const state = stateOf(statement);
  if (state === null) return null;
  const { predicate, object, holds } = state;
  // "I've gone off running"
  const isGoneOff = predicate === 'go' && object[0]?.lower === 'off' && object[1]?.pos !== 'DET';
  const owner = ownerOf(statement);
  const isLiking =
    likings.has(predicate) || dislikes.has(predicate) || isGoneOff || (predicate === 'stand' && !holds);
  const isGrown =
    /^(?:thing|named)$/.test(kind) &&
    (/\bgrown on me\b/i.test(text) ||
      tokens.some(({ lemma }, i) => likings.has(lemma) && tokens[i - 1]?.text === 'I'));
  if (!isGrown && (owner === null || !isLiking)) return null;
  const terms = termsIn(phraseText(isGrown ? subject : objectOf(object.slice(isGoneOff ? 1 : 0))));
  return terms.length === 0 || terms.length > 3
    ? null
    : `${isGrown ? '' : owner}preference:${terms.join(' ')}`;
}

/** The beginning of a slot: nothing for the user, "son jona's " for a person or animal of theirs; null for others. */
function ownerOf(statement: Told['statement']): string | null {
  if (aboutUser.test(statement.kind)) return '';
  return personOf(statement) === null ? null : `${termsIn(phraseText(statement.subject)).join(' ')}'s `;
}

/**
 * What ends with the object, if it is a thing: "Karim lost his job" ends a job, and nothing else of Karim's; "Rex died
 * last night" is about Rex.
 */
function endedTokens(subject: readonly Token[], object: readonly Token[]): readonly Token[] {
  const head = headOf(object);
  const isPerson = subject.some(({ lower, pos }) => pos === 'PROPN' || relations.has(lower));
  const isThing =
    object[0]?.pos !== 'ADP' &&
    head.some(({ text }) => /\p{L}/u.test(text)) &&
    findWhen(phraseText(head), 0, 'past') === null;
  return isPerson && isThing ? head : [...subject, ...head];
}

function personOf({ kind, subject, verb, rest }: Told['statement']): Person | null {
  const relation = relationIn(subject);
  if (kind !== 'named' && (kind !== 'theirs' || relation === undefined)) return null;
  const isNaming = verb !== null && /^(?:be|call|name)$/.test(verb.lemma) && rest[0]?.pos !== 'ADP';
  const naming = isNaming ? rest : [];
  return {
    relation: relation ?? null,
    names: new Set(
      [...subject, ...naming].flatMap(({ text, lower }) =>
        /^\p{Lu}/u.test(text) && !relations.has(lower) ? termsIn(text) : [],
      ),
    ),
  };
}

/** "brother"; "neighbour's dog" for a dog that is not the user's. A password manager is no person. */
function relationIn(subject: Told['statement']['subject']): string | undefined {
  const found = subject.filter(({ lower }, i) =>
    relations.has(lower) || pets.has(lower)
      ? lower !== 'manager' || subject[i - 1]?.pos !== 'NOUN'
      : lower === "'s",
  );
  return found.length === 0 ? undefined : found.map(({ lower }) => kinOf(lower)).join('');
}

/** "We have a new nanny", "the new nanny is Joanna", "Dr Sung is my dentist now". */
function newHoldersIn({ tokens, verb }: Told['statement'], isChange: boolean): ReadonlySet<string> {
  if (verb === null || verb.negated || verb.modal !== null || verb.tense === 'future') return new Set();
  const found = tokens.flatMap(({ lower, lemma }, i) => {
    const isNew = lower === 'new' && !aims.has(verb.lemma) && verb.lemma !== 'need';
    const isMine = isChange && /^(?:my|our)$/.test(lower) && tokens[i - 1]?.lemma === 'be';
    if (!isNew && !isMine) return [];
    const phrase = nounPhraseAt(tokens, isNew ? i + 1 : i);
    if (phrase === null || lemma === phrase.head.lemma) return [];
    // "a new password manager" is no new manager.
    const isCompound = phrase.tokens.at(-2)?.pos === 'NOUN';
    return isCompound ? [] : termsIn(phrase.head.text);
  });
  return new Set(found);
}

/** "I switched to Helix", "we went over to Linear". */
function newValueIn({ kind, verb, rest, tokens }: Told['statement']): readonly Token[] | null {
  if (verb === null || verb.negated || verb.modal !== null || !aboutUser.test(kind)) return null;
  if (oneAtATime.has(verb.lemma) && verb.tense === 'present' && nowadays.test(phraseText(tokens))) {
    return nounPhraseAt(rest, 0)?.tokens ?? null;
  }
  if (!switching.has(verb.lemma) || !/^(?:past|perfect)/.test(verb.tense)) return null;
  const to = rest.findIndex(({ lower }) => !/^(?:over|across|on|now|instead)$/.test(lower));
  if (!/^(?:to|with)$/.test(rest[to]?.lower ?? '')) return null;
  // "I went to Aldi" is only a visit.
  if (verb.lemma === 'go' && to === 0 && rest[to]?.lower === 'to') return null;
  const phrase = nounPhraseAt(rest, to + 1);
  return phrase === null ? null : phrase.tokens;
}

/** The object itself, without time, reason and "any more". */
function objectOf(rest: Told['statement']['rest']): Told['statement']['rest'] {
  const end = rest.findIndex(({ lower }) =>
    /^(?:[.,;!]|any|anymore|now|when|because|since|but|so|these|at|again|as|for|than|over)$/.test(lower),
  );
  return end === -1 ? rest : rest.slice(0, end);
}

/** Whether a token is a number, a weekday or a month. Dates, hours and amounts consist of these. */
export function isValue({ text, lower, pos }: Token): boolean {
  return (
    /\d/.test(text) ||
    pos === 'NUM' ||
    /^(?:once|twice)$/.test(lower) ||
    dayOrMonth.test(lower) ||
    (text === 'May' && pos !== 'AUX')
  );
}
const dayOrMonth =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|october|november|december)$/;

/** The object itself, without place, time and recipient. */
export function headOf(rest: SentenceForm['rest']): SentenceForm['rest'] {
  const end = rest.findIndex(
    ({ lower, pos, text }, i) =>
      i > 0 && (/^[.,;:!]$/.test(text) || (pos === 'ADP' && lower !== 'of') || pos === 'SCONJ'),
  );
  return end === -1 ? rest : rest.slice(0, end);
}
