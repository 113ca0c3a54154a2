/** Whole numbers below {@link seededMax}, the same ones at every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % seededMax;
    return state;
  };
}
export const seededMax = 2147483648;
