import { unicodeEscape } from './json-text.js';

/**
 * Stored text for a model to read: every line begins with "> ", so that nothing in it can pass for a heading,
 * an end mark or an instruction of this server. Control characters are shown as escapes.
 */
export function quote(text: string): string {
  return text
    .split(lineBreak)
    .map((line) => `> ${printable(line)}`)
    .join('\n');
}

/** Also NEL, VT, FF and the separators of Unicode: a reader may break a line at any of them. */
const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;
/** All control characters but the tab, and those that turn the direction of writing. */
const unprintable = /(?!\t)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

function printable(text: string): string {
  return text.toWellFormed().replace(unprintable, unicodeEscape);
}

const shownCharactersMax = 8_000;

/**
 * As {@link quote}, of a text longer than 8,000 characters its first three quarters of that and its end: a pasted file
 * would leave a model no room for anything else. What is left out is said.
 */
export function quoteExcerpt(text: string): string {
  if (text.length <= shownCharactersMax) return quote(text);
  const head = shownCharactersMax * 0.75;
  const [start, end] = [text.slice(0, head), text.slice(head - shownCharactersMax)];
  const left = text.length - shownCharactersMax;
  return [quote(start), `[${left} characters are left out here]`, quote(end)].join('\n');
}

/** Stored text on one line: every run of white space and line breaks is a blank. */
export function inline(text: string): string {
  return printable(text.replace(/[\s\u0085]+/g, ' ').trim());
}

/** `2026-03-04 17:05` of an instant, in UTC. */
export function shortTime(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
