import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { jsonrepair } from 'jsonrepair';
import { MemoryError, messageOf } from '../../model/errors.js';
import { isPythonMemory, longTermName, midTermName, shortTermName } from './layout.js';
import { leaveOut, type PythonNotes } from './report.js';

/** The files of one user of the Python MemoryOS. */
export interface PythonFiles {
  readonly user: string;
  readonly folder: string;
  readonly assistants: readonly { readonly id: string; readonly file: string }[];
  /** Number of users in the data folder, including this one. */
  readonly users: number;
}

const assistantName = 'long_term_assistant.json';

/**
 * Finds the memory of a user in a data folder of the Python MemoryOS, or in `users/<user>` of one.
 * Throws NOT_FOUND (no such folder, user or memory) and INPUT_INVALID (several users, none named; or a data folder
 * of this program).
 */
export async function findPythonFiles(
  folder: string,
  user: string | undefined,
  dataFolder?: string,
): Promise<PythonFiles> {
  const names = await list(folder);
  if (names.includes('users')) {
    const usersFolder = join(folder, 'users');
    const users = await foldersIn(usersFolder);
    const chosen = user ?? (users.length === 1 ? users[0] : undefined);
    if (chosen === undefined) {
      throw new MemoryError(
        'INPUT_INVALID',
        `${folder} holds the memories of ${users.length} users${users.length === 0 ? '' : ` (${users.slice(0, 10).join(', ')})`}. Choose one with --from-user.`,
      );
    }
    if (!users.includes(chosen)) {
      throw new MemoryError(
        'NOT_FOUND',
        `${usersFolder} has no user ${chosen}. It has: ${users.slice(0, 10).join(', ')}.`,
      );
    }
    return userFiles(join(usersFolder, chosen), chosen, folder, users.length);
  }
  const parent = dirname(folder);
  const data = dataFolder ?? (basename(parent) === 'users' ? dirname(parent) : folder);
  const users = await countMemories([join(data, 'users'), parent]);
  return userFiles(folder, user ?? basename(folder), data, Math.max(1, users));
}

/** Number of users with a memory of the Python server in these folders. */
async function countMemories(folders: readonly string[]): Promise<number> {
  const paths = new Set<string>();
  for (const folder of folders) for (const name of await foldersIn(folder)) paths.add(join(folder, name));
  const found = await Promise.all([...paths].map(isPythonMemory));
  return found.filter((is) => is).length;
}

async function userFiles(folder: string, user: string, data: string, users: number): Promise<PythonFiles> {
  const names = await list(folder);
  if (names.includes('mid_term') || names.some((name) => name.startsWith('journal.'))) {
    throw new MemoryError(
      'INPUT_INVALID',
      `${folder} is a memory of this program, not of the Python MemoryOS. Use "memoryos-mcp export" on its data folder and import the file.`,
    );
  }
  if (![shortTermName, midTermName, longTermName].some((name) => names.includes(name))) {
    throw new MemoryError(
      'NOT_FOUND',
      `${folder} holds no memory of the Python MemoryOS: none of ${shortTermName}, ${midTermName}, ${longTermName} is there.`,
    );
  }
  const assistantsFolder = join(data, 'assistants');
  const ids = await foldersIn(assistantsFolder);
  const assistants = ids.map((id) => ({ id, file: join(assistantsFolder, id, assistantName) }));
  return { user, folder, users, assistants };
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new MemoryError('NOT_FOUND', `${folder} is not a readable folder: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Reads a JSON file as far as possible: Python writes `NaN`, and a file may be cut off because Python was
 * stopped while writing. Repairs and failures are noted. Undefined when there is nothing.
 */
export async function readPythonJson(path: string, notes: PythonNotes): Promise<unknown> {
  const where = basename(path);
  const status = await stat(path).catch(() => null);
  if (status === null) {
    notes.notes.push(`${where} is not there.`);
    return undefined;
  }
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    leaveOut(notes, where, `cannot be read: ${messageOf(error)}`, '');
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    return repaired(text, where, messageOf(error), notes);
  }
}

function repaired(text: string, where: string, problem: string, notes: PythonNotes): unknown {
  try {
    const value: unknown = JSON.parse(jsonrepair(text));
    if (typeof value !== 'object') throw new Error('nothing is left of it');
    notes.notes.push(
      `${where} is damaged (${problem}); the readable part was imported; its last entry may be incomplete.`,
    );
    return value;
  } catch {
    leaveOut(notes, where, `is not JSON (${problem})`, text.slice(0, 1000));
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
