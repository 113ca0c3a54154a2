import type { Form } from './form.js';
import type { PageIndex } from './index/page-index.js';
import type { InformativeWord } from './query.js';

/** The features of a page, each about in [0, 1]. */
export interface PageFeatures {
  /**
   * Share of the weight of the question's informative words that are on the page itself. Rare words have more
   * weight.
   */
  readonly own: number;
  /** The same, including neighbouring pages of its session. */
  readonly near: number;
  /** Rarity of the rarest word shared with the question; 1 for a word that no other page has. */
  readonly rarest: number;
  /** Its score relative to the best page found, which has the value 1. */
  readonly relative: number;
  /** Its score from all signals. */
  readonly fused: number;
  /** Cosine between its vector and the vector of the question; 0 if it has no vector. */
  readonly vector: number;
  /**
   * How far the cosine of its vector is above the mean of all pages. Unlike the cosine, this is comparable
   * between models.
   */
  readonly standing: number;
  /**
   * How well the words of the question match the page in meaning (late interaction); 0 if it has no vectors.
   */
  readonly late: number;
  /** The same, including neighbouring pages. */
  readonly lateNear: number;
  /** How well its time matches the time that the question names; 0 if the question names none. */
  readonly time: number;
}

/**
 * Features that show whether the memory has anything about the subject of a question: the maximum of the
 * features of its pages, features of the question itself, and its {@link Form}. If `idle` is 1, no page
 * helps.
 */
export interface QuestionFeatures extends Omit<PageFeatures, 'relative' | 'late'>, Form {
  /** How well the best pages together match the word pieces of the question in meaning. */
  readonly reach: number;
  /** Share of the weight of the question's words that are on no page. */
  readonly unknown: number;
  /** 1 if the question has a name or a word of code that is on no page. */
  readonly strange: number;
  /**
   * Size of the memory: 0 for at most 200 index terms on all pages, 1 for at least 8000. In a larger memory,
   * the best matches are better by chance.
   */
  readonly size: number;
  /** 1 for a question without an informative word. */
  readonly wordless: number;
}

/** The features of a question, computed from all pages found. */
export function questionFeatures(
  pages: readonly PageFeatures[],
  coverage: Coverage,
  reach: number | null,
): QuestionFeatures {
  const most = (name: keyof PageFeatures) => pages.reduce((best, page) => Math.max(best, page[name]), 0);
  return {
    own: most('own'),
    near: most('near'),
    rarest: most('rarest'),
    fused: most('fused'),
    vector: most('vector'),
    standing: most('standing'),
    lateNear: most('lateNear'),
    time: most('time'),
    reach: reach ?? 0,
    ...coverage.unknown,
    size: coverage.size,
    wordless: coverage.worth === 0 ? 1 : 0,
    ...coverage.form,
  };
}

/**
 * The maximum of each feature in two results for one question. The features of unknown words are equal in
 * both.
 */
export function mostOf(a: QuestionFeatures, b: QuestionFeatures): QuestionFeatures {
  const names = Object.keys(a) as (keyof QuestionFeatures)[];
  return { ...a, ...Object.fromEntries(names.map((name) => [name, Math.max(a[name], b[name])])) };
}

/** The features of a page without any match. */
export const noFeatures: PageFeatures = {
  own: 0,
  near: 0,
  rarest: 0,
  relative: 0,
  fused: 0,
  vector: 0,
  standing: 0,
  late: 0,
  lateNear: 0,
  time: 0,
};

/** The features of a question without results. */
export const noQuestion: QuestionFeatures = {
  own: 0,
  near: 0,
  rarest: 0,
  fused: 0,
  vector: 0,
  standing: 0,
  lateNear: 0,
  time: 0,
  reach: 0,
  unknown: 1,
  strange: 0,
  size: 0,
  wordless: 1,
  person: 0,
  you: 0,
  others: 0,
  asks: 0,
  past: 0,
  bare: 1,
  idle: 0,
};

/**
 * Shares of a match: for a related word relative to the word itself, and for a word on a neighbouring page
 * relative to a word on the page.
 */
const kindredShare = 0.4;
const besideShare = 0.8;

/** Sizes, in index terms, of the memories to which the relevance was fitted. */
const sizeLeast = 200;
const sizeMost = 8000;

/** Measures how much of a question's informative words pages contain. */
export class Coverage {
  readonly #index: PageIndex;
  readonly #words: readonly InformativeWord[];
  readonly #worth: number;

  constructor(
    words: readonly InformativeWord[],
    index: PageIndex,
    /** The form of the question. */
    readonly form: Form,
  ) {
    this.#index = index;
    this.#words = words;
    this.#worth = words.reduce((sum, { worth }) => sum + worth, 0);
  }

  /** Sum of the weights of the words. */
  get worth(): number {
    return this.#worth;
  }

  /** As in {@link QuestionFeatures}. */
  get size(): number {
    const words = Math.min(sizeMost, Math.max(sizeLeast, this.#index.words.length));
    return Math.log(words / sizeLeast) / Math.log(sizeMost / sizeLeast);
  }

  /** The features of the words of the question that are on no page. */
  get unknown(): Pick<QuestionFeatures, 'unknown' | 'strange'> {
    if (this.#worth === 0) return { unknown: 0, strange: 0 };
    const lost = this.#words.filter(({ ids }) => ids.length === 0);
    const worthOf = (words: readonly InformativeWord[]) => words.reduce((sum, { worth }) => sum + worth, 0);
    return {
      unknown: worthOf(lost) / this.#worth,
      strange: Number(lost.some(({ isName }) => isName)),
    };
  }

  /** Coverage of a text, given by its terms. A text has no neighbours, so `own` and `near` are equal. */
  ofTerms(terms: { has(term: string): boolean }): Pick<PageFeatures, 'own' | 'near' | 'rarest'> {
    if (this.#worth === 0) return { own: 0, near: 0, rarest: 0 };
    let own = 0;
    let rarest = 0;
    for (const word of this.#words) {
      const has = word.terms.some((term) => terms.has(term));
      const share = has ? 1 : word.kindredTerms.some((term) => terms.has(term)) ? kindredShare : 0;
      own += share * word.worth;
      if (has) rarest = Math.max(rarest, word.worth);
    }
    return { own: own / this.#worth, near: own / this.#worth, rarest: rarest / this.#index.words.tellingMax };
  }

  /** Coverage of a page. `neighbours` are the rows of the pages beside it that count. */
  of(row: number, neighbours: readonly number[]): Pick<PageFeatures, 'own' | 'near' | 'rarest'> {
    if (this.#worth === 0) return { own: 0, near: 0, rarest: 0 };
    const { words } = this.#index;
    const termsOf = (at: number) => new Set(words.termsOf(at));
    const here = termsOf(row);
    const beside = neighbours.map(termsOf);
    let own = 0;
    let near = 0;
    let rarest = 0;
    for (const { ids, kindred, worth } of this.#words) {
      const has = (terms: ReadonlySet<number>) =>
        ids.some((id) => terms.has(id)) ? 1 : kindred.some((id) => terms.has(id)) ? kindredShare : 0;
      const share = has(here);
      own += share * worth;
      near += Math.max(share, ...beside.map((terms) => besideShare * has(terms))) * worth;
      if (share === 1) rarest = Math.max(rarest, worth);
    }
    return { own: own / this.#worth, near: near / this.#worth, rarest: rarest / words.tellingMax };
  }
}
