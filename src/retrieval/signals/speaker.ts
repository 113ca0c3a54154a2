import type { Side, WordIndex } from '../index/word-index.js';

/** So often must one side say a name, and so much oftener than the other, to be calling the other by it. */
const callsMin = 3;
const callsRatioMin = 3;

/** What a question says about who said it. */
export interface Speakers {
  /** Whose words are asked for; null where that is open. */
  readonly side: Side | null;
  /** Terms that are the name of one side: such a name is in the other side's mouth and says little. */
  readonly names: ReadonlySet<number>;
}

/**
 * Who is asked about. A name that one side says much oftener than the other is what it calls the other by;
 * "I" and "my" in a question are the user, "you" is the assistant.
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

/** The side that is called so. */
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
