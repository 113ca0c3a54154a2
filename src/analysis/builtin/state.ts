import type { Token } from './english.js';
import { nounPhraseAt } from './phrases.js';
import { beginnings, havings } from './slots.js';
import type { SentenceForm } from './statements.js';
import type { VerbGroup } from './verb-group.js';
import { knownVerb } from './verbs.js';

/**
 * What a statement says holds, or does not hold (any more). "I have started eating fish" and "I eat fish" say
 * the same; "I don't eat fish" says the contrary.
 */
export interface State {
  /** The lemma of the verb. Verbs of having are one: "I bought a car" says that I have one. */
  readonly predicate: string;
  readonly object: readonly Token[];
  readonly holds: boolean;
  /** False for what happened once: "I didn't drink coffee yesterday". */
  readonly lasts: boolean;
}

export function stateOf({ verb, rest, tokens }: SentenceForm): State | null {
  if (verb === null) return null;
  const isOver = verb.negated || verb.usedTo || /^(?:no|neither)$/.test(rest[0]?.lower ?? '');
  const isEnded = tokens.some(({ lower }, i) => lower === 'any' && tokens[i + 1]?.lower === 'more');
  const act = beginnings.has(verb.lemma) ? actIn(rest) : null;
  if (act !== null) return { predicate: act.lemma, object: act.object, holds: !isOver, lasts: true };
  if (isVisit(verb, rest)) return { predicate: 'visit', object: rest, holds: !isOver, lasts: true };
  const isHad = havings.has(verb.lemma) && nounPhraseAt(rest, 0) !== null;
  const isOnce = /^(?:past|past-progressive)$/.test(verb.tense) && !verb.usedTo && !isHad && !isEnded;
  return {
    predicate: isHad ? 'have' : verb.lemma,
    object: rest,
    holds: !isOver,
    lasts: !isOnce,
  };
}

/** "I have never been to Japan", "we went to Japan", "I'm back from Japan". */
function isVisit({ lemma, tense }: VerbGroup, rest: readonly Token[]): boolean {
  const [first, second] = rest;
  if (first?.lower === 'back') return second?.lower === 'from';
  if (first?.lower !== 'to' || second?.pos !== 'PROPN') return false;
  return lemma === 'be'
    ? tense === 'perfect'
    : /^(?:go|travel|fly)$/.test(lemma) && /^(?:past|perfect)$/.test(tense);
}

/** The action that begins: "eating fish", "to swim". */
function actIn(rest: readonly Token[]): { lemma: string; object: readonly Token[] } | null {
  const at = rest[0]?.lower === 'to' ? 1 : 0;
  const act = rest[at];
  if (act === undefined || (at === 0 && !act.lower.endsWith('ing'))) return null;
  return { lemma: knownVerb(act.lower)?.lemma ?? act.lemma, object: rest.slice(at + 1) };
}
