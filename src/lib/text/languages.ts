/** Languages whose words are stemmed or whose stop words are known. */
export type Language = (typeof latinLanguages)[number] | (typeof otherLanguages)[number];

/** Ordered by how likely they are where the votes of a text are equal. */
export const latinLanguages = [
  'english',
  'spanish',
  'portuguese',
  'french',
  'german',
  'italian',
  'dutch',
  'turkish',
  'swedish',
  'norwegian',
  'danish',
  'finnish',
  'romanian',
  'hungarian',
] as const;

export const otherLanguages = [
  'russian',
  'ukrainian',
  'greek',
  'arabic',
  'hebrew',
  'chinese',
  'japanese',
  'thai',
] as const;
