import { unicodeEscape } from './json-text.js';

/**
 * Quotes stored text for a model: every line begins with "> ", so that no line can be mistaken for a heading,
 * an end mark or an instruction of this server. Control characters are escaped.
 */
export function quote(text: string): string {
  return text
    .split(lineBreak)
    .map((line) => `> ${printable(line)}`)
    .join('\n');
}

/** Includes NEL, VT, FF and the Unicode separators, because readers may break lines at any of them. */
const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;
/** All control characters except the tab, and characters that change the direction of writing. */
const unprintable = /(?!\t)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

function printable(text: string): string {
  return text.toWellFormed().replace(unprintable, unicodeEscape);
}

const shownCharactersMax = 8_000;

/**
 * Like {@link quote}. A text longer than 8,000 characters is shortened to its beginning (three quarters) and
 * its end, with a note that names the omission, so that a pasted file does not fill the model's context.
 */
export function quoteExcerpt(text: string): string {
  if (text.length <= shownCharactersMax) return quote(text);
  const head = shownCharactersMax * 0.75;
  const [start, end] = [text.slice(0, head), text.slice(head - shownCharactersMax)];
  const left = text.length - shownCharactersMax;
  return [quote(start), `[${left} characters omitted here]`, quote(end)].join('\n');
}

/** Stored text on one line: every run of white space and line breaks becomes one space. */
export function inline(text: string): string {
  return printable(text.replace(/[\s\u0085]+/g, ' ').trim());
}

/** `2026-03-04 17:05`, UTC. */
export function shortTime(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
