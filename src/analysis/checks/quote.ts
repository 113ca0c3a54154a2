/** The position of a quote, and the complete sentences around it. */
export interface FoundQuote {
  /** The words as they are in the text. */
  readonly words: string;
  readonly sentences: string;
}

/**
 * Finds a quote in a text; null when it is not there. Only white space and the form of quotation marks may
 * differ.
 */
export function findQuote(text: string, quote: string): FoundQuote | null {
  const wanted = quote.trim().replace(/\s+/gu, ' ');
  if (wanted === '') return null;
  const pattern = [...wanted]
    .map((character) => {
      if (character === ' ') return '\\s+';
      if (/['’‘`]/u.test(character)) return "['’‘`]";
      if (/["“”„«»]/u.test(character)) return '["“”„«»]';
      return character.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
    })
    .join('');
  const match = new RegExp(pattern, 'u').exec(text);
  if (match === null || isInsideWord(text, match.index, match[0])) return null;
  return { words: match[0], sentences: sentencesAround(text, match.index, match.index + match[0].length) };
}

const spaced = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]/u;

/** "her" is not a quote from "there". */
function isInsideWord(text: string, from: number, words: string): boolean {
  const joins = (a: string, b: string) => spaced.test(a) && spaced.test(b);
  const to = from + words.length;
  return (
    joins(text.slice(from - 1, from), words.slice(0, 1)) || joins(words.slice(-1), text.slice(to, to + 1))
  );
}

const sentenceCharactersMax = 600;

function sentencesAround(text: string, from: number, to: number): string {
  const before = text.slice(Math.max(0, from - sentenceCharactersMax), from);
  const after = text.slice(to, to + sentenceCharactersMax);
  const start = before.search(
    /(?:(?<=[.!?…]["'”’)]?)\s+|(?<=[。！？])|\n\s*)(?!.*(?:[.!?…]["'”’)]?\s|[。！？]|\n))/su,
  );
  const opening = start === -1 ? before : before.slice(start);
  const isWhole = /[.!?…。！？]["'”’)]?\s*$/u.test(text.slice(from, to));
  const end = isWhole ? 0 : (/[.!?…]+["'”’)]?(?=\s|$)|[。！？]|\n/u.exec(after)?.index ?? after.length);
  const mark = isWhole ? '' : (/^[.!?…。！？]+["'”’)]?/u.exec(after.slice(end))?.[0] ?? '');
  return `${opening}${text.slice(from, to)}${after.slice(0, end)}${mark}`.trim();
}
