/** Weight of each signal; 0 disables it. */
export type Weights = Readonly<Record<keyof typeof weights, number>>;

/**
 * This is the only place that weights signals. The unit is the words signal: it is 1 for a page with every
 * word of the question, and rare words count more. docs/retrieval.md has the measurements behind the weights.
 */
export const weights = {
  words: 1,
  /** The session of the page mentions the subject. */
  session: 0.2,
  /** The theme, summary or keywords of the segment match. */
  segment: 0.15,
  /** The page belongs to the time that the question names. */
  dates: 8,
  /**
   * How much the person asked about says on the page. A page with much text is more likely to have an answer
   * than "Wow, great!".
   */
  substance: 0.3,
  /** The question asks for a time, and the page names one. */
  when: 0.2,
  /** The vector of the whole page is near the vector of the question. */
  vector: 1.6,
  /**
   * Late interaction: the question's words match in meaning on the page, and on the page with its neighbours.
   */
  late: 0.7,
  lateBeside: 1.4,
} as const;

/** Names of signals in results. */
export type Signal = keyof Weights;

/** Share of the words of the previous and of the next page that counts for the page. */
export const neighbourShare = 0.45;

/**
 * For a question that names only a time: the score that a page loses for each page of its segment that is
 * ranked before it, after the first two.
 */
export const sameSegmentLoss = 0.2;
export const sameSegmentFree = 2;
