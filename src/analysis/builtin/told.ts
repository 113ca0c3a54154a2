import { takesPlaceOf } from '../../tiers/knowledge.js';
import { phraseText } from './phrases.js';
import { termsIn } from './reading.js';
import {
  changes,
  diets,
  dislikes,
  endingPhrases,
  endings,
  likings,
  outcomes,
  replacements,
  slots,
  slotsOfAnybody,
  withoutWork,
} from './slots.js';
import type { SentenceForm } from './statements.js';
import type { VerbGroup } from './verb-group.js';
import { occupations, onlyRelations, pets, relations } from './word-lists.js';

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
  readonly isDenied: boolean;
  readonly isEnding: boolean;
  readonly isChange: boolean;
  /** Terms of the thing that is replaced: X in "from X to Y". */
  readonly replaced: readonly ReadonlySet<string>[];
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
  return {
    statement,
    text,
    subjectTerms: new Set(termsIn(phraseText(subject))),
    objectTerms: new Set(termsIn(phraseText(verb === null ? tokens : rest))),
    terms: new Set(termsIn(text)),
    endedTerms: new Set(termsIn(phraseText(endsByVerb ? [...subject, ...headOf(acts.object)] : tokens))),
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
    isDenied: verb?.negated === true,
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
  if (/^(?:in|from)$/.test(rest[0]?.lower ?? '')) return null;
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
  if (words.some(({ pos }) => /^(?:DET|ADP|PRON|NUM|ADV)$/.test(pos))) return null;
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
function likingOf({ kind, verb, rest, subject, tokens }: Told['statement'], text: string): string | null {
  if (verb === null) return null;
  // "I have started to love running"
  const begun =
    /^(?:start|begin|come|grow|learn)$/.test(verb.lemma) && rest[0]?.lower === 'to' && rest[1] !== undefined;
  const lemma = begun ? (rest[1]?.lemma ?? '') : verb.lemma;
  const own = aboutUser.test(kind) && (likings.has(lemma) || dislikes.has(lemma));
  const grown =
    /^(?:thing|named)$/.test(kind) &&
    (/\bgrown on me\b/i.test(text) || tokens.some(({ lemma }) => likings.has(lemma)));
  const stand = aboutUser.test(kind) && verb.negated && verb.lemma === 'stand';
  if (!own && !grown && !stand) return null;
  const terms = termsIn(phraseText(grown ? subject : objectOf(begun ? rest.slice(2) : rest)));
  return terms.length === 0 || terms.length > 3 ? null : `preference:${terms.join(' ')}`;
}

/** The object itself, without time, reason and "any more". */
function objectOf(rest: Told['statement']['rest']): Told['statement']['rest'] {
  const end = rest.findIndex(({ lower }) =>
    /^(?:[.,;!]|any|anymore|now|when|because|since|but|so|these|at|again|as|for|than|over)$/.test(lower),
  );
  return end === -1 ? rest : rest.slice(0, end);
}

/** Whether a token is a number, a weekday or a month. Dates, hours and amounts consist of these. */
function isValue({ text, lower, pos }: SentenceForm['tokens'][number]): boolean {
  return /\d/.test(text) || pos === 'NUM' || dayOrMonth.test(lower) || (text === 'May' && pos !== 'AUX');
}
const dayOrMonth =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|october|november|december)$/;

/** The object itself, without place, time and recipient. */
function headOf(rest: SentenceForm['rest']): SentenceForm['rest'] {
  const end = rest.findIndex(
    ({ lower, pos, text }, i) =>
      i > 0 && (/^[.,;:!]$/.test(text) || (pos === 'ADP' && lower !== 'of') || pos === 'SCONJ'),
  );
  return end === -1 ? rest : rest.slice(0, end);
}

/** Whether the later statement ends the earlier one. */
export function ends(later: Told, before: Told): boolean {
  if (later.slot !== null && before.slot !== null && takesPlaceOf(later.slot, before.slot)) return true;
  if (ownBirth.test(later.text) && before.statement.subject.some(({ lower }) => partners.has(lower))) {
    return hasOutcome(later, before);
  }
  if (!isOfSameOwner(later, before)) return false;
  if (isSameAttribute(later, before)) return true;
  if (
    !isIntended(later) &&
    later.replaced.some((terms) => terms.size > 0 && [...terms].every((term) => before.terms.has(term)))
  ) {
    return later.isChange || later.isEnding;
  }
  if (hasNewRole(later, before) || handsIn(later, before)) return true;
  if (leaves(later, before) || movesIt(later, before) || hasOutcome(later, before)) return true;
  if (later.isEnding) return endsByWord(later, before);
  if (later.isDenied !== before.isDenied && isSamePredicate(later, before)) return true;
  return later.isChange && hasOtherNumbers(later, before);
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
  if (!later.isChange || !isRole(later) || !isRole(before)) return false;
  return [...later.subjectTerms].some((term) => before.subjectTerms.has(term));
}

/** "I handed in my thesis" after "I'm writing my thesis". */
function handsIn(later: Told, before: Told): boolean {
  const { verb, rest } = later.statement;
  const isHandedIn =
    verb?.lemma === 'submit' ||
    (/^(?:hand|turn|send|give)$/.test(verb?.lemma ?? '') && rest[0]?.lower === 'in');
  if (!isHandedIn || verb?.negated === true || before.statement.verb?.tense !== 'progressive') return false;
  return [...later.objectTerms].some((term) => before.objectTerms.has(term) && !weak.has(term));
}

/** "Max turned 4" ends "My son Max is 3". */
function isSameAttribute(later: Told, before: Told): boolean {
  const [a, b] = [later.slot, before.slot].map((slot) => /'s (\w+)(?::|$)/.exec(slot ?? '')?.[1]);
  if (a === undefined || a !== b || later.slot?.includes(':') === true) return false;
  return [...nameOf(before)].some((name) => later.names.has(name));
}

/**
 * Whether an event ended a state: "Our son was born" ends "I am pregnant". An event in the life of a sister
 * ends nothing of the user's.
 */
function hasOutcome(later: Told, before: Told): boolean {
  if (later.isDenied || later.statement.verb?.tense === 'future') return false;
  if (later.statement.kind === 'theirs' && before.statement.kind !== 'theirs' && !ownBirth.test(later.text))
    return false;
  if (later.slot === 'employer' && withoutWork.test(before.text)) return true;
  return outcomes.some(
    ([event, state]) => event.test(later.text) && state.test(before.text) && !state.test(later.text),
  );
}
const partners = new Set('wife husband partner girlfriend boyfriend fiancee fiancée fiancé'.split(' '));
const ownBirth =
  /^(?:our|my) (?:\p{L}+ )?(?:son|daughter|baby|twins|boy|girl|little|first|second|third|child)\b/iu;

/** "I left the brewery" ends working there; "I left my phone at home" ends nothing. */
function leaves(later: Told, before: Told): boolean {
  if (!/^(?:leave|resign)$/.test(later.statement.verb?.lemma ?? '')) return false;
  if (before.statement.kind === 'theirs' && !/^(?:theirs|named)$/.test(later.statement.kind)) return false;
  const { verb, rest } = before.statement;
  const isThere = verb?.lemma === 'be' && /^(?:in|at|with|on)$/.test(rest[0]?.lower ?? '');
  if (!isThere && !/^(?:work|live|study|play|attend|sing|volunteer)$/.test(verb?.lemma ?? '')) return false;
  return [...later.objectTerms].some((term) => before.terms.has(term) && !weak.has(term));
}

/** "We moved the repo to Forgejo" against "The repo is on GitHub". */
function movesIt(later: Told, before: Told): boolean {
  if (
    !/^(?:move|migrate|transfer|rename|change|switch|rewrite|rewrote|port|convert|upgrade|replace|push|postpone|reschedule)$/.test(
      later.statement.verb?.lemma ?? '',
    )
  )
    return false;
  const { verb } = before.statement;
  if (
    verb === null ||
    !(/^(?:be|live|run|use)$/.test(verb.lemma) || (verb.passive && verb.tense === 'present'))
  )
    return false;
  const moved = [...new Set(termsIn(phraseText(headOf(later.statement.rest))))];
  return moved.some((term) => before.subjectTerms.has(term)) && moved.every((term) => before.terms.has(term));
}

/**
 * Whether both are about the user, or both about the same person of the user's. If something ends for the
 * user, it may go on for their brother.
 */
function isOfSameOwner(later: Told, before: Told): boolean {
  const person = before.statement.kind === 'theirs' ? personIn(before) : null;
  if (person === null || later.terms.has(person) || later.text.toLowerCase().includes(person)) return true;
  return [...nameOf(before)].some((name) => later.names.has(name));
}

/** The name of a person of the user's: "my brother Tom", "my girlfriend is called Jana". */
function nameOf({ statement: { subject, verb, rest } }: Told): ReadonlySet<string> {
  const naming = verb !== null && /^(?:be|call|name)$/.test(verb.lemma) && rest[0]?.pos !== 'ADP' ? rest : [];
  return new Set([...subject, ...naming].flatMap(({ text }) => (/^\p{Lu}/u.test(text) ? termsIn(text) : [])));
}

function personIn({ statement: { subject } }: Told): string | null {
  return subject.find(({ lower }) => relations.has(lower))?.lower ?? null;
}

/**
 * "I sold the Golf" ends "I drive an old Golf". If the earlier fact is a list that also names other things,
 * only a part of it ends, so the fact stays.
 */
function endsByWord(later: Told, before: Told): boolean {
  if (before.isEnding) return false;
  const meant = new Set([...later.endedTerms].filter((term) => !weak.has(term)));
  const shared = [...meant].filter((term) => [...before.terms].some((other) => isOfOneStem(term, other)));
  if (shared.length === 0) return false;
  const named = shared.filter((term) => before.names.has(term) || later.names.has(term));
  const others = [...before.names].filter((name) => !meant.has(name));
  if (named.length > 0) return !(others.length > 0 && isList(before));
  return shared.length * 2 >= Math.min(meant.size, before.objectTerms.size) && !isList(before);
}

/** "radiography" and "radiographer" */
function isOfOneStem(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return short === long || (short.length >= stemLettersMin && long.startsWith(short));
}
const stemLettersMin = 7;

const weak = new Set(
  'time day week month year today yesterday last thing work live make take go get new old'.split(' '),
);

function isList({ statement: { rest, tokens } }: Told): boolean {
  const told = rest.length > 0 ? rest : tokens;
  return (
    told.some(({ lower }) => /^(?:and|&)$/.test(lower)) || told.filter(({ text }) => text === ',').length > 1
  );
}

/**
 * The verb that a statement is about: "I have started eating fish" is about "eat", as "I don't eat fish" is.
 */
function predicateOf({ verb, rest }: Told['statement']): string | undefined {
  const [act] = rest;
  const isBegun = /^(?:start|begin|resume)$/.test(verb?.lemma ?? '') && act?.lower.endsWith('ing') === true;
  return isBegun ? act?.lemma : verb?.lemma;
}

function isSamePredicate(later: Told, before: Told): boolean {
  const [a, b] = [predicateOf(later.statement), predicateOf(before.statement)];
  if (a === undefined || a !== b) return false;
  // "I smoke", "I haven't smoked since Easter"
  if (before.objectTerms.size === 0)
    return before.statement.kind === 'user' && later.statement.kind === 'user';
  const isUsers = /^(?:user|dropped)$/;
  const hasObject = [...later.objectTerms].some((term) => !weak.has(term) && !later.numbers.has(term));
  // "I smoke ten a day", "Haven't smoked in three months"
  if (!hasObject && later.isDenied && !/^(?:be|have|do|go|get)$/.test(a)) {
    return isUsers.test(before.statement.kind) && isUsers.test(later.statement.kind);
  }
  const shared = [...later.objectTerms].filter((term) => before.objectTerms.has(term) && !weak.has(term));
  return shared.length > 0 && shared.length * 2 >= Math.min(later.objectTerms.size, before.objectTerms.size);
}

/** "The beta moved to January 15" against "The beta deadline is December 1st". */
function hasOtherNumbers(later: Told, before: Told): boolean {
  if (later.numbers.size === 0 || before.numbers.size === 0) return false;
  if ([...before.numbers].every((number) => later.numbers.has(number))) return false;
  const nouns = [...later.terms].filter(
    (term) => before.terms.has(term) && !weak.has(term) && !/^\d/.test(term),
  );
  return nouns.length > 0;
}
