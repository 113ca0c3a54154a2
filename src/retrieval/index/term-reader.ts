import { exactNamesOf } from '../../lib/text/exact-terms.js';
import { splitCode } from '../../lib/text/fenced-code.js';
import { LanguageVote, votesOf } from '../../lib/text/language.js';
import type { Language } from '../../lib/text/languages.js';
import { piecesOf } from '../../lib/text/pieces.js';
import { termsOfTokens, tokensOf } from '../../lib/text/words.js';
import type { WordIndex } from './word-index.js';

/** A token: the languages that it is evidence for, and the number of its term in the language last used. */
interface Known {
  readonly token: string;
  readonly votes: number;
  language: Language | null;
  /** -1: the token is dropped, for example because it is a stop word. */
  term: number;
}

/** The terms of a page, by number. */
export interface ReadPage {
  /** The language of the page's Latin-script words. */
  readonly language: Language;
  /** Terms of each side, in order. */
  readonly user: readonly number[];
  readonly agent: readonly number[];
  /** Exact terms and terms of code. Their number and repetitions are not informative. */
  readonly beside: readonly number[];
}

const knownMax = 100_000;
/** Number of tokens read at once: about 10 ms of work if every word is new. */
const tokensAtOnce = 4_096;
const allKeptMax = 65_536;
const repetitionsMax = 64;
/** Maximum number of such terms on a page. A page with more of them is data, not text. */
const besideMax = 65_536;

/**
 * The tokens of one side, in order. After the first 65,536 tokens, each token is kept at most 64 more times.
 * Further repetitions hardly change the weight of a term, and millions of tokens would delay other work.
 */
class Tokens {
  readonly list: Known[] = [];
  #repeated: Map<Known, number> | null = null;

  push(known: Known): void {
    if (this.list.length >= allKeptMax) {
      this.#repeated ??= new Map();
      const count = this.#repeated.get(known) ?? 0;
      if (count >= repetitionsMax) return;
      this.#repeated.set(known, count + 1);
    }
    this.list.push(known);
  }
}

/** Converts texts to the term numbers of an index. Its speed determines how fast a memory opens. */
export class TermReader {
  readonly #words: Pick<WordIndex, 'idOf'>;
  readonly #known = new Map<string, Known>();

  constructor(words: Pick<WordIndex, 'idOf'>) {
    this.#words = words;
  }

  /**
   * Reads both sides of a page. It yields after each piece of a long text, so that other work can run in
   * between. The numbers of terms must not change until it is done.
   */
  *read(userText: string, agentText: string): Generator<void, ReadPage> {
    const vote = new LanguageVote();
    const literal = new Set<number>();
    const user = splitCode(userText);
    const agent = splitCode(agentText);
    const tokens = { user: new Tokens(), agent: new Tokens(), beside: new Tokens() };
    for (const [side, text] of [
      ['user', user.prose],
      ['agent', agent.prose],
      ['beside', `${user.code}${agent.code}`],
    ] as const) {
      for (const piece of piecesOf(text)) {
        for (const token of tokensOf(piece))
          tokens[side].push(this.#knownOf(token, side === 'beside' ? null : vote));
        for (const name of exactNamesOf(piece)) {
          for (const part of name.parts) tokens.beside.push(this.#knownOf(part, null));
          for (const term of name.literal) if (literal.size < besideMax) literal.add(this.#words.idOf(term));
        }
        if (piece.length < text.length) yield;
      }
    }
    const language = vote.winner();
    const numbers = {
      user: yield* this.#numbers(tokens.user.list, language),
      agent: yield* this.#numbers(tokens.agent.list, language),
    };
    for (const term of yield* this.#numbers(tokens.beside.list, language)) {
      if (literal.size < besideMax) literal.add(term);
    }
    return { language, ...numbers, beside: [...literal] };
  }

  /** Must be called when terms get new numbers. */
  forget(): void {
    this.#known.clear();
  }

  #knownOf(token: string, vote: LanguageVote | null): Known {
    let known = this.#known.get(token);
    if (known === undefined) {
      known = { token, votes: votesOf(token), language: null, term: -1 };
      if (this.#known.size >= knownMax) this.#known.clear();
      this.#known.set(token, known);
    }
    if (known.votes !== 0) vote?.add(known.votes);
    return known;
  }

  *#numbers(tokens: readonly Known[], language: Language): Generator<void, number[]> {
    const numbers: number[] = [];
    for (const [i, known] of tokens.entries()) {
      const term = this.#termOf(known, language);
      if (term !== -1) numbers.push(term);
      if (i % tokensAtOnce === tokensAtOnce - 1) yield;
    }
    return numbers;
  }

  #termOf(known: Known, language: Language): number {
    if (known.language !== language) {
      const [term] = termsOfTokens([known.token], language);
      known.term = term === undefined ? -1 : this.#words.idOf(term);
      known.language = language;
    }
    return known.term;
  }
}
