/** Lower-cased words of four letters or more, or of any length in scripts without spaces. */
export function wordsOf(text: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.toLowerCase()))
    if (isWordLike === true && (segment.length > 3 || /[^\p{Script=Latin}\p{N}]/u.test(segment)))
      words.push(segment);
  return words;
}

export function overlapOf(a: string, b: string): number {
  const of = new Set(wordsOf(b));
  return new Set(wordsOf(a).filter((word) => of.has(word))).size;
}

export function sentencesOf(text: string): string[] {
  return [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)]
    .map(({ segment }) => segment.trim())
    .filter((sentence) => sentence !== '');
}

/** Feature-hashed words and character trigrams: texts that share words are near each other. Norm 1. */
export function hashedVector(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const add = (feature: string, weight: number) => {
    let hash = 2166136261;
    for (let at = 0; at < feature.length; at += 1) hash = Math.imul(hash ^ feature.charCodeAt(at), 16777619);
    const at = (hash >>> 1) % dimensions;
    vector[at] = (vector[at] ?? 0) + (hash & 1 ? weight : -weight);
  };
  for (const word of wordsOf(text)) {
    add(`w:${word}`, 2);
    for (let at = 0; at + 3 <= word.length; at += 1) add(`g:${word.slice(at, at + 3)}`, 0.5);
  }
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) add(`s:${word}`, 0.3);
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => value / norm);
}
