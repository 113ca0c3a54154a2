import type { Token } from '../english.js';
import { asTold, nameAt, nounPhraseAt, phraseText } from '../phrases.js';
import { dwellings } from '../word-lists.js';

export interface Place {
  readonly text: string;
  /** The proper name in it; null for "a small town". */
  readonly name: string | null;
  readonly end: number;
}

/** A place by its name ("Porto, Portugal") or by what it is ("a small village near Cork"). */
export function placeAt(tokens: readonly Token[], at: number): Place | null {
  const name = nameAt(tokens, at);
  if (name !== null) {
    const region = tokens[name.end]?.text === ',' ? nameAt(tokens, name.end + 1) : null;
    const isRegion = region !== null && !/^(?:VERB|AUX)$/.test(tokens[region.end]?.pos ?? '');
    const end = isRegion ? region.end : name.end;
    return { text: phraseText(tokens.slice(at, end)), name: phraseText(name.tokens), end };
  }
  const phrase = nounPhraseAt(tokens, at);
  if (phrase === null || !dwellings.has(phrase.head.lower)) return null;
  const near = /^(?:in|near|outside|by|on)$/.test(tokens[phrase.end]?.lower ?? '')
    ? nameAt(tokens, phrase.end + 1)
    : null;
  const end = near?.end ?? phrase.end;
  const text = asTold(tokens.slice(at, end));
  return text === null ? null : { text, name: near === null ? null : phraseText(near.tokens), end };
}
