import { findWhen } from '../../lib/time/when.js';
import { pets, relations } from './word-lists.js';

/** A relative, a companion or an animal of the user, with its name. */
export interface Named {
  /** The user's words: "my grandson Wyatt". */
  readonly quote: string;
  /** "grandson" */
  readonly who: string;
  readonly name: string;
}

/** "my grandson Wyatt", "our old dog Bruno", "my husband, Karim, …" */
const naming =
  /\b(?:[Mm]y|[Oo]ur) (?:\p{Ll}[\p{L}-]* ){0,2}?(\p{Ll}[\p{L}-]+)(?: |, (?=\p{Lu}[\p{L}'’-]+,))(\p{Lu}[\p{L}'’-]*\p{Ll})(?![\p{L}\p{N}])/gu;

/**
 * Who a text names in passing. A name is presupposed and not stated, so it counts in a question and in a request too:
 * "a gift for my grandson Wyatt?"
 */
export function namesToldIn(text: string): Named[] {
  return [...text.matchAll(naming)].flatMap(([quote, who = '', name = '']) => {
    const isKnownKind = relations.has(who) || pets.has(who);
    const isTime = findWhen(`on ${name}`, 0, 'past') !== null;
    return isKnownKind && !isTime ? [{ quote, who, name: name.replace(/['’]s$/, '') }] : [];
  });
}
