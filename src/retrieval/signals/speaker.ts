import type { Side, WordIndex } from '../index/word-index.js';

/**
 * A name counts as the name of a side if the other side says it at least this often, and this many times as
 * often as the side itself.
 */
const callsMin = 3;
const callsRatioMin = 3;

/** The person that a question asks about. */
export interface Speakers {
  /** The side whose words are asked for; null if the question does not say. */
  readonly side: Side | null;
  /** Terms that are the name of one side. The other side says this name often, so it is not informative. */
  readonly names: ReadonlySet<number>;
}

/**
 * Determines who is asked about. If one side says a name much more often than the other side, it is the name
 * of the other side. In a question, "I" and "my" mean the user, and "you" means the assistant.
 */
export function speakersIn(
  text: string,
  termsOf: (word: string) => readonly string[],
  words: Pick<WordIndex, 'find' | 'saidBy'>,
): Speakers {
  const names = new Map<number, Side>();
  for (const match of text.matchAll(/\p{Lu}[\p{L}\p{M}]+/gu)) {
    for (const term of termsOf(match[0])) {
      const id = words.find(term);
      const side = id === undefined ? null : calledBy(words.saidBy(id));
      if (id !== undefined && side !== null) names.set(id, side);
    }
  }
  const named = new Set(names.values());
  const [only] = named;
  const side = named.size === 1 && only !== undefined ? only : named.size === 0 ? pronounSide(text) : null;
  return { side, names: new Set(names.keys()) };
}

/** The side that has this name. */
function calledBy(said: { readonly user: number; readonly agent: number }): Side | null {
  if (said.agent >= callsMin && said.agent >= callsRatioMin * said.user) return 'user';
  if (said.user >= callsMin && said.user >= callsRatioMin * said.agent) return 'agent';
  return null;
}

function pronounSide(text: string): Side | null {
  const match = /\b(?:(i|my|mine|me|user|user's)|(you|your|assistant))\b/i.exec(text);
  if (match === null) return null;
  return match[1] !== undefined ? 'user' : 'agent';
}
