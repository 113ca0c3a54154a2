import { LanguageVote, votesOf } from '../../lib/text/language.js';
import type { Language } from '../../lib/text/languages.js';
import { termsOfTokens, tokensOf } from '../../lib/text/words.js';
import type { WordIndex } from './word-index.js';

/** A token: for which languages it speaks, and its term's number in the language met last. */
interface Known {
  readonly token: string;
  readonly votes: number;
  language: Language | null;
  /** -1: dropped, as a stop word is. */
  term: number;
}

const knownMax = 100_000;

/** Reads texts into numbers of terms of one index. A memory is opened at the speed of this. */
export class TermReader {
  readonly #words: WordIndex;
  readonly #vote = new LanguageVote();
  readonly #known = new Map<string, Known>();

  constructor(words: WordIndex) {
    this.#words = words;
  }

  /** The terms of both sides of a page, in order, and the language that its Latin-script words are in. */
  read(userText: string, agentText: string): { language: Language; user: number[]; agent: number[] } {
    this.#vote.clear();
    const user = this.#look(userText);
    const agent = this.#look(agentText);
    const language = this.#vote.winner();
    return { language, user: this.#numbers(user, language), agent: this.#numbers(agent, language) };
  }

  /** Terms have other numbers from now on. */
  forget(): void {
    this.#known.clear();
  }

  #look(text: string): Known[] {
    return tokensOf(text).map((token) => {
      let known = this.#known.get(token);
      if (known === undefined) {
        known = { token, votes: votesOf(token), language: null, term: -1 };
        if (this.#known.size >= knownMax) this.#known.clear();
        this.#known.set(token, known);
      }
      if (known.votes !== 0) this.#vote.add(known.votes);
      return known;
    });
  }

  #numbers(tokens: readonly Known[], language: Language): number[] {
    const numbers: number[] = [];
    for (const known of tokens) {
      if (known.language !== language) {
        const [term] = termsOfTokens([known.token], language);
        known.term = term === undefined ? -1 : this.#words.idOf(term);
        known.language = language;
      }
      if (known.term !== -1) numbers.push(known.term);
    }
    return numbers;
  }
}
