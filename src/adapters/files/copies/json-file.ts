import { Low } from 'lowdb';
import { checksum, checksumLength, checksumOf, textOf } from '../../../lib/io/checksum.js';
import { readWhole, replaceAtomically, writeAtomically } from '../../../lib/io/file-access.js';
import type { Files } from '../../../lib/io/files.js';
import { isObject } from '../log/journal-format.js';

/** A file that exists but differs from what was written. `value` is what could still be parsed. */
export class DamagedFile extends Error {
  readonly value: unknown;
  constructor(reason: string, value: unknown) {
    super(reason);
    this.value = value;
  }
}

const marker = '\n "check": "';
const tail = '"\n}\n';
const endingLength = marker.length + checksumLength + tail.length;

/** lowdb's adapter for a JSON file whose last property is a checksum of the text before it. */
class CheckedJsonAdapter {
  readonly #files: Files;
  readonly #path: string;
  readonly #write: typeof writeAtomically;

  constructor(files: Files, path: string, write = writeAtomically) {
    this.#files = files;
    this.#path = path;
    this.#write = write;
  }

  async read(): Promise<unknown> {
    const data = await readWhole(this.#files, this.#path);
    return data === null ? null : decodeDocument(data);
  }

  async write(value: unknown): Promise<void> {
    await this.#write(this.#files, this.#path, await encodeDocument(value));
  }
}

/** Null when there is no such file. Throws DamagedFile. */
export async function readJsonFile(files: Files, path: string): Promise<unknown> {
  const low = new Low<unknown>(new CheckedJsonAdapter(files, path), null);
  await low.read();
  return low.data;
}

/** Reads a file in the middle of synchronous work. Throws Node's errors and DamagedFile. */
export function readJsonFileNow(files: Files, path: string): unknown {
  const data = files.readNow(path);
  const { rest, isSealedWith } = parted(data.toString('utf8'));
  return isSealedWith(checksum(data.subarray(0, -endingLength))) ? rest : damaged(rest);
}

export async function writeJsonFile(files: Files, path: string, value: unknown): Promise<void> {
  const low = new Low<unknown>(new CheckedJsonAdapter(files, path), value);
  await low.write();
}

/** Writes the file. After a power cut it may have its old content. */
export async function writeJsonCopy(files: Files, path: string, value: unknown): Promise<void> {
  const low = new Low<unknown>(new CheckedJsonAdapter(files, path, replaceAtomically), value);
  await low.write();
}

/** The text of the file: indented, with the checksum last. */
async function encodeDocument(value: unknown): Promise<string> {
  const body = `${JSON.stringify(value, null, 1).slice(0, -2)},`;
  return `${body}${marker}${await checksumOf(Buffer.from(body))}${tail}`;
}

async function decodeDocument(data: Buffer): Promise<unknown> {
  const { rest, isSealedWith } = parted(await textOf(data));
  return isSealedWith(await checksumOf(data.subarray(0, -endingLength))) ? rest : damaged(rest);
}

function damaged(rest: unknown): never {
  throw new DamagedFile('was changed from outside (its checksum is wrong)', rest);
}

/** The value without its checksum, and a test of the checksum of all before the ending. Throws DamagedFile. */
function parted(text: string) {
  if (text.trim() === '') throw new DamagedFile('is empty', undefined);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DamagedFile(`is not JSON (${placeOf(error, text)})`, undefined);
  }
  if (!isObject(value)) throw new DamagedFile('is not a JSON object', value);
  const { check: _, ...rest } = value;
  const isSealedWith = (check: string) => text.endsWith(`${marker}${check}${tail}`);
  return { rest, isSealedWith };
}

/** Line and column of a syntax error. The engine's own message would quote what the user said. */
function placeOf(error: unknown, text: string): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const before = text.slice(0, position === undefined ? text.length : Number(position));
  const line = before.split('\n').length;
  return `line ${line}, column ${before.length - before.lastIndexOf('\n')}`;
}
