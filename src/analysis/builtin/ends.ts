import { kindredOf } from '../../lib/text/kindred-english.js';
import { findWhen } from '../../lib/time/when.js';
import { takesPlaceOf } from '../../tiers/knowledge.js';
import type { Token } from './english.js';
import { nounPhraseAt, phraseText } from './phrases.js';
import { termsIn } from './reading.js';
import {
  achieving,
  aims,
  completing,
  oneAtATime,
  ongoing,
  outcomes,
  retelling,
  turning,
  withoutWork,
} from './slots.js';
import type { State } from './state.js';
import { headOf, isValue, type Told } from './told.js';

/** A sign that a later statement ends an earlier one. */
export type SignOfEnd =
  | 'slot'
  | 'holder'
  | 'replaced'
  | 'role'
  | 'left'
  | 'moved'
  | 'reached'
  | 'outcome'
  | 'order'
  | 'end'
  | 'contrary'
  | 'value'
  | 'meant'
  | 'death';

const signs: readonly (readonly [SignOfEnd, (later: Told, before: Told) => boolean])[] = [
  ['slot', isSameSlot],
  ['holder', hasNewHolder],
  ['replaced', replaces],
  ['role', hasNewRole],
  ['left', leaves],
  ['moved', movesIt],
  ['reached', achieves],
  ['outcome', hasOutcome],
  ['order', isOrderedOtherwise],
  ['end', endsByWord],
  ['contrary', contradicts],
  ['value', hasOtherValue],
  ['meant', mayReplace],
  ['death', hasDied],
];

/** Signs that end a fact of the same owner by themselves. In the lives of the training, 95 of 100 such ends are right. */
export const decisive: ReadonlySet<SignOfEnd> = new Set([
  'slot',
  'holder',
  'role',
  'order',
  'contrary',
  'meant',
  'death',
]);

/** The signs that a later statement ends an earlier one. Those that are not `decisive` are weighed in `changes/`. */
export function signsOfEnd(later: Told, before: Told): SignOfEnd[] {
  return signs.flatMap(([name, has]) => (has(later, before) ? [name] : []));
}

/**
 * Whether both are about the user, or both about the same person of the user's. What ends for the user may go on for
 * their brother, and the other way round.
 */
export function isOfSameOwner(later: Told, before: Told): boolean {
  const [a, b] = [later.person, before.person];
  if (b !== null && a !== null && later.statement.kind === 'theirs') {
    const haveNames = a.names.size > 0 && b.names.size > 0;
    return overlap(a.names, b.names) || (!haveNames && a.relation !== null && a.relation === b.relation);
  }
  if (b !== null) {
    return overlap(later.names, b.names) || (b.relation !== null && later.relations.has(b.relation));
  }
  if (later.statement.rest.some(({ lower }) => /^(?:my|me|our|us)$/.test(lower))) return true;
  // "My parents went to Japan" is about somebody; "my deadline moved" is about what was told of it.
  if (a === null) return later.statement.kind !== 'theirs' || overlap(later.subjectTerms, before.terms);
  // "Dr Amin retired" ends "My dentist is Dr Amin".
  return overlap(a.names, before.terms) || (a.relation !== null && before.relations.has(a.relation));
}

/** Whether both give the same attribute of the same owner: "Max turned 4" ends "My son Max is 3". */
function isSameSlot(later: Told, before: Told): boolean {
  if (later.slot === null || before.slot === null) return false;
  if (takesPlaceOf(later.slot, before.slot)) return true;
  const [a, b] = [later.slot, before.slot].map((slot) => /'s (.+)$/.exec(slot)?.[1]);
  return a !== undefined && b !== undefined && takesPlaceOf(a, b) && isOfSameOwner(later, before);
}

/** "The new nanny is Joanna" and "I have a new nanny" end "Our nanny is called Beata". */
function hasNewHolder(later: Told, before: Told): boolean {
  const held = /^is:(.+)$/.exec(before.slot ?? '')?.[1];
  return later.person === null && held !== undefined && later.newHolders.has(held);
}

/** X ends in "from X to Y" and in "replaced X with Y", and in "came home from X" after "is in X". */
function replaces(later: Told, before: Told): boolean {
  if (isIntended(later)) return false;
  const { verb, rest } = before.statement;
  const isPlace = verb?.lemma === 'be' && /^(?:in|at|on)$/.test(rest[0]?.lower ?? '');
  if (!later.isChange && !later.isEnding && !isPlace) return false;
  return later.replaced.some((terms) => terms.size > 0 && [...terms].every((term) => before.terms.has(term)));
}

/** Whether the statement is only an intention: "I want to replace the sofa". Nothing has ended yet. */
function isIntended({ statement: { verb } }: Told): boolean {
  if (verb === null) return false;
  return (
    verb.tense === 'future' ||
    /^(?:want|plan|hope|need|think|consider|like|try|look|might|wonder)$/.test(verb.lemma) ||
    /^(?:should|must|would|could|can|may|might)$/.test(verb.modal ?? '')
  );
}

/** "Pilar is my wife now" after "Pilar is my girlfriend". */
function hasNewRole(later: Told, before: Told): boolean {
  const isRole = ({ statement: { kind, verb, rest } }: Told) =>
    kind === 'named' && verb?.lemma === 'be' && !verb.negated && /^(?:my|our)$/.test(rest[0]?.lower ?? '');
  return (
    later.isChange && isRole(later) && isRole(before) && overlap(later.subjectTerms, before.subjectTerms)
  );
}

/**
 * Whether an event ended a state: "Our son was born" ends "I am pregnant". An event in the life of a sister
 * ends nothing of the user's.
 */
function hasOutcome(later: Told, before: Told): boolean {
  if (isDenied(later) || later.statement.verb?.tense === 'future') return false;
  if (later.person !== null && before.person === null && !isOwnBirth(later)) return false;
  if (later.slot === 'employer' && later.statement.verb?.lemma !== 'join' && isWork(before)) return true;
  return outcomes.some(
    ([event, state]) => event.test(later.text) && state.test(before.text) && !state.test(later.text),
  );
}

/** "I am a waiter at the Central" and "I am out of work" end when a new job begins. */
function isWork({ slot, text }: Told): boolean {
  return withoutWork.test(text) || (slot?.startsWith('occupation') === true && /\b(?:at|for) /.test(text));
}

function isOwnBirth({ text }: Told): boolean {
  return ownBirth.test(text);
}
const ownBirth =
  /^(?:our|my) (?:\p{L}+ )?(?:son|daughter|baby|twins|boy|girl|little|first|second|third|child)\b/iu;

/** "I left the brewery" ends working there; "I left my phone at home" ends nothing. */
function leaves(later: Told, before: Told): boolean {
  const { verb, rest } = later.statement;
  if (!/^(?:leave|resign)$/.test(verb?.lemma ?? '') || rest.some(({ lower }) => lower === 'my')) return false;
  return isInUse(before) && overlap(later.objectTerms, before.terms);
}

/** Whether it is about something that is in use, or a place where somebody is: "I drive a Golf", "I'm at Nokia". */
function isInUse({ statement: { verb, rest } }: Told): boolean {
  if (verb === null || verb.negated || !/^(?:present|progressive)$/.test(verb.tense)) return false;
  if (verb.lemma === 'be') return /^(?:in|at|with|on)$/.test(rest[0]?.lower ?? '');
  return ongoing.has(verb.lemma);
}

/** "We moved the repo to Forgejo" and "the repo moved to Forgejo" against "The repo is on GitHub". */
function movesIt(later: Told, before: Told): boolean {
  const { verb, rest, subject } = later.statement;
  if (verb === null || !turning.has(verb.lemma) || isIntended(later)) return false;
  const stands = before.statement.verb;
  if (stands === null || !(stands.lemma === 'be' || isInUse(before) || stands.passive)) return false;
  const isItself = verb.passive || rest[0]?.pos === 'ADP';
  const moved = new Set(termsIn(phraseText(isItself ? subject : headOf(rest))));
  return overlap(moved, before.subjectTerms) && [...moved].every((term) => before.terms.has(term));
}

/** "I handed in my thesis" ends "I'm writing my thesis"; "I found a flat" ends "I'm looking for a flat". */
function achieves(later: Told, before: Told): boolean {
  const { verb, rest, tokens } = before.statement;
  if (verb === null || verb.negated || isDenied(later) || isIntended(later)) return false;
  const isAim = (verb.tense !== 'past' && aims.has(verb.lemma)) || /\bwaiting\b/.test(phraseText(tokens));
  if (!isAim && verb.tense !== 'progressive') return false;
  const done = later.statement.verb;
  const isBack = done?.lemma !== verb.lemma && /\bback from\b/.test(later.text);
  const isOver = done !== null && /^(?:past|perfect)$/.test(done.tense);
  // "I want to sell the car", "I sold the car"
  const isDone =
    isOver &&
    (rest[0]?.lower === 'to'
      ? rest[1]?.lemma === done.lemma
      : (isAim ? achieving : completing).has(done.lemma));
  if (!isBack && !isDone) return false;
  if (isBack && overlap(later.names, before.names)) return true;
  const aimed = aimOf(rest);
  return aimed !== undefined && later.objectTerms.has(aimed);
}

/** "flat" in "for a new flat", "kidney" in "on the waiting list for a kidney". */
function aimOf(rest: readonly Token[]): string | undefined {
  const object = headOf(rest.slice(rest.findIndex(({ lower }) => lower === 'for') + 1));
  return termsIn(phraseText(object)).at(-1);
}

/**
 * "I sold the Golf" ends "I drive an old Golf". If the earlier fact is a list that also names other things,
 * only a part of it ends, so the fact stays.
 */
function endsByWord(later: Told, before: Told): boolean {
  if (!later.isEnding || before.isEnding) return false;
  // "The bakery closes on Mondays" ends nothing else that is so on Mondays.
  const times = new Set(termsIn([...later.numbers].join(' ')));
  const meant = new Set([...later.endedTerms].filter((term) => !weak.has(term) && !times.has(term)));
  const shared = [...meant].filter((term) => [...before.terms].some((other) => isOfOneStem(term, other)));
  if (shared.length === 0 || sharesOnlyVerb(shared, later, before)) return contradicts(later, before);
  const named = shared.filter((term) => before.names.has(term) || later.names.has(term));
  const others = [...before.names].filter((name) => !meant.has(name));
  if (named.length > 0) return !(others.length > 0 && isList(before));
  return shared.length * 2 >= Math.min(meant.size, before.objectTerms.size) && !isList(before);
}

/**
 * Whether both use a verb with different objects and share nothing else. "I stopped using Slack" does not end "I use
 * Jira", but "I quit smoking" ends "I smoke a pack a day". The "used" of "I used to sail" is no word of its own.
 */
function sharesOnlyVerb(shared: readonly string[], later: Told, before: Told): boolean {
  const verb = termsIn(before.statement.verb?.said ?? '');
  const { tokens, verb: laterVerb } = later.statement;
  const isAuxiliary = ({ lower }: Token) => laterVerb?.usedTo === true && lower === 'used';
  const other = complementOf(before.statement.rest);
  return shared.every((term) => {
    if (!verb.includes(term) || before.objectTerms.has(term)) return false;
    const at = tokens.findIndex((token) => termsIn(token.text).includes(term) && !isAuxiliary(token));
    if (at === -1) return true;
    if (tokens[at]?.pos === 'NOUN' || other === null) return false;
    const mine = complementOf(tokens.slice(at + 1));
    return mine !== null && mine.preposition === other.preposition && !overlap(mine.terms, other.terms);
  });
}

/** What directly follows a verb, with a preposition or none: "Slack", "in a band". Null if there is only a time. */
function complementOf(
  tokens: readonly Token[],
): { readonly preposition: string | null; readonly terms: ReadonlySet<string> } | null {
  const [first] = tokens;
  const preposition = first?.pos === 'ADP' ? first.lower : null;
  const said = nounPhraseAt(tokens, preposition === null ? 0 : 1)?.tokens ?? [];
  if (findWhen(phraseText(said), 0, 'past') !== null) return null;
  const told = said.filter((token) => !isValue(token)).map(({ text }) => text);
  const terms = termsIn(told.join(' ')).filter((term) => !weak.has(term));
  return terms.length === 0 ? null : { preposition, terms: new Set(terms) };
}

/** "radiography" and "radiographer" */
function isOfOneStem(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return short === long || (short.length >= stemLettersMin && long.startsWith(short));
}
const stemLettersMin = 6;

const weak = new Set(
  'time day week month year today yesterday recent spring summer autumn fall winter last thing work live make take go get new old'.split(
    ' ',
  ),
);

function isList({ statement: { rest, tokens } }: Told): boolean {
  const told = rest.length > 0 ? rest : tokens;
  return (
    told.some(({ lower }) => /^(?:and|&)$/.test(lower)) || told.filter(({ text }) => text === ',').length > 1
  );
}

/**
 * Whether one says that a state holds and the other that it does not: "I've started eating fish" against "I
 * don't eat fish".
 */
function contradicts({ state: a, ...later }: Told, { state: b, ...before }: Told): boolean {
  if (a === null || b === null || a.predicate !== b.predicate || a.holds === b.holds) return false;
  // "I ran the marathon" against "I've never run a marathon"
  const isNever = !b.holds && before.statement.verb?.tense === 'perfect';
  if ((!a.lasts && !isNever) || (b.holds && !b.lasts)) return false;
  const termsOf = ({ object }: State) =>
    new Set(termsIn(phraseText(object)).filter((term) => !weak.has(term) && !later.numbers.has(term)));
  const [mine, other] = [termsOf(a), termsOf(b)];
  // "I smoke ten a day", "I haven't smoked since Easter"
  if (mine.size === 0 || (other.size === 0 && before.numbers.size === 0)) {
    return !/^(?:be|have|do|go|get)$/.test(a.predicate) && (!a.holds || other.size === mine.size);
  }
  if (a.predicate === 'have') return isSameThing(a.object, b.object);
  const shared = [...mine].filter((term) => other.has(term));
  return shared.length > 0 && shared.length * 2 >= Math.min(mine.size, other.size);
}

/** "a kitten" against "no pets"; not "a car seat" against "no car" */
function isSameThing(a: readonly Token[], b: readonly Token[]): boolean {
  const [mine, other] = [headTermIn(a), headTermIn(b)];
  if (mine === null || other === null) return false;
  return mine === other || termsIn(phraseText(headOf(a))).some((term) => isKindred(term, other));
}

function isKindred(term: string, kind: string): boolean {
  return kindredOf(term).includes(kind);
}

/** The main noun of the first noun phrase, after a preposition or none. */
function headTermIn(tokens: readonly Token[]): string | null {
  for (let at = 0; at < Math.min(tokens.length, 4); at++) {
    const phrase = nounPhraseAt(tokens, at);
    if (phrase !== null) return termsIn(phrase.head.text)[0] ?? null;
  }
  return null;
}

/**
 * Whether two wishes about answers contradict each other: "Use American spelling" against "Use British
 * spelling", "You can give longer answers again" against "Keep your answers short".
 */
function isOrderedOtherwise(later: Told, before: Told): boolean {
  if (before.statement.kind !== 'imperative') return false;
  const { kind, verb, rest } = later.statement;
  const tells = kind === 'imperative' || (kind === 'pronoun' && later.subjectTerms.size === 0);
  if (!tells || verb === null) return false;
  const shares = [...later.terms].some((term) => before.objectTerms.has(term) && !weak.has(term));
  if (!shares) return false;
  if (later.isChange || later.isEnding || rest.some(({ lower }) => lower === 'again')) return true;
  return verb.lemma === before.statement.verb?.lemma && verb.negated !== before.statement.verb.negated;
}

/**
 * Whether the same is said with another number, time or amount: "The beta moved to January 15" against "The beta
 * deadline is December 1st", "I run four times a week" against "I run twice a week".
 */
function hasOtherValue(later: Told, before: Told): boolean {
  if (later.numbers.size === 0 || before.numbers.size === 0) return false;
  if ([...before.numbers].every((number) => later.numbers.has(number))) return false;
  if (isDenied(later) || isDenied(before)) return false;
  const [mine, other] = [contentOf(later), contentOf(before)];
  const shared = [...mine].filter((term) => other.has(term));
  const isChanged = later.isChange || /\bto [€$£]?\d/.test(later.text);
  const isSame = shared.length > 0 && !sharesOnlyVerb(shared, later, before);
  if (isChanged && (isSame || isRetold(later, before))) return true;
  const [a, b] = [later.state, before.state];
  if (a === null || b === null || a.predicate !== b.predicate || a.predicate === 'have') return false;
  return (
    a.lasts && b.lasts && mine.size === other.size && shared.length === mine.size && unitsAgree(later, before)
  );
}

/** "It's 3500 a month now" after "I earn 3200 a month": only the units say what it is about. */
function isRetold(later: Told, before: Told): boolean {
  const verb = later.statement.verb?.lemma;
  if (verb !== undefined && verb !== before.statement.verb?.lemma && !retelling.has(verb)) return false;
  const about = [...contentOf(before)].filter(
    (term) => !termsIn(before.statement.verb?.said ?? '').includes(term),
  );
  return (
    /^(?:user|dropped|fragment|pronoun)$/.test(later.statement.kind) &&
    about.length === 0 &&
    unitsAgree(later, before)
  );
}

function unitsAgree(later: Told, before: Told): boolean {
  const other = unitsOf(before);
  return [...unitsOf(later)].some((unit) => other.has(unit));
}

/** Terms of nouns that only say what a number counts: "kilos" in "90 kilos", "week" in "twice a week". */
function unitsOf({ statement: { rest } }: Told): ReadonlySet<string> {
  return new Set(
    rest.flatMap(({ text }, i) =>
      isUnit(rest, i) ? termsIn(text) : (/(?<=\d)[\p{L}%€$£]+$/u.exec(text) ?? []),
    ),
  );
}

function isUnit(tokens: readonly Token[], at: number): boolean {
  const [before, last] = [tokens[at - 2], tokens[at - 1]];
  if (last === undefined || !/^(?:NOUN|PROPN)$/.test(tokens[at]?.pos ?? '')) return false;
  if (isValue(last)) return true;
  return (
    /^(?:a|an|per)$/.test(last.lower) && before !== undefined && (isValue(before) || isUnit(tokens, at - 2))
  );
}

/** Terms that say what a value is about: without numbers, units and times. */
function contentOf(told: Told): ReadonlySet<string> {
  const { terms, numbers } = told;
  const units = unitsOf(told);
  return new Set(
    [...terms].filter(
      (term) => !weak.has(term) && !/^\d/.test(term) && !numbers.has(term) && !units.has(term),
    ),
  );
}

/** Whether the later statement names only a new value, and the earlier one may be what it replaces: "I use vim". */
function mayReplace(later: Told, before: Told): boolean {
  const value = later.newValue;
  if (value === null || before.person !== null || later.person !== null) return false;
  if (before.newValue !== null) return formOfValue(before.newValue) === formOfValue(value);
  const held = /^is:/.test(before.slot ?? '') && before.statement.verb?.lemma === 'be';
  if (before.slot !== null && !held) return false;
  const { rest, verb, kind } = before.statement;
  // "I write Kotlin now" is about writing. "I switched to Helix" is about what is used; "I switched to oat milk" may be
  // about anything.
  const verbAfter = later.statement.verb?.lemma ?? '';
  const isOfOneVerb = oneAtATime.has(verbAfter)
    ? verbAfter === verb?.lemma
    : verb?.lemma === 'use' && value.some(({ text }) => /^\p{Lu}/u.test(text));
  const isOwn = /^(?:user|dropped)$/.test(kind) && isInUse(before) && isOfOneVerb;
  if (!isOwn && !held) return false;
  return rest.some(({ pos }, at) => {
    if (at > 0 && pos !== 'ADP') return false;
    const phrase = nounPhraseAt(rest, pos === 'ADP' ? at + 1 : at);
    return phrase !== null && formOfValue(phrase.tokens) === formOfValue(value);
  });
}

/** "Mimi died" ends "Our cat Mimi is deaf". */
function hasDied(later: Told, before: Told): boolean {
  const { verb } = later.statement;
  if (verb === null || verb.negated || !/^(?:past|perfect)$/.test(verb.tense)) return false;
  return (
    before.person !== null && later.person !== null && dying.test(later.text) && isOfSameOwner(later, before)
  );
}
const dying = /\b(?:died|passed away|was put (?:down|to sleep))\b/i;

/** How a value is written: "Helix" and "vim" are bare, "a Kia" has an article and a name, "the seat" a noun. */
function formOfValue(tokens: readonly Token[]): string {
  const [first] = tokens;
  const isBare = first === undefined || !/^(?:DET|NUM|PRON)$/.test(first.pos);
  if (isBare) return 'bare';
  return tokens.slice(1).some(({ text }) => /^\p{Lu}/u.test(text)) ? 'name' : 'noun';
}

function isDenied({ state }: Told): boolean {
  return state?.holds === false;
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((term) => b.has(term) && !weak.has(term));
}
