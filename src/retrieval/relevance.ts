import type { Form } from './form.js';
import type { PageIndex } from './index/page-index.js';
import type { InformativeWord } from './query.js';
import { fitted } from './relevance-fitted.js';

/** What speaks for a page, each about in [0, 1]. */
export interface PageFeatures {
  /** Share of what the question's informative words are worth that the page itself has, rare words being worth more. */
  readonly own: number;
  /** The same with the pages beside it in its session. */
  readonly near: number;
  /** How rare the rarest word is that the page shares with the question, 1 for one that no other page has. */
  readonly rarest: number;
  /** Its score among the pages found, 1 for the best. */
  readonly relative: number;
  /** Its score by all signals together. */
  readonly fused: number;
  /** Cosine of its vector and the question's; 0 where it was not read. */
  readonly vector: number;
  /** How far its vector stands out among all, which is comparable between models. */
  readonly standing: number;
  /** How well the meanings of the question's words are on the page, as measured; 0 where it was not read. */
  readonly late: number;
  /** The same with the pages beside it. */
  readonly lateNear: number;
  /** How well its time fits the time the question names; 0 where it names none. */
  readonly time: number;
}

/** What says whether the memory holds anything of what a question is about: the most that one page has, and more. */
export interface QuestionFeatures extends Omit<PageFeatures, 'relative' | 'late'>, Form {
  /** How well the best pages together match the pieces of the question by meaning. */
  readonly reach: number;
  /** Share of the worth of the question's words that no page has. */
  readonly unknown: number;
  /** The same of names, numbers and words of code only. */
  readonly strange: number;
  /** How large the memory is, 0 for twenty pages or fewer and 1 for 300 or more: the best of many match better by chance. */
  readonly size: number;
  /** 1 for a question without an informative word. */
  readonly wordless: number;
}

/** Log odds are `bias` plus the features times their weights; a feature without a weight says nothing. */
interface Logistic<Feature extends string> {
  readonly bias: number;
  readonly weights: Readonly<Partial<Record<Feature, number>>>;
}

/** What a memory is read by: its words, vectors of whole pages too, or vectors of the pieces of pages too. */
export type Reading = keyof typeof fitted;

export interface RelevanceModel {
  /** The floor where nobody sets another; {@link floorFor} says for which questions there is none high enough. */
  readonly relevanceMin: number;
  /** Where the memory is less likely than this to have an answer, nothing is found. */
  readonly answeredMin: number;
  /** Whether the memory has an answer at all. */
  readonly question: Logistic<keyof QuestionFeatures>;
  /** Whether this page helps, where the memory has an answer. */
  readonly page: Logistic<keyof PageFeatures>;
}

/** The model for what a memory is read by. */
export function relevanceModel(reading: Reading): RelevanceModel {
  return fitted[reading];
}

/** The chances, in (0, 1), that pages found for one question help to answer it. */
export function relevancesOf(
  question: QuestionFeatures,
  pages: readonly PageFeatures[],
  model: RelevanceModel,
): number[] {
  const answered = answeredChance(question, model);
  return pages.map((page) => answered * chance(page, model.page));
}

/** The chance that the memory has an answer at all. */
export function answeredChance(question: QuestionFeatures, model: RelevanceModel): number {
  return question.idle === 1 ? 0 : chance(question, model.question);
}

/**
 * The least relevance with which something is found. `wanted` is what was asked for; a floor as high as the fitted one
 * also wants the memory to have an answer, and is out of reach where that is unlikely. `question` is null for one about
 * a time and nothing else.
 */
export function floorFor(
  wanted: number | 'fitted',
  question: QuestionFeatures | null,
  model: RelevanceModel,
): number {
  const floor = wanted === 'fitted' ? model.relevanceMin : wanted;
  if (question === null || floor < model.relevanceMin) return floor;
  return answeredChance(question, model) < model.answeredMin ? outOfReach : floor;
}

/** No chance is as high. */
const outOfReach = 2;

/** What the pages found say together of a question. */
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

/** The more of both of what speaks for a question. What no page has is the same in both. */
export function mostOf(a: QuestionFeatures, b: QuestionFeatures): QuestionFeatures {
  const names = Object.keys(a) as (keyof QuestionFeatures)[];
  return { ...a, ...Object.fromEntries(names.map((name) => [name, Math.max(a[name], b[name])])) };
}

function chance<Feature extends string>(
  features: Readonly<Record<Feature, number>>,
  { bias, weights }: Logistic<Feature>,
): number {
  let logOdds = bias;
  for (const name in weights) logOdds += (weights[name] ?? 0) * features[name];
  return 1 / (1 + Math.exp(-logOdds));
}

/** Of a page that nothing speaks for. */
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

/** Of a question that finds nothing. */
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

/** Of what is of the very time that a question asks for without naming anything else. */
export const timeRelevance = 0.9;

/** A word of like use says less than the word itself, a word on the page beside a little less than one on the page. */
const kindredShare = 0.4;
const besideShare = 0.8;

/** Of pages: the sizes of memories that the relevance was fitted on. */
const sizeLeast = 20;
const sizeMost = 300;

/** How much of a question's informative words pages have. */
export class Coverage {
  readonly #index: PageIndex;
  readonly #words: readonly InformativeWord[];
  readonly #worth: number;

  constructor(
    words: readonly InformativeWord[],
    index: PageIndex,
    /** How the question is put. */
    readonly form: Form,
  ) {
    this.#index = index;
    this.#words = words;
    this.#worth = words.reduce((sum, { worth }) => sum + worth, 0);
  }

  /** What the words are worth together. */
  get worth(): number {
    return this.#worth;
  }

  /** As in {@link QuestionFeatures}. */
  get size(): number {
    const pages = Math.min(sizeMost, Math.max(sizeLeast, this.#index.words.pages));
    return Math.log(pages / sizeLeast) / Math.log(sizeMost / sizeLeast);
  }

  /** Shares of the worth of the words that no page has. */
  get unknown(): Pick<QuestionFeatures, 'unknown' | 'strange'> {
    if (this.#worth === 0) return { unknown: 0, strange: 0 };
    const lost = this.#words.filter(({ ids }) => ids.length === 0);
    const worthOf = (words: readonly InformativeWord[]) => words.reduce((sum, { worth }) => sum + worth, 0);
    return {
      unknown: worthOf(lost) / this.#worth,
      strange: worthOf(lost.filter(({ isName }) => isName)) / this.#worth,
    };
  }

  /** Of a text by its terms: what it has, it has by itself. */
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

  of(row: number): Pick<PageFeatures, 'own' | 'near' | 'rarest'> {
    if (this.#worth === 0) return { own: 0, near: 0, rarest: 0 };
    const { order, words } = this.#index;
    const termsOf = (at: number) => (at === -1 ? none : new Set(words.termsOf(at)));
    const here = termsOf(row);
    const beside = [termsOf(order.previous.values[row] ?? -1), termsOf(order.next.values[row] ?? -1)];
    let own = 0;
    let near = 0;
    let rarest = 0;
    for (const { ids, kindred, worth } of this.#words) {
      const has = (terms: ReadonlySet<number>) =>
        ids.some((id) => terms.has(id)) ? 1 : kindred.some((id) => terms.has(id)) ? kindredShare : 0;
      const share = has(here);
      own += share * worth;
      near += Math.max(share, besideShare * Math.max(...beside.map(has))) * worth;
      if (share === 1) rarest = Math.max(rarest, worth);
    }
    return { own: own / this.#worth, near: near / this.#worth, rarest: rarest / words.tellingMax };
  }
}
const none: ReadonlySet<number> = new Set();

/**
 * The nearest list, by squares, that never rises: relevances in the order of the ranking, so that what stands
 * higher is never said to be less relevant (pool adjacent violators; Ayer et al., 1955).
 */
export function neverRising(values: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of values) {
    let pool = { sum: value, count: 1 };
    for (;;) {
      const before = pools.at(-1);
      if (before === undefined || before.sum / before.count >= pool.sum / pool.count) break;
      pools.pop();
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}
