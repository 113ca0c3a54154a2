/** Written by `npm run fit:relevance`; docs/retrieval.md says from what. */
export const fitted = {
  relevanceMin: 0.01,
  question: {
    bias: 0,
    weights: {
      own: 2,
      near: 2,
      rarest: 1,
      fused: 1,
      vector: 0,
      late: 0,
      lateNear: 0,
      time: 1,
      unknown: -2,
      strange: -1,
      wordless: -2,
    },
  },
  page: {
    bias: -4,
    weights: { own: 1, near: 1, rarest: 1, relative: 3, fused: 1, vector: 0, late: 0, lateNear: 0, time: 1 },
  },
};
