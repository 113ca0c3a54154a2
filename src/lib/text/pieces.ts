const pieceCharactersMax = 8_192;
/** How far from the end of a piece a gap between words is searched. */
const gapWithinCharacters = 512;

/**
 * Cuts a text into pieces of at most 8,192 characters: at a gap between words when there is one near the end,
 * and never inside a surrogate pair. Reading by pieces takes time linear in the length of the text. Without
 * pieces, the word segmenter, the normaliser and regular expressions would not, on a long run without a gap.
 */
export function* piecesOf(text: string): Generator<string, void> {
  let from = 0;
  while (text.length - from > pieceCharactersMax) {
    const to = cutBefore(text, from + pieceCharactersMax);
    yield text.slice(from, to);
    from = to;
  }
  if (from < text.length) yield from === 0 ? text : text.slice(from);
}

function cutBefore(text: string, limit: number): number {
  const last = text.slice(limit - gapWithinCharacters, limit);
  const gap = /[^\p{L}\p{M}\p{N}'’׳״][\p{L}\p{M}\p{N}'’׳״]*$/u.exec(last);
  const to = gap !== null && gap.index > 0 ? limit - gapWithinCharacters + gap.index + 1 : limit;
  const isWithinPair = (text.charCodeAt(to - 1) & 0xfc00) === 0xd800;
  return isWithinPair ? to - 1 : to;
}
