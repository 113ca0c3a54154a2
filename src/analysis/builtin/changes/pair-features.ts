import { kindredOf } from '../../../lib/text/kindred-english.js';
import { decisive, isOfSameOwner, type SignOfEnd, signsOfEnd } from '../ends.js';
import type { Token } from '../english.js';
import { termsIn } from '../reading.js';
import type { Told } from '../told.js';

/** A sentence, and the statements in it. */
export interface Said {
  /** Sentences in its message. */
  readonly sentences: number;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly terms: ReadonlySet<string>;
  /** Terms related to one of the sentence's. */
  readonly kindred: ReadonlySet<string>;
  readonly told: readonly Told[];
}

export function saidIn(
  text: string,
  tokens: readonly Token[],
  told: readonly Told[],
  sentences: number,
): Said {
  const terms = termsIn(text);
  return { sentences, text, tokens, terms: new Set(terms), kindred: new Set(terms.flatMap(kindredOf)), told };
}

/** How a sentence relates to a fact. */
export interface Relation {
  readonly isOfSameOwner: boolean;
  readonly signs: ReadonlySet<SignOfEnd>;
}

/**
 * The facts that a sentence can be about: they have a common term, a term of the sentence is related to what the fact is
 * about, or there is a sign of an end.
 */
export function relationsTo<T extends { readonly told: Told }>(
  said: Said,
  facts: readonly T[],
): { readonly fact: T; readonly relation: Relation }[] {
  const signsOf = facts.map(({ told }) => new Set(said.told.flatMap((one) => signsOfEnd(one, told))));
  // "I switched to Helix" says of no fact that it is replaced if it can be several.
  if (signsOf.filter((signs) => signs.has('meant')).length > 1)
    for (const signs of signsOf) signs.delete('meant');
  return facts.flatMap((fact, i) => {
    const { told } = fact;
    const signs = signsOf[i] ?? new Set();
    const isAbout = sharedTerms(said, told).length > 0 || kindredTerms(said, told.objectTerms).length > 0;
    if (!isAbout && signs.size === 0) return [];
    return [{ fact, relation: { signs, isOfSameOwner: said.told.some((one) => isOfSameOwner(one, told)) } }];
  });
}

function sharedTerms({ terms }: Said, before: Told): string[] {
  return [...before.terms].filter((term) => terms.has(term));
}

/** Terms of a fact that have a related one in the sentence. */
function kindredTerms({ terms, kindred }: Said, of: ReadonlySet<string>): string[] {
  return [...of].filter(
    (term) => !terms.has(term) && (kindred.has(term) || kindredOf(term).some((other) => terms.has(other))),
  );
}

/**
 * The features of a sentence that may end a fact, each once. "Shared" terms are in both.
 * - `bias`; `statements:N`: the number of statements in the sentence
 * - `sentences:N`: the number of sentences in the message
 * - `shared:N`, `share>P`: the number of shared terms, and their share of the fact's terms in percent
 * - `shares:T`: a shared term; `shares-name`, `shares-object`, `shares-subject`: what it is in the fact
 * - `like>P`: the cosine of the sentence vectors of fact and said, in percent (`likenessFeatures`)
 * - `number:other`, `number:none`, `number:same`: the numbers of the fact in the sentence
 * - `asks`: a question mark
 * - `word:L`, `pair:L+L`: the lemmas of the said, and two adjacent ones
 * - `was-verb:L`, `was:T`, `was-kind:K`: the verb, the tense and the kind of the fact
 * - for each statement: `verb:L/T/N`, `tense:T/N`, `modal:M`, `kind:K`: its verb, tense, negation and kind;
 *   `verbs:L>L`: the verbs of the fact and of the statement; `same-verb:T/N`: both have one verb
 * - `verb-subject:L/T`, `tense-subject:T/N`, `verb-object:L/T`, `kind-object:K/T/N`: the same, if the subject or
 *   the object of the statement shares a term
 * - `ends`, `changes`: it has words for an end or a change; `ends-it`, `changes-it`, `number-it`, `kind-it:K`,
 *   `word-it:L`: if it shares a term
 * - `role:XY` and more: part X of the statement (`s` subject, `o` object) shares terms with part Y of the fact; `+N`,
 *   `-N`: the number of other terms of each; with the verb, its tense and negation, and words for an end or a change
 * - `slot`: both are of one slot
 * - `who:W`: whom the statement is about, in relation to the fact; with words for an end or a change, tense and negation
 * - `owner:same`, `owner:other`: both are about the user or about one person of theirs, or not
 * - `sign:S/same`, `sign:S/other`: a sign of `ends.ts`, with the owner; `sign:decisive` for those that are
 */
export function pairFeatures(
  said: Said,
  before: Told,
  { signs, isOfSameOwner: isSame }: Relation,
): Set<string> {
  const found = new Set<string>(['bias', `statements:${Math.min(3, said.told.length)}`]);
  found.add(`sentences:${Math.min(3, said.sentences)}`);
  const owner = isSame ? 'same' : 'other';
  found.add(`owner:${owner}`);
  for (const sign of signs) {
    found.add(`sign:${sign}/${owner}`);
    if (decisive.has(sign)) found.add(`sign:decisive/${owner}`);
  }
  addShared(found, said, before);
  addWords(found, said);
  const { verb, kind } = before.statement;
  found.add(`was-kind:${kind}`);
  if (verb !== null) found.add(`was-verb:${verb.lemma}`).add(`was:${verb.tense}/${verb.negated}`);
  for (const told of said.told) addStatement(found, told, before);
  return found;
}

/** `like>P` for each step that the cosine is above. */
export function likenessFeatures(cosine: number): string[] {
  return likenessSteps.filter((percent) => cosine * 100 > percent).map((percent) => `like>${percent}`);
}
export const likenessSteps = Array.from({ length: 18 }, (_, i) => (i + 1) * 5);

function addShared(found: Set<string>, said: Said, before: Told): void {
  const shared = sharedTerms(said, before);
  found.add(`shared:${Math.min(3, shared.length)}`);
  for (const term of shared) {
    found.add(`shares:${term}`);
    if (before.names.has(term)) found.add('shares-name');
    if (before.objectTerms.has(term)) found.add('shares-object');
    if (before.subjectTerms.has(term)) found.add('shares-subject');
  }
  const share = shared.length / Math.max(1, before.terms.size);
  for (const percent of [20, 30, 45, 60, 80, 99]) if (share * 100 > percent) found.add(`share>${percent}`);
  const [was, is] = [before.text, said.text].map((some) => new Set(some.match(/\d+/g)));
  if (was !== undefined && is !== undefined && was.size > 0) {
    if ([...is].some((number) => !was.has(number))) found.add('number:other');
    if (is.size === 0) found.add('number:none');
    if ([...is].some((number) => was.has(number))) found.add('number:same');
  }
}

function addWords(found: Set<string>, { tokens, text }: Said): void {
  if (text.includes('?')) found.add('asks');
  let last = '^';
  for (const { lemma } of tokens) {
    const word = lemma.toLowerCase();
    found.add(`word:${word}`).add(`pair:${last}+${word}`);
    last = word;
  }
}

/** Which part of the statement shares terms with which part of the fact, and how much else the parts name. */
function addRoles(found: Set<string>, told: Told, before: Told): void {
  const { verb } = told.statement;
  const partsOf = ({ subjectTerms, objectTerms }: Told) => [
    ['s', subjectTerms] as const,
    ['o', objectTerms] as const,
  ];
  for (const [part, terms] of partsOf(told)) {
    for (const [of, others] of partsOf(before)) {
      const shared = [...terms].filter((term) => others.has(term)).length;
      if (shared === 0) continue;
      const role = `role:${part}${of}`;
      found.add(role);
      found
        .add(`${role}/+${Math.min(2, terms.size - shared)}`)
        .add(`${role}/-${Math.min(2, others.size - shared)}`);
      if (told.isEnding) found.add(`${role}/ends`);
      if (told.isChange) found.add(`${role}/changes`);
      if (verb !== null) found.add(`${role}/${verb.lemma}`).add(`${role}/${verb.tense}/${verb.negated}`);
    }
  }
}

/** Whom a statement is about, in relation to the fact. */
function whoOf({ person, relations }: Told, before: Told): string {
  const isNamed = (one: Told['person'], terms: ReadonlySet<string>, kin: ReadonlySet<string>) =>
    one !== null && ([...one.names].some((name) => terms.has(name)) || kin.has(one.relation ?? ''));
  const isInFact = isNamed(person, before.terms, before.relations);
  if (before.person !== null)
    return person === null ? 'who:user-after-other' : isInFact ? 'who:same-other' : 'who:another';
  if (person === null) return relations.size > 0 ? 'who:user-with-other' : 'who:user';
  return isInFact ? 'who:named-in-fact' : 'who:other-after-user';
}

function addStatement(found: Set<string>, told: Told, before: Told): void {
  addRoles(found, told, before);
  const { kind, verb, tokens } = told.statement;
  const isShared = (terms: ReadonlySet<string>) => [...terms].some((term) => before.terms.has(term));
  found.add(`kind:${kind}`);
  if (verb !== null) {
    const form = `${verb.tense}/${verb.negated}`;
    const was = before.statement.verb;
    found.add(`verb:${verb.lemma}/${form}`).add(`tense:${form}`);
    if (verb.modal !== null) found.add(`modal:${verb.modal}`);
    if (was !== null) found.add(`verbs:${was.lemma}>${verb.lemma}`);
    if (was?.lemma === verb.lemma) found.add(`same-verb:${verb.tense}/${verb.negated !== was.negated}`);
    if (isShared(told.subjectTerms)) {
      found.add(`verb-subject:${verb.lemma}/${verb.tense}`).add(`tense-subject:${form}`);
    }
    if (isShared(told.objectTerms)) {
      found.add(`verb-object:${verb.lemma}/${verb.tense}`).add(`kind-object:${kind}/${form}`);
    }
  }
  if (told.isEnding) found.add('ends');
  if (told.isChange) found.add('changes');
  if (isShared(told.terms)) {
    found.add(`kind-it:${kind}`);
    if (told.isEnding) found.add('ends-it');
    if (told.isChange) found.add('changes-it');
    const { numbers } = before;
    const isOther = told.numbers.size > 0 && ![...told.numbers].some((number) => numbers.has(number));
    if (numbers.size > 0 && isOther) found.add('number-it');
    for (const { lemma } of tokens) found.add(`word-it:${lemma.toLowerCase()}`);
  }
  const [slot, other] = [told.slot, before.slot].map((some) => some?.split(':')[0]);
  if (slot !== undefined && slot === other) found.add('slot');
  const who = whoOf(told, before);
  found.add(who).add(`${who}/${told.isEnding ? 'ends' : told.isChange ? 'changes' : 'tells'}`);
  if (verb !== null) found.add(`${who}/${verb.tense}/${verb.negated}`);
}
