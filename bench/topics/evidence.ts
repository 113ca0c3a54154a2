/** The categories of questions with an answer. Questions of category 5 ask for statements that nobody made. */
export const readableCategories: ReadonlySet<number> = new Set([1, 2, 3, 4]);
