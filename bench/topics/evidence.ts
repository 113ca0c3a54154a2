/** Questions about what was said; those of category 5 ask for what was not. */
export const readableCategories: ReadonlySet<number> = new Set([1, 2, 3, 4]);
