import { distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { MemoryError } from '../model/errors.js';
import type { ObjectSchema } from './json-schema.js';

/** Interpreted arguments, and notices about ignored ones. */
export interface Understood {
  readonly args: unknown;
  readonly notices: readonly string[];
}

/**
 * Interprets the arguments of a call. Models send numbers, booleans and lists as text, and fill optional
 * parameters they want to omit: null, "" and [] count as not given. An unknown parameter is dropped with a
 * notice. With `refusesUnknown` it stays, so that validation refuses it.
 */
export function understood(args: unknown, schema: ObjectSchema, refusesUnknown: boolean): Understood {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return { args, notices: [] };
  const parameters = new Map(Object.entries(schema.properties));
  const required = new Set(schema.required);
  const meant: [string, unknown][] = [];
  const notices: string[] = [];
  for (const [name, given] of Object.entries(args)) {
    const parameter = parameters.get(name);
    if (parameter === undefined && !refusesUnknown) {
      notices.push(`Ignored ${unknownParameter(name, [...parameters.keys()])}.`);
      continue;
    }
    const value = parameter === undefined ? given : fromText(given, parameter.type);
    if (required.has(name) || !isBlank(value)) meant.push([name, value]);
  }
  return { args: Object.fromEntries(meant), notices };
}

function isBlank(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** The value that a text represents when another type is expected; otherwise the text itself. */
function fromText(value: unknown, type: unknown): unknown {
  if (typeof value !== 'string' || value === '') return value;
  const text = value.trim();
  switch (type) {
    case 'integer':
    case 'number':
      return /^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : value;
    case 'boolean':
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : value;
    case 'object':
      return text.startsWith('{') ? parsed(text) : value;
    case 'array':
      return text.startsWith('[') ? parsed(text) : text.split(/[\s,]+/).filter((entry) => entry !== '');
    default:
      return value;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The error that names every problem of a call's arguments. */
export function invalidArguments(
  tool: string,
  parameters: readonly string[],
  args: unknown,
  error: z.ZodError,
): MemoryError {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownParameter(key, parameters));
    const where = z.core.toDotPath(issue.path) || 'arguments';
    return [`${where}: ${isMissing(args, issue) ? 'is missing' : issue.message}`];
  });
  return new MemoryError(
    'INPUT_INVALID',
    `The arguments of ${tool} are not valid: ${problems.join('; ')}. Nothing was done.`,
    { cause: error },
  );
}

function unknownParameter(key: string, parameters: readonly string[]): string {
  const [nearest = ''] = [...parameters].sort((a, b) => distance(key, a) - distance(key, b));
  const isLike = distance(key, nearest) <= Math.ceil(key.length / 2);
  const hint = isLike ? `the nearest one is ${nearest}` : `there are ${parameters.join(', ')}`;
  return `${key.slice(0, 60)}: unknown parameter; ${hint}`;
}

function isMissing(args: unknown, issue: z.core.$ZodIssue): boolean {
  const [key] = issue.path;
  return (
    issue.path.length === 1 &&
    key !== undefined &&
    typeof args === 'object' &&
    args !== null &&
    !Object.hasOwn(args, key)
  );
}
