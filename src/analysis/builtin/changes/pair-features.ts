import { kindredOf } from '../../../lib/text/kindred-english.js';
import { ends, isOfSameOwner } from '../ends.js';
import type { Token } from '../english.js';
import { termsIn } from '../reading.js';
import { worthOf } from '../scorer/scorer.js';
import type { Told } from '../told.js';

/** A sentence, and the statements in it. `worth`: the highest score of a statement (`scorer`). */
export interface Said {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly terms: ReadonlySet<string>;
  /** Terms related to one of the sentence's. */
  readonly kindred: ReadonlySet<string>;
  readonly told: readonly Told[];
  readonly worth: number;
}

export function saidIn(text: string, tokens: readonly Token[], told: readonly Told[]): Said {
  const worth = Math.max(0, ...told.map(({ statement }) => worthOf(statement)));
  const terms = termsIn(text);
  return { text, tokens, terms: new Set(terms), kindred: new Set(terms.flatMap(kindredOf)), told, worth };
}

/**
 * Whether a sentence can be about a fact: it is about the same person, and they have a common term, or a related one for
 * what the fact is about.
 */
export function isRelated(said: Said, before: Told): boolean {
  if (!said.told.some((one) => isOfSameOwner(one, before))) return false;
  return sharedTerms(said, before).length > 0 || kindredTerms(said, before.objectTerms).length > 0;
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
 * - `worth>P`: the score of the sentence, in percent
 * - `shared:N`, `share>P`: the number of shared terms, and their share of the fact's terms in percent
 * - `shares:T`: a shared term; `shares-name`, `shares-object`, `shares-subject`: what it is in the fact
 * - `kindred:N`, `kindred-object`: terms of the fact with a related one in the sentence
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
 * - `slot`, `others`, `both-others`: both are of one slot; the statement, or both, are about somebody else
 * - `rule`: a rule of `ends.ts` applies
 */
export function pairFeatures(said: Said, before: Told): Set<string> {
  const found = new Set<string>(['bias', `statements:${Math.min(3, said.told.length)}`]);
  for (const percent of [5, 15, 30, 50, 70, 90])
    if (said.worth * 100 > percent) found.add(`worth>${percent}`);
  addRelation(found, said, before);
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

function addRelation(found: Set<string>, said: Said, before: Told): void {
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
  found.add(`kindred:${Math.min(2, kindredTerms(said, before.terms).length)}`);
  if (kindredTerms(said, before.objectTerms).length > 0) found.add('kindred-object');
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

function addStatement(found: Set<string>, told: Told, before: Told): void {
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
  if (told.person !== null) found.add(before.person === null ? 'others' : 'both-others');
  if (ends(told, before)) found.add('rule');
}
