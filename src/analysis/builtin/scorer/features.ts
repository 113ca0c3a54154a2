import { findWhen } from '../../../lib/time/when.js';
import { often } from '../frequency.js';
import { isVague, phraseText } from '../phrases.js';
import type { SentenceForm } from '../statements.js';
import * as lists from '../word-lists.js';

/**
 * Classes of words used in statements about the life of a person. With a class, the scorer can judge words
 * that were not in the training data.
 */
const classes: Readonly<Record<string, ReadonlySet<string>>> = {
  relation: lists.relations,
  pet: lists.pets,
  job: lists.occupations,
  identity: lists.identities,
  diet: lists.diets,
  condition: lists.conditions,
  possession: lists.possessions,
  appointment: lists.appointments,
  employer: lists.employers,
  dwelling: lists.dwellings,
  instrument: lists.instruments,
  sport: lists.sportsAndGames,
  empty: lists.emptyHeads,
  judgement: lists.judgements,
  mood: lists.moods,
  abstract: lists.abstracts,
};

/**
 * The features of a statement for the scorer, each once:
 * - `bias`
 * - `kind:K`, `kind:K+verb:V`, `kind:K+tense:T`: the kind of its subject, also with the verb and with the
 *   tense
 * - `verb:V`, `tense:T`, `verb:V+tense:T`, `modal:M`, `not`, `not+verb:V`, `passive`, `used-to`, `no-verb`,
 *   `no-verb+kind:K`: the verb group
 * - `adverb:A`: an adverb within the verb group ("just", "usually")
 * - `next:P`, `verb:V+next:P`: the kind of word after the verb: `vague` ("it"), a class of words, or a part
 *   of speech
 * - `word:W`: the lemma of a noun, verb, adjective or adverb, anywhere in the statement
 * - `pair:W+W`: two adjacent words; such pairs identify figures of speech ("train of thought")
 * - `of:C`: a noun of a class of words, such as relatives, pets or appointments
 * - `my+of:C`: such a noun after "my" or "our"
 * - `concrete`, `concrete:K`: it has a concrete noun or name after the verb, that is, one that is in none of
 *   the classes of judgements, moods, abstract nouns and empty nouns; without a verb, anywhere
 * - `things:N`, `kind:K+things:N`, `tense:T+things:N`: the number of concrete nouns and names after the verb,
 *   without times and without nouns that refer back ("these rabbits", "that class"); without a verb, of all
 * - `points:K`: the object refers back to an earlier statement ("it", "one", "these rabbits"), or there is no
 *   object
 * - `moment`, `moment+tense:T`: it is about the present day ("today", "right now", "since we last spoke")
 * - `impersonal:K`: it contains none of "I", "we", "my" and "our"
 * - `gerund`: the subject is an activity ("running clears my head")
 * - `name`, `number`, `date`, `often`: it contains a name, a number, a time, or words for a repetition
 * - `vague`, `you`, `we`, `me`: it contains words that depend on the context, or refer to the listener or the
 *   speaker
 * - `long`, `short`, `clauses:N`: its length, and its number of clauses
 * - `first:W`, `last:!`: its first word, and an exclamation mark at the end
 */
export function featuresOf(told: SentenceForm): Set<string> {
  const { tokens, kind, verb, verbAt, rest, subject } = told;
  const found = new Set<string>(['bias', `kind:${kind}`, `clauses:${Math.min(told.clauses, 3)}`]);
  if (verb === null) found.add('no-verb').add(`no-verb+kind:${kind}`);
  else {
    found.add(`verb:${verb.lemma}`).add(`tense:${verb.tense}`);
    found.add(`kind:${kind}+verb:${verb.lemma}`).add(`kind:${kind}+tense:${verb.tense}`);
    found.add(`verb:${verb.lemma}+tense:${verb.tense}`);
    if (verb.negated) found.add('not').add(`not+verb:${verb.lemma}`);
    if (verb.passive) found.add('passive');
    if (verb.usedTo) found.add('used-to');
    if (verb.modal !== null) found.add(`modal:${verb.modal}`);
    for (const adverb of verb.adverbs) found.add(`adverb:${adverb}`);
    const next = nextKind(rest);
    found.add(`next:${next}`).add(`verb:${verb.lemma}+next:${next}`);
  }
  addWords(found, told);
  addThings(found, told);
  if ((verb === null ? tokens : rest).some(isConcrete)) found.add('concrete').add(`concrete:${kind}`);
  if (/ing$/.test(subject[0]?.lower ?? '') && subject[0]?.pos === 'VERB') found.add('gerund');
  const text = phraseText(tokens);
  if (/\d/.test(text) || tokens.some(({ pos }) => pos === 'NUM')) found.add('number');
  if (findWhen(text, 0, 'past') !== null) found.add('date');
  if (often.test(text)) found.add('often');
  if (isVague(withoutTimes(verb === null ? tokens : rest))) found.add('vague');
  if (/\b(?:you|your)\b/i.test(text)) found.add('you');
  if (/\b(?:we|us|our)\b/i.test(text)) found.add('we');
  if (/\b(?:me|my|mine)\b/i.test(text)) found.add('me');
  if (tokens.length > 18) found.add('long');
  if (tokens.length <= 5) found.add('short');
  const first = tokens[Math.max(0, verbAt - subject.length - told.lead.length)] ?? tokens[0];
  if (first !== undefined) found.add(`first:${first.lower}`);
  if (tokens.at(-1)?.text.startsWith('!') === true) found.add('last:!');
  return found;
}

/** Nouns for times, amounts and order, which name no thing. */
const measures = new Set(
  'today tonight tomorrow yesterday day night morning evening afternoon week weekend month year hour minute second season semester time times moment past future while bit lot couple few bunch number kind sort type way side end start beginning rest half part one two monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december spring summer autumn fall winter fri tues sat sun mon wed thurs'.split(
    ' ',
  ),
);
const pointers = /^(?:it|them|this|that|these|those|one|ones|there|here|such|some|something|anything)$/;
const ofTheMoment =
  /\b(?:today|tonight|right now|rn|at the moment|this (?:morning|afternoon|evening|weekend)|just (?:now|got|had|finished|came)|since we (?:last )?(?:spoke|talked|chatted)|tomorrow|so far)\b/i;

function addThings(found: Set<string>, { tokens, kind, verb, rest }: SentenceForm): void {
  const behind = verb === null ? tokens : rest;
  const things = behind.filter((token, i) => isThing(token) && !isPointedAt(behind, i)).length;
  const count = things > 2 ? '3+' : String(things);
  found.add(`things:${count}`).add(`kind:${kind}+things:${count}`);
  const text = phraseText(tokens);
  const isMoment = ofTheMoment.test(text);
  if (isMoment) found.add('moment');
  if (!tokens.some(({ lower }) => own.test(lower))) found.add(`impersonal:${kind}`);
  if (verb === null) return;
  found.add(`tense:${verb.tense}+things:${count}`);
  if (isMoment) found.add(`moment+tense:${verb.tense}`);
  const first = behind.findIndex(({ pos }) => !/^(?:ADV|ADJ|PART|ADP)$/.test(pos));
  const object = behind[first];
  if (object === undefined || /^\W/.test(object.text)) found.add('points:none');
  else if (pointers.test(object.lower)) {
    found.add(isThing(behind[first + 1] ?? object) ? 'points:noun' : 'points:word');
  }
}

const own = /^(?:i|me|my|mine|we|us|our|ours)$/;

function isThing(token: SentenceForm['tokens'][number]): boolean {
  return isConcrete(token) && !isMeasure(token);
}

function isMeasure({ lower, lemma }: SentenceForm['tokens'][number]): boolean {
  return [lower, lemma, lower.replace(/s$/, '')].some((word) => measures.has(word));
}

/** Whether a noun refers back: "that class", "those cute rabbits". */
function isPointedAt(tokens: SentenceForm['tokens'], at: number): boolean {
  return tokens.slice(Math.max(0, at - 2), at).some(({ lower }) => /^(?:this|that|these|those)$/.test(lower));
}

const momentary = [lists.judgements, lists.moods, lists.abstracts, lists.emptyHeads];

function isConcrete({ pos, lower, lemma }: SentenceForm['tokens'][number]): boolean {
  return /^(?:NOUN|PROPN)$/.test(pos) && !momentary.some((words) => words.has(lower) || words.has(lemma));
}

/** "this week" and "these days" refer to a time, not to earlier text. */
function withoutTimes(tokens: SentenceForm['tokens']): SentenceForm['tokens'] {
  return tokens.filter(
    ({ lower }, i) =>
      !(
        /^(?:this|these)$/.test(lower) &&
        /^(?:days?|week|weekend|month|year|morning|evening|afternoon|spring|summer|autumn|fall|winter)$/.test(
          tokens[i + 1]?.lower ?? '',
        )
      ),
  );
}

const contentPos = /^(?:NOUN|PROPN|VERB|ADJ|ADV)$/;

function addWords(found: Set<string>, { tokens }: SentenceForm): void {
  tokens.forEach((token, i) => {
    const lemma = token.pos === 'PROPN' ? token.lower : token.lemma.toLowerCase();
    if (i > 0 && token.pos === 'PROPN' && /^\p{Lu}/u.test(token.text) && !isMeasure(token)) found.add('name');
    if (contentPos.test(token.pos)) found.add(`word:${lemma}`);
    const next = tokens[i + 1];
    if (next !== undefined && /\p{L}/u.test(token.text) && /\p{L}/u.test(next.text)) {
      found.add(`pair:${lemma}+${next.lemma.toLowerCase()}`);
    }
    for (const [name, words] of Object.entries(classes)) {
      if (!words.has(token.lower) && !words.has(lemma)) continue;
      if (momentary.includes(words) && !/^(?:NOUN|ADJ)$/.test(token.pos)) continue;
      found.add(`of:${name}`);
      const before = tokens.slice(Math.max(0, i - 3), i);
      if (before.some(({ lower }) => lower === 'my' || lower === 'our')) found.add(`my+of:${name}`);
    }
  });
}

/** The kind of the first informative word after the verb. */
function nextKind(rest: SentenceForm['rest']): string {
  const token = rest.find(
    ({ lower }) => !/^(?:a|an|the|my|our|some|very|really|so|quite|pretty)$/.test(lower),
  );
  if (token === undefined || !/[\p{L}\p{N}]/u.test(token.text)) return 'none';
  if (isVague([token])) return 'vague';
  if (token.lower === 'to' || token.lower === 'that') return token.lower;
  for (const [name, words] of Object.entries(classes)) {
    if (words.has(token.lower) || words.has(token.lemma)) return name;
  }
  if (token.pos === 'VERB' && token.lower.endsWith('ing')) return 'gerund';
  if (token.pos === 'ADP') return token.lower;
  return token.pos;
}
