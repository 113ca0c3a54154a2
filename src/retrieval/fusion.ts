/** Weight of each signal; 0 disables it. */
export type Weights = Readonly<Record<keyof typeof weights, number>>;

/**
 * The only place where signals are weighted. The unit is the words signal: 1 means every word of the
 * question, with rare words counting more. docs/retrieval.md gives the measurements behind the weights.
 */
export const weights = {
  words: 1,
  /** The whole session mentions the subject. */
  session: 0.2,
  /** Theme, summary or keywords of the segment match. */
  segment: 0.15,
  /** The page belongs to the time that the question names. */
  dates: 8,
  /** A page on which the person asked about says much is more likely to hold an answer than "Wow, great!". */
  substance: 0.3,
  /** The question asks for a time, and the page names one. */
  when: 0.2,
  /** The vector of the whole page is near. */
  vector: 1.6,
  /**
   * Late interaction: the question's words match in meaning on the page, and on the page with its neighbours.
   */
  late: 0.7,
  lateBeside: 1.4,
} as const;

/** Names of signals in results. */
export type Signal = keyof Weights;

/** Share of the previous and the next page's words that counts as the page's own. */
export const neighbourShare = 0.45;

/**
 * For a question that names only a time: the loss of a page for each page of its segment ranked before it,
 * after the first two.
 */
export const sameSegmentLoss = 0.2;
export const sameSegmentFree = 2;
