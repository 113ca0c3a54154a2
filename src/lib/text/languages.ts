/** Languages with a stemmer or a list of stop words. */
export type Language = (typeof latinLanguages)[number] | (typeof otherLanguages)[number];

/** Most likely first; the order decides between languages with equal votes. */
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
