import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import jsonc from 'jsonc-parser';
import { MemoryError, messageOf } from '../model/errors.js';

export interface ClientEdit {
  /** The whole text as it is to be. */
  readonly text: string;
  readonly changed: boolean;
  /** The server's entry as it is to be; undefined where it is to be taken out. */
  readonly entry: Entry | undefined;
}

type Entry = Readonly<Record<string, unknown>>;

/** Editors on Windows begin files with it; it is no part of the JSON. */
const byteOrderMark = '\uFEFF';

/**
 * Sets (or, with `undefined`, removes) one entry of a client's configuration and leaves everything else as it is,
 * comments too; only the lines around it may be laid out anew. Of an entry that starts a command already, what is
 * not set here stays, such as its `env`; `usual` is for what it does not have. Throws CONFIG_INVALID when the text
 * is not JSON.
 */
export function editEntry(
  file: string,
  text: string | null,
  [servers, name]: readonly [string, string],
  set: Entry | undefined,
  usual: Entry = {},
): ClientEdit {
  if (text?.startsWith(byteOrderMark)) {
    const edit = editEntry(file, text.slice(1), [servers, name], set, usual);
    return { ...edit, text: `${byteOrderMark}${edit.text}` };
  }
  const before = text === null || text.trim() === '' ? '{}\n' : text;
  const errors: jsonc.ParseError[] = [];
  const value: unknown = jsonc.parse(before, errors, { allowTrailingComma: true });
  const [problem] = errors;
  if (problem !== undefined || !isObject(value)) throw unreadable(file, before, problem);
  const held = value[servers];
  if (held !== undefined && !isObject(held)) {
    throw new MemoryError(
      'CONFIG_INVALID',
      `${file}: ${servers} is no object. Correct it; nothing was changed.`,
    );
  }
  const current = held?.[name];
  const kept = isObject(current) && 'command' in current ? current : {};
  const entry = set && { ...usual, ...kept, ...set };
  if (JSON.stringify(current) === JSON.stringify(entry)) return { text: before, changed: false, entry };
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: before.includes('\r\n') ? '\r\n' : '\n' };
  const edits = jsonc.modify(before, [servers, name], entry, { formattingOptions });
  return { text: jsonc.applyEdits(before, edits), changed: true, entry };
}

/** The words with which the entry starts its server now; none where there is no entry. Throws CONFIG_INVALID. */
export function currentWords(
  file: string,
  text: string | null,
  [servers, name]: readonly [string, string],
): string[] {
  const { entry } = editEntry(file, text, [servers, name], {});
  const words: readonly unknown[] = Array.isArray(entry?.args) ? entry.args : [];
  return words.filter((word) => typeof word === 'string');
}

/** The entry to be shown: what its `env` holds may be keys, and is named only. */
export function shownEntry(entry: Entry): Entry {
  if (!isObject(entry.env)) return entry;
  return { ...entry, env: Object.fromEntries(Object.keys(entry.env).map((name) => [name, '(kept)'])) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(file: string, text: string, problem: jsonc.ParseError | undefined): MemoryError {
  const lines = text.slice(0, problem?.offset ?? 0).split('\n');
  const where =
    problem === undefined
      ? 'it holds no object'
      : `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  return new MemoryError(
    'CONFIG_INVALID',
    `${file} is not the JSON the client writes (${where}). Correct it first; nothing was changed.`,
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

/** Replaces the file as a whole, keeping a copy of what was there. Returns the copy's path, null without one. */
export async function writeClientFile(file: string, text: string, now: Date): Promise<string | null> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // A link, as people who keep their settings in a repository have, stays a link.
    const target = await realpath(file).catch(() => file);
    const found = await stat(target).catch(() => null);
    if (found !== null && !found.isFile()) throw new Error('it is no regular file');
    const mode = found === null ? null : found.mode & 0o777;
    const backup = mode === null ? null : `${target}.backup-${now.toISOString().replace(/[:.]/g, '-')}`;
    if (backup !== null) await copyFile(target, backup);
    const temporary = `${target}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, text, { mode: mode ?? 0o600, flag: 'wx' });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return backup;
  } catch (cause) {
    throw new MemoryError('STORE_IO', `${file} cannot be written: ${messageOf(cause)}. It is as it was.`, {
      cause,
    });
  }
}
