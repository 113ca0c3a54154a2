/**
 * A result as JSON for a model to read. Stored text stays inside its strings: what could break a line, turn the
 * direction of writing or drive a terminal is an escape there.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(unsafe, unicodeEscape);
}

/** JSON.stringify escapes the controls below U+0020 itself. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `\u2028` for the character of this code. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
