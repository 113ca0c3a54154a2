/**
 * What speaks for a page as an answer to a question, each measured without regard to the other pages found, so that
 * figures of different questions can be compared.
 */
export interface PageFeatures {
  /** Index terms of the question, stop words left out. */
  readonly terms: number;
  /** Which share of them the page has, each counting by its rarity; terms no page has count as the rarest. In [0, 1]. */
  readonly coverage: number;
  /** The same with what the pages beside it in its session say. */
  readonly coverageBeside: number;
  /** Rarity of the rarest term that question and page share, as a share of the rarity of a term on one page only. */
  readonly rarest: number;
  /** The page's BM25 beside the most the question's terms could give. */
  readonly words: number;
  /** How well the page's time fits the times the question names; 0 where it names none. */
  readonly dates: number;
  /** Cosine of question and page; null where the page, or the question, was not read by meaning. */
  readonly vector: number | null;
  /** Late interaction, about in [0, 1]: by the page alone and with those beside it. Null as for `vector`. */
  readonly late: number | null;
  readonly lateBeside: number | null;
  /** How many of words, vector and late interaction have the page among their own best ten. */
  readonly agreement: number;
  /** The weighted sum by which pages are ordered. */
  readonly fused: number;
}
