import { MemoryError } from '../model/errors.js';

/** The type of an input field. */
export type FieldKind = 'text' | 'number' | 'flag' | 'list' | 'object';

/**
 * Checks the input of a method for callers without a type checker. Keys in snake_case, as in the tools, count
 * as their camelCase form. Throws INPUT_INVALID for an unknown key and for a value of the wrong type.
 */
export function namedInput<T extends object>(
  given: T,
  method: string,
  kinds: Readonly<Record<keyof T & string, FieldKind>>,
): T {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(`${method} takes an object such as { ${Object.keys(kinds)[0]}: … }.`);
  }
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof T & string] : undefined;
    if (kind === undefined) {
      throw invalid(
        `${method} has no option ${JSON.stringify(key)}. It takes ${Object.keys(kinds).join(', ')}.`,
      );
    }
    if (value === undefined || value === null) continue;
    if (!isOfKind(value, kind)) throw invalid(`${key} of ${method} must be ${article[kind]}.`);
    fields[name] = value;
  }
  return fields as T;
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'flag':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object';
    default:
      return kind satisfies never;
  }
}

function invalid(message: string): MemoryError {
  return new MemoryError('INPUT_INVALID', message);
}

const article: Readonly<Record<FieldKind, string>> = {
  text: 'a text',
  number: 'a number',
  flag: 'true or false',
  list: 'a list',
  object: 'an object',
};
