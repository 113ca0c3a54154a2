import type { Token } from './english.js';

/** The original text of tokens. */
export function phraseText(tokens: readonly Token[]): string {
  return tokens.map((token, i) => (i === 0 || sticks(token) ? token.text : ` ${token.text}`)).join('');
}

function sticks(token: Token): boolean {
  return token.glued && token.text !== 'not';
}

/** Words that mean nothing without context, or that address the listener. */
const vague = new Set(
  'it its this that these those he him his she her hers they them their there here such one ones something anything everything someone somebody anyone thing things stuff you your yours yourself who which what i we whatever etc another other others same lot lots whole kind sort way'.split(
    ' ',
  ),
);

export function isVague(tokens: readonly Token[]): boolean {
  return tokens.some((token) => vague.has(token.lower));
}

const fillers = new Set(
  'now too though lol haha also well anyway right today then please honestly already again finally currently especially sometimes mostly either instead actually somehow recently lately itself together'.split(
    ' ',
  ),
);
const fillerPhrases = [
  ['at', 'all'],
  ['as', 'well'],
  ['a', 'lot'],
  ['so', 'much'],
  ['very', 'much'],
  ['these', 'days'],
  ['at', 'the', 'moment'],
  ['right', 'now'],
  ['so', 'far'],
  ['you', 'know'],
  ['of', 'course'],
  ['for', 'now'],
  ['and', 'all'],
  ['more', 'than', 'anything'],
  ['for', 'example'],
  ['coming', 'up'],
  ['for', 'sure'],
  ['in', 'general'],
  ['for', 'me'],
  ['by', 'the', 'way'],
  ['to', 'be', 'honest'],
  ['like', 'crazy'],
];

/** Removes uninformative words at the end. */
export function trimmed(tokens: readonly Token[]): readonly Token[] {
  let kept = tokens;
  for (;;) {
    const last = kept.at(-1);
    if (last === undefined) return kept;
    const phrase = fillerPhrases.find((words) =>
      words.every((word, i) => kept[kept.length - words.length + i]?.lower === word),
    );
    if (phrase !== undefined) kept = kept.slice(0, -phrase.length);
    else if (fillers.has(last.lower) || !/[\p{L}\p{N}]/u.test(last.text) || last.pos === 'INTJ')
      kept = kept.slice(0, -1);
    else if (/^(?:and|or|in|on|at|with|for|to|of|from|as|since|a|an|the)$/.test(last.lower))
      kept = kept.slice(0, -1);
    else return kept;
  }
}

export interface NounPhrase {
  readonly tokens: readonly Token[];
  /** The main noun: "bike" in "my old bike from Rome". */
  readonly head: Token;
  /** "a", "the", "my", "two" or ''. */
  readonly determiner: string;
  /** Index after the phrase. */
  readonly end: number;
}

const determiners = /^(?:a|an|the|my|our|some|any|no|both|all|several|many|few|most|lots)$/;

/** The noun phrase that begins here, with a following "of …"; null if there is none. */
export function nounPhraseAt(tokens: readonly Token[], start: number): NounPhrase | null {
  let at = start;
  let determiner = '';
  const first = tokens[at];
  if (first === undefined || vague.has(first.lower)) return null;
  if (determiners.test(first.lower) || first.pos === 'NUM') {
    determiner = first.lower;
    at += 1;
  } else if (first.pos === 'DET') return null;
  let head: Token | undefined;
  let end = at;
  for (; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined || !isInPhrase(tokens, at)) break;
    if (isNoun(token)) {
      head = token;
      end = at + 1;
    }
  }
  if (head === undefined) return null;
  if (tokens[end]?.lower === 'of') {
    const inner = nounPhraseAt(tokens, end + 1);
    if (inner !== null) return { tokens: tokens.slice(start, inner.end), head, determiner, end: inner.end };
  }
  return { tokens: tokens.slice(start, end), head, determiner, end };
}

export function isNoun(token: Token): boolean {
  if (!/[\p{L}]/u.test(token.text) || vague.has(token.lower)) return false;
  return token.pos === 'NOUN' || token.pos === 'PROPN';
}

function isInPhrase(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  if (isNoun(token) || token.pos === 'ADJ' || token.pos === 'NUM') return !vague.has(token.lower);
  if (token.text === "'s" || token.text === "'" || token.text === '&') return true;
  if (token.lower === 'and')
    return (
      tokens[at - 1]?.pos === 'ADJ' &&
      tokens[at + 1]?.pos === 'ADJ' &&
      /^(?:ADJ|NOUN)$/.test(tokens[at + 2]?.pos ?? '')
    );
  // "a rescued greyhound", "running shoes"
  const next = tokens[at + 1];
  if (token.pos === 'VERB' && /(?:ing|ed|en)$/.test(token.lower))
    return next !== undefined && isNoun(next) && !/^(?:named|called)$/.test(token.lower);
  return token.pos === 'ADV' && next?.pos === 'ADJ';
}

/** Noun phrases joined by commas, "and" or "or". Stops before a new clause. */
export function nounListAt(tokens: readonly Token[], start: number): NounPhrase | null {
  const first = nounPhraseAt(tokens, start);
  if (first === null) return null;
  let end = first.end;
  for (;;) {
    let at = end;
    if (tokens[at]?.text === ',') at += 1;
    if (/^(?:and|or|&)$/.test(tokens[at]?.lower ?? '')) at += 1;
    if (at === end) break;
    const next = nounPhraseAt(tokens, at);
    if (next === null || /^(?:VERB|AUX)$/.test(tokens[next.end]?.pos ?? '')) break;
    end = next.end;
  }
  return { ...first, tokens: tokens.slice(start, end), end };
}
