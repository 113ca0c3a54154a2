import { stopWordsOf } from './language.js';
import { piecesOf } from './pieces.js';

/** A name in a text that is searched by its exact spelling, in addition to its words. */
export interface ExactName {
  readonly written: string;
  /** Index terms used unchanged: `c++`, `.net`, `abc1234`, `17.2`, an emoji. */
  readonly literal: readonly string[];
  /** Words inside the name, to be stemmed like others: `user` and `profile` of `getUserProfile`. */
  readonly parts: readonly string[];
}

const termCharactersMax = 64;
/** A longer run without a space is treated as data, not as a name. */
const nameCharactersMax = 80;

/**
 * Finds exact names: programming languages, codes and file names with and without their separators, parts of
 * camelCase and snake_case, versions, numbers with units, short hashes, phone numbers in any grouping, emoji.
 * They are indexed in addition to the words of {@link tokensOf}. Ordinary talk has few of them.
 */
export function exactNamesOf(text: string): ExactName[] {
  const names: ExactName[] = [];
  for (const piece of piecesOf(text)) readPiece(piece, names);
  return names;
}

/**
 * Shows that a run is more than a plain word: a digit, a sign, an inner separator, a change of case, or a
 * single capital other than the English "I" or "A".
 */
const telling =
  /[\d_+#]|[.-](?=[\p{L}\p{N}])|\p{Lu}(?:(?<=\p{Ll}.)|(?=\p{Lu}\p{Ll})|(?<![\p{L}\p{N}.'’+#-].)(?<![AI])(?![\p{L}\p{N}'’+#-]))/gu;
const nameCharacter = /[\p{L}\p{M}\p{N}._+#-]/u;
const emoji = /\p{Extended_Pictographic}|\p{RI}{2}/gu;
const maybeEmoji = /[\u203c-\u3299]|[\ud83c-\ud83e]/;
const groupedDigits = /(?<![\d.,])\+?\(?\d(?:[ ().\u00a0/-]{0,3}\d){6,14}(?![\d])/gu;
const numbered = /(?<!\p{L})(\p{L}{2,12})[ \u00a0](\d{1,6})(?!\d)/gu;
const measured = /(?<![\p{L}\d])(\d{1,12})[ \u00a0](\p{L}{1,4})(?!\p{L})/gu;
const thousands = /(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/gu;

function readPiece(piece: string, names: ExactName[]): void {
  telling.lastIndex = 0;
  for (let match = telling.exec(piece); match !== null; match = telling.exec(piece)) {
    let from = match.index;
    while (from > 0 && nameCharacter.test(piece.charAt(from - 1))) from -= 1;
    let to = match.index + match[0].length;
    while (to < piece.length && nameCharacter.test(piece.charAt(to))) to += 1;
    if (to - from <= nameCharactersMax) {
      const name = readName(piece.slice(from, to).normalize('NFKC'));
      if (name.literal.length + name.parts.length > 0) names.push(name);
    }
    telling.lastIndex = Math.max(to, match.index + 1);
  }
  const one = (written: string, literal: string) => names.push({ written, literal: [literal], parts: [] });
  if (/\d/.test(piece)) {
    for (const [digits] of piece.matchAll(groupedDigits)) one(digits, phoneTerm(digits));
    for (const [number] of piece.matchAll(thousands)) one(number, number.replaceAll(',', ''));
    // The same token as in "Postgres17" and "5kg".
    for (const [written, word = '', number] of piece.matchAll(numbered)) {
      if (!isEmpty(word)) one(written, `${word}${number}`.toLowerCase());
    }
    for (const [written, number, unit = ''] of piece.matchAll(measured)) {
      if (!isEmpty(unit)) one(written, `${number}${unit}`.toLowerCase());
    }
  }
  if (maybeEmoji.test(piece)) for (const [sign] of piece.matchAll(emoji)) one(sign, sign);
}

function isEmpty(word: string): boolean {
  return stopWordsOf('english').has(word.toLowerCase());
}

/** The last seven digits, which a number keeps with and without its country and area codes. */
function phoneTerm(digits: string): string {
  return digits.replace(/\D/g, '').slice(-7);
}

/** Reads a run of letters, digits and separators as written. */
function readName(written: string): ExactName {
  const literal: string[] = [];
  const parts: string[] = [];
  const run = written.replace(/[._-]+$/u, '');
  const signed = /^(\p{L}{1,3}(?:\+\+|#))/u.exec(run)?.[1];
  if (signed !== undefined) literal.push(signed.toLowerCase());
  if (/^\.\p{L}[\p{L}\p{N}]{1,15}$/u.test(run)) literal.push(run.toLowerCase());
  if (/^[B-HJ-Z]$/.test(run)) literal.push(run.toLowerCase());
  for (const name of run.slice(signed?.length ?? 0).split(/[+#]+/)) {
    const segments = name.split(/[._-]+/).filter((segment) => segment !== '');
    if (segments.length > 1) literal.push(joined(name, segments));
    for (const segment of segments) readSegment(segment, literal, parts);
  }
  return { written: run, literal, parts };
}

/** `abc1234` for ABC-1234, `17.2.1` for v17.2.1. A version keeps its dots, because 1.23 is not 12.3. */
function joined(name: string, segments: readonly string[]): string {
  const numbers = segments.map((segment, i) => (i === 0 ? segment.replace(/^v(?=\d)/i, '') : segment));
  const isVersion = name.includes('.') && numbers.every((segment) => /^\p{Nd}+$/u.test(segment));
  return (isVersion ? numbers.join('.') : segments.join('').toLowerCase()).slice(0, termCharactersMax);
}

function readSegment(segment: string, literal: string[], parts: string[]): void {
  if (/^(?=.*\d)(?=.*[a-f])[\da-f]{8,64}$/i.test(segment)) literal.push(segment.slice(0, 7).toLowerCase());
  const inner = segment.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+/gu) ?? [];
  if (inner.length < 2) return;
  for (const part of inner) if (part.length > 1) parts.push(part.toLowerCase());
}
