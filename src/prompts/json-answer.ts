import { jsonrepair } from 'jsonrepair';
import * as z from 'zod';
import { problemOf, type Reading } from './prompt.js';

/**
 * Extracts the JSON value from a model's answer. Accepts code fences, surrounding text, trailing commas,
 * comments and wrong quotes. Refuses an answer that was cut off; it is never completed.
 */
export function readJson(answer: string): Reading<unknown> {
  const text = answer.trim();
  const whole = parsed(text);
  if (whole !== undefined) return { ok: true, value: whole };
  const { pieces, cutOff } = balancedPieces(text);
  for (const piece of pieces) {
    const value = parsed(piece) ?? repaired(piece);
    if (holdsObject(value)) return { ok: true, value };
  }
  return {
    ok: false,
    problem: cutOff ? 'the JSON is cut off or its brackets do not match' : 'there is no JSON in it',
  };
}

/** Reads an answer that must match the schema. Models also put the object into a list of its own. */
export function readAnswer<T>(text: string, schema: z.ZodType<T>): Reading<T> {
  const json = readJson(text);
  if (!json.ok) return json;
  const { value } = json;
  const answer = schema.safeParse(Array.isArray(value) && value.length === 1 ? value[0] : value);
  return answer.success ? { ok: true, value: answer.data } : { ok: false, problem: problemOf(answer.error) };
}

const piecesMax = 20;

/** The pieces between matching brackets, longest first. Prose before the answer may contain some, too. */
function balancedPieces(text: string): { pieces: string[]; cutOff: boolean } {
  const pieces: string[] = [];
  let cutOff = false;
  for (let at = 0; at < text.length && pieces.length < piecesMax; at += 1) {
    if (text[at] !== '{' && text[at] !== '[') continue;
    const end = closingOf(text, at);
    cutOff = end === undefined;
    if (end === undefined) break;
    pieces.push(text.slice(at, end));
    at = end - 1;
  }
  return { pieces: pieces.sort((a, b) => b.length - a.length), cutOff };
}

/** Answers are objects or lists of objects; a remark in brackets is neither. */
function holdsObject(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((element) => holdsObject(element));
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** The position after the bracket that closes the one at `start`; undefined when there is none. */
function closingOf(text: string, start: number): number | undefined {
  const open: string[] = [];
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') open.push(character === '{' ? '}' : ']');
    else if (character === '}' || character === ']') {
      if (open.pop() !== character) return undefined;
      if (open.length === 0) return at + 1;
    }
  }
  return undefined;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function repaired(piece: string): unknown {
  try {
    return JSON.parse(jsonrepair(piece));
  } catch {
    return undefined;
  }
}

/** A list. Models write a single element without brackets, and omit an empty list. */
export function listOf<T extends z.ZodType>(element: T) {
  return z.preprocess(
    (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]),
    z.array(element),
  );
}

/** A list of words or phrases. Also accepts "one, two". */
export const wordsSchema = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/[,;，、；،؛]/u) : (value ?? [])),
  z.array(z.string()),
);

/** A short reference such as P1 or F3. */
export const labelSchema = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string(),
);

/** Text or null. Models also omit it or write "null". */
export const optionalTextSchema = z.preprocess(
  (value) => (value === undefined || value === '' || value === 'null' || value === 'none' ? null : value),
  z.string().nullable(),
);

/** A reference or null. */
export const optionalLabelSchema = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : (value ?? null)),
  optionalTextSchema,
);

/** A list of references. Models also write "P1, P2". */
export const labelsSchema = z.preprocess(
  (value) =>
    value === undefined || value === null
      ? []
      : typeof value === 'string'
        ? value.split(/[\s,;]+/).filter((part) => part !== '')
        : Array.isArray(value)
          ? value
          : [value],
  z.array(labelSchema),
);

export const flagSchema = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? /^(true|yes)$/i.test(value)
        ? true
        : /^(false|no)$/i.test(value)
          ? false
          : value
      : value,
  z.boolean(),
);

/** The number in a reference of that kind (0 in P0); undefined when it is not one. */
export function numberOf(label: string, kind: 'P' | 'F'): number | undefined {
  const match = new RegExp(`^\\W*${kind}?\\s?(\\d{1,4})\\W*$`, 'i').exec(label);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
