/** What each signal counts; 0 leaves it out. */
export type Weights = Readonly<Record<keyof typeof weights, number>>;

/**
 * The one place where signals are weighted. Words are the measure: 1 is every word of the question, rare ones
 * counting more. The figures behind the weights are in docs/retrieval.md.
 */
export const weights = {
  words: 1,
  /** The whole session speaks of it. */
  session: 0.2,
  /** What its segment says of itself fits. */
  segment: 0.15,
  /** The page is of the time the question names. */
  dates: 8,
  /** A page on which the one asked about says much is likelier to hold an answer than a "Wow, great!". */
  substance: 0.3,
  /** A question for a time, and a page that names one. */
  when: 0.2,
  /** The meaning of the whole is near. */
  vector: 1.6,
  /** The meanings of the question's words are on the page, and on it and the pages beside it. */
  late: 0.7,
  lateBeside: 1.4,
} as const;

/** Signals as results name them. */
export type Signal = keyof Weights;

/** How much of the words of the page before and of the page after count as a page's own. */
export const neighbourShare = 0.45;

/** For a question about a time and nothing else: what a page loses for each page of its segment before it, two being free. */
export const sameSegmentLoss = 0.2;
export const sameSegmentFree = 2;
