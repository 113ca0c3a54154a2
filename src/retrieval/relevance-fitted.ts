/** Written by `npm run fit:relevance`; docs/retrieval.md says from what. */
export const fitted = {
  words: {
    relevanceMin: 0.01,
    question: { bias: 0, weights: { own: 2, near: 2, unknown: -2, wordless: -2 } },
    page: { bias: -4, weights: { own: 1, near: 1, rarest: 1, relative: 3 } },
  },
  vectors: {
    relevanceMin: 0.01,
    question: { bias: 0, weights: { own: 2, near: 2, unknown: -2, wordless: -2 } },
    page: { bias: -4, weights: { own: 1, near: 1, rarest: 1, relative: 3 } },
  },
  pieces: {
    relevanceMin: 0.01,
    question: { bias: 0, weights: { own: 2, near: 2, unknown: -2, wordless: -2 } },
    page: { bias: -4, weights: { own: 1, near: 1, rarest: 1, relative: 3 } },
  },
};
