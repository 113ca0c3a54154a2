/** The words of a sentence in lower case, without punctuation, to compare sentences. */
export function plainWords(sentence: string): string {
  return sentence
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
