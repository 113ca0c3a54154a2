import type { PageTerms, ReadPageTerms } from '../../ports/memory-index.js';
import { saysWhen, searchedTexts } from '../index/page-index.js';
import { TermReader } from '../index/term-reader.js';

/** Maximum number of terms kept by a long-running process. */
const termsMax = 100_000;

/** Numbers terms in order of first use. */
class Numbered {
  readonly terms: string[] = [];
  readonly #numbers = new Map<string, number>();

  idOf(term: string): number {
    let id = this.#numbers.get(term);
    if (id === undefined) {
      id = this.terms.length;
      this.terms.push(term);
      this.#numbers.set(term, id);
    }
    return id;
  }
}

/** Reads the search terms of pages, for a store that keeps its own postings. */
export function createPageTerms(): ReadPageTerms {
  let numbered = new Numbered();
  let reader = new TermReader(numbered);
  return (page): PageTerms => {
    if (numbered.terms.length > termsMax) {
      numbered = new Numbered();
      reader = new TermReader(numbered);
    }
    const reading = reader.read(...searchedTexts(page));
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    const { language, user, agent, beside } = step.value;
    const textsOf = (numbers: readonly number[]) => numbers.map((number) => numbered.terms[number] ?? '');
    return {
      language,
      user: textsOf(user),
      agent: textsOf(agent),
      beside: textsOf(beside),
      namesTime: saysWhen(page),
    };
  };
}
