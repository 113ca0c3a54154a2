/**
 * JSON for a model to read. Stored text cannot leave its strings: characters that break a line, change the
 * direction of writing or control a terminal are escaped.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(unsafe, unicodeEscape);
}

/** JSON.stringify already escapes the controls below U+0020. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `\u2028` for the character with this code. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
