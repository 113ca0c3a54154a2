import { readFileSync, statSync } from 'node:fs';
import { distance } from 'fastest-levenshtein';
import { packageRequire } from '../../lib/io/package-files.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import { type ConfigKey, keyNames } from './config-keys.js';

/** Reads a configuration file as an object. Throws CONFIG_INVALID; for JSON errors with line and column. */
export function readConfigFile(file: string): Record<string, unknown> {
  let content: string;
  try {
    content = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new MemoryError('CONFIG_INVALID', `${file} cannot be read: ${readFailure(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new MemoryError('CONFIG_INVALID', `${file} is not JSON: ${jsonProblem(content)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
    throw new MemoryError(
      'CONFIG_INVALID',
      `${file} holds ${found}, not an object. Write it like {"user_id": "alice"}.`,
    );
  }
  return { ...value };
}

/** Returns a function that tells whether the file was replaced or written since its last call. */
export function fileChanges(file: string): () => boolean {
  const identity = () => {
    const found = statSync(file, { throwIfNoEntry: false, bigint: true });
    return found === undefined ? null : `${found.dev} ${found.ino} ${found.mtimeNs} ${found.size}`;
  };
  let seen = identity();
  return () => {
    const before = seen;
    // A missing file is just being replaced.
    seen = identity() ?? before;
    return seen !== before;
  };
}

function readFailure(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'the file does not exist. Create it with "memoryos-mcp init", or omit --config.';
    case 'EISDIR':
      return 'it is a folder. Give the path of the file in it.';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied. Allow this user to read it.';
    default:
      return `${messageOf(cause)}.`;
  }
}

/** Line, column and reason of a JSON error, counted from 1. */
function jsonProblem(content: string): string {
  if (content.trim() === '') return 'it is empty. Write at least {}, or delete the file.';
  // Loaded only for a broken file, because Node's parser gives no position for short texts.
  const { parse, printParseErrorCode } = packageRequire()('jsonc-parser') as typeof import('jsonc-parser');
  const errors: { error: number; offset: number; length: number }[] = [];
  parse(content, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first === undefined) return 'it cannot be read as JSON.';
  const before = content.slice(0, first.offset).split('\n');
  const reason = printParseErrorCode(first.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${reason}.`;
}

/** The known key that is most similar to the given one. */
export function nearestKey(name: string): ConfigKey | undefined {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  const ranked = keyNames
    .map((key) => ({ key, steps: distance(plain, key.replace(/_/g, '')) }))
    .sort((a, b) => a.steps - b.steps);
  return ranked[0]?.key;
}
