import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../app/replace-file.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { Entry } from './clients.js';
import { at, formatOf, isObject } from './settings-format.js';

export interface ClientEdit {
  /** The complete new text. */
  readonly text: string;
  readonly changed: boolean;
  /** The new value; undefined when it is removed. */
  readonly entry: Entry | undefined;
}

/** Editors on Windows write it at the beginning of a file. It is not part of the settings. */
const byteOrderMark = '\uFEFF';

/**
 * Sets (or, with `undefined`, removes) one entry of a client's configuration. Everything else stays
 * unchanged, including comments; only nearby lines may be reformatted. In an existing entry that starts a
 * command, properties that are not set here stay, such as `env`. `usual` supplies properties that the entry
 * lacks. Throws CONFIG_INVALID when the text does not have the file's format.
 */
export function editEntry(
  file: string,
  text: string | null,
  keys: readonly string[],
  set: Entry | undefined,
  usual: Entry = {},
): ClientEdit {
  const current = entryAt(file, text, keys);
  const kept = current !== undefined && ('command' in current || 'cmd' in current) ? current : {};
  const entry = set && { ...usual, ...kept, ...set };
  const isSame = JSON.stringify(current) === JSON.stringify(entry);
  return { ...(isSame ? { text: text ?? '', changed: false } : setValue(file, text, keys, entry)), entry };
}

/** The entry under these keys. Throws CONFIG_INVALID when the text does not have the file's format. */
export function entryAt(file: string, text: string | null, keys: readonly string[]): Entry | undefined {
  const settings = formatOf(file).parse(file, withoutMark(text ?? ''));
  keys.slice(0, -1).forEach((key, depth) => {
    const held = at(settings, keys.slice(0, depth + 1));
    if (held !== undefined && held !== null && !isObject(held)) {
      throw new MemoryError(
        'CONFIG_INVALID',
        `${file}: ${key} is not an object. Correct the file; nothing was changed.`,
      );
    }
  });
  const entry = at(settings, keys);
  return isObject(entry) ? entry : undefined;
}

/** The text with the value under these keys set, or removed (`undefined`). */
export function setValue(
  file: string,
  text: string | null,
  keys: readonly string[],
  value: unknown,
): { text: string; changed: boolean } {
  const mark = text?.startsWith(byteOrderMark) ? byteOrderMark : '';
  const before = withoutMark(text ?? '');
  const after = formatOf(file).set(before, keys, value);
  return { text: mark + after, changed: after !== before };
}

function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

/**
 * The entry for display. Only the names of its environment variables are shown, because their values may be
 * keys.
 */
export function shownEntry(entry: Entry): Entry {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) =>
      ['env', 'envs', 'environment'].includes(key) && isObject(value)
        ? [key, Object.fromEntries(Object.keys(value).map((name) => [name, '(kept)']))]
        : [key, value],
    ),
  );
}

/** Null when there is no such file. */
export async function readClientFile(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new MemoryError('STORE_IO', `${file} cannot be read: ${messageOf(cause)}. Nothing was changed.`, {
      cause,
    });
  }
}

/**
 * Replaces the complete file and keeps a copy of the old one. Returns the copy's path; null when there was no
 * file.
 */
export async function writeClientFile(file: string, text: string, now: Date): Promise<string | null> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // A symbolic link stays a link, for people who keep their settings in a repository.
    const target = await realpath(file).catch(() => file);
    const found = await stat(target).catch(() => null);
    if (found !== null && !found.isFile()) throw new Error('it is not a regular file');
    const mode = found === null ? null : found.mode & 0o777;
    const backup = mode === null ? null : `${target}.backup-${now.toISOString().replace(/[:.]/g, '-')}`;
    if (backup !== null) await copyFile(target, backup);
    const temporary = `${target}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, text, { mode: mode ?? 0o600, flag: 'wx' });
      await replaceFile(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return backup;
  } catch (cause) {
    throw new MemoryError(
      'STORE_IO',
      `${file} cannot be written: ${messageOf(cause)}. The file is unchanged.`,
      {
        cause,
      },
    );
  }
}
