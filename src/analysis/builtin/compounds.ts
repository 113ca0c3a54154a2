import { stopWordsOf } from '../../lib/text/language.js';
import { tokensOf } from '../../lib/text/words.js';

let segmenter: Intl.Segmenter | undefined;
const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+$/u;

/**
 * The words of a text, in the form in which keywords show them. The segmenter splits unknown Chinese and
 * Japanese compounds into pieces ("自行 车", "链 条"). So a single character is joined to the short piece before
 * it.
 */
export function compoundsOf(text: string): string[] {
  if (!/[\p{Script=Han}\p{Script=Katakana}]/u.test(text)) return tokensOf(text);
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  const found: string[] = [];
  let open = false;
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const piece = segment.toLowerCase();
    if (isWordLike !== true || isEmpty(piece)) {
      open = false;
      continue;
    }
    const last = found.at(-1);
    const joins = open && last !== undefined && [...piece].length === 1 && [...last].length <= 2;
    if (joins && unspaced.test(piece) && unspaced.test(last)) {
      found[found.length - 1] = last + piece;
      open = false;
    } else {
      found.push(piece);
      open = unspaced.test(piece);
    }
  }
  return found;
}

function isEmpty(piece: string): boolean {
  return stopWordsOf('chinese').has(piece) || stopWordsOf('japanese').has(piece);
}
