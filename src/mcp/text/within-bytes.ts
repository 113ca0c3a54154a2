import { jsonText } from './json-text.js';

/** An answer that fits the limit, and a notice of what was omitted ('' for nothing). */
export interface Fitted<T> {
  readonly answer: T;
  readonly notice: string;
}

/** Strings are shortened to no less than this before list entries are dropped. */
const charactersMin = 200;
/** Reserved for the envelope of an answer and the notice. */
const envelopeBytes = 1_000;

/**
 * Limits an answer to a number of bytes as sent: as text within JSON, and for a tool once more as structured
 * content. First the longest texts are shortened, all to the same length. Then lists are halved by dropping
 * their last entries, so the first results stay. Nothing larger than the answer is ever serialised.
 */
export function withinBytes<T extends object>(answer: T, bytesMax: number, indent?: number): Fitted<T> {
  const fits = (value: unknown) =>
    charactersIn(value) <= bytesMax && bytesOf(value, indent) <= bytesMax - envelopeBytes;
  if (fits(answer)) return { answer, notice: '' };
  for (let characters = longest(answer) >> 1; characters >= charactersMin; characters >>= 1) {
    const shorter = shortened(answer, characters);
    if (fits(shorter)) return { answer: shorter, notice: noticeOf(bytesMax) };
  }
  let left = shortened(answer, charactersMin);
  for (let entries = longestList(left) >> 1; !fits(left) && entries > 0; entries >>= 1) {
    left = cut(left, entries);
  }
  return { answer: left, notice: noticeOf(bytesMax) };
}

function noticeOf(bytesMax: number): string {
  return `Texts were shortened or entries omitted because an answer has at most ${bytesMax} bytes (max_answer_bytes). Ask for less at a time.`;
}

function bytesOf(value: unknown, indent: number | undefined): number {
  const text = jsonText(value, indent);
  // Indented text belongs to a resource, which has no structured content.
  return Buffer.byteLength(JSON.stringify(text)) + (indent === undefined ? Buffer.byteLength(text) : 0);
}

/** Counted before anything is serialised. Each character takes at least one byte. */
function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + charactersIn(one), 0);
}

function longest(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((most: number, one) => Math.max(most, longest(one)), 0);
}

function longestList(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? value.length : 0;
  return Object.values(value).reduce((most: number, one) => Math.max(most, longestList(one)), own);
}

function shortened<T>(value: T, charactersMax: number): T;
function shortened(value: unknown, charactersMax: number): unknown {
  if (typeof value === 'string') {
    if (value.length <= charactersMax) return value;
    const left = value.length - charactersMax;
    return `${value.slice(0, charactersMax).toWellFormed()} […] (${left} more characters)`;
  }
  return mapped(value, (one) => shortened(one, charactersMax));
}

function cut<T>(value: T, entriesMax: number): T;
function cut(value: unknown, entriesMax: number): unknown {
  const shorter = Array.isArray(value) ? value.slice(0, entriesMax) : value;
  return mapped(shorter, (one) => cut(one, entriesMax));
}

function mapped(value: unknown, change: (one: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(one)]));
}
