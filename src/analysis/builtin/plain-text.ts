/**
 * Maximum length of the text of each side that is read for topics and summaries. The rest is repetition or
 * pasted text.
 */
export const sideCharactersMax = 8_000;
/** The same for scripts without spaces, in which a character is about a word. */
const unspacedCharactersMax = 2_500;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{8}/u;

export const code = /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]{1,200}`/g;
export const link =
  /\bhttps?:\/\/\S{1,2000}|\bwww\.\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/gi;
/** Captions that clients write for pictures and files. */
const caption = /\((?:image|photo|picture|video|attachment|file)s?: ([^()]{0,500})\)/gi;

/** The beginning of one side of a page, without code, links and markup. */
export function plainText(text: string): string {
  return text
    .slice(0, unspaced.test(text.slice(0, sideCharactersMax)) ? unspacedCharactersMax : sideCharactersMax)
    .toWellFormed()
    .replace(code, ' ')
    .replace(link, ' ')
    .replace(/^[ \t]*(?:[#>*+-]{1,6}|\d{1,3}[.)])[ \t]+/gm, '')
    .replace(/[*_~|#]{1,4}/g, ' ')
    .replace(/\p{Cc}/gu, (control) => (control === '\n' ? '\n' : ' '))
    .replace(/[ \t]{2,}/g, ' ')
    .trim();
}

/** The text without captions, for summaries. If there is no other text, the text with captions. */
export function withoutCaptions(text: string): string {
  const rest = text.replace(caption, ' ').trim();
  return rest === '' ? text : rest;
}

/** The content of captions. */
export function captionsOf(text: string): string[] {
  return [...text.matchAll(caption)].map(([, shown]) => shown ?? '');
}

let segmenter: Intl.Segmenter | undefined;
const sentenceCharactersMax = 180;
const sentencesMax = 80;

/** The sentences of a text in any language, each shortened to fit a summary. */
export function sentencesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  const found: string[] = [];
  for (const line of text.split('\n')) {
    for (const { segment } of segmenter.segment(line)) {
      const sentence = segment.trim();
      if (/[\p{L}\p{N}]/u.test(sentence)) found.push(clipped(sentence, sentenceCharactersMax));
      if (found.length >= sentencesMax) return found;
    }
  }
  return found;
}

/** At most this many characters, cut between words if the script has spaces. */
export function clipped(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const cut = text.slice(0, charactersMax - 1);
  const space = cut.lastIndexOf(' ');
  return `${(space > charactersMax * 0.6 ? cut.slice(0, space) : cut).toWellFormed().replace(/[\s,;:.\ufffd]+$/u, '')}…`;
}
