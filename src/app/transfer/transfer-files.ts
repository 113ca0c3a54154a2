import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { readRange, writeAll } from '../../lib/io/file-access.js';
import { codeOf, type Files, nodeFiles } from '../../lib/io/files.js';
import { linesOf } from '../../lib/io/lines.js';
import { findWriteTarget } from '../../lib/io/write-target.js';
import { MemoryError, messageOf } from '../../model/errors.js';

/** Small, so that other work in this process runs between two pieces. */
const chunkCharacters = 16 * 1024;

/** The source of an import. */
export interface TransferSource {
  /** The name for messages. */
  readonly name: string;
  /** Size of the file on disk; null for standard input. */
  readonly bytesTotal: number | null;
  bytesRead(): number;
  /** Can be read only once. Throws INPUT_INVALID when the compression is damaged, and STORE_IO. */
  lines(): AsyncIterable<Uint8Array>;
}

/** Opens an export, compressed or not; `-` is standard input. Throws NOT_FOUND, STORE_IO. */
export async function openTransfer(path: string, files: Files = nodeFiles): Promise<TransferSource> {
  if (path === '-') return sourceOf('standard input', null, false, () => process.stdin);
  const status = await files.status(path);
  if (status === null || status.isFolder) {
    const what = status === null ? 'There is no file' : 'This is a folder, not a file:';
    throw new MemoryError('NOT_FOUND', `${what} ${path}. Give the path of an export or a backup.`);
  }
  try {
    const file = await files.open(path, 'read');
    const start = await readRange(file, 0, 2).finally(() => file.close());
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    return sourceOf(path, status.size, isGzip, () => createReadStream(path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function sourceOf(
  name: string,
  bytesTotal: number | null,
  isGzip: boolean,
  open: () => AsyncIterable<unknown>,
): TransferSource {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of open()) {
      const data = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
      bytes += data.length;
      yield data;
    }
  }
  return {
    name,
    bytesTotal,
    bytesRead: () => bytes,
    async *lines() {
      const chunks = isGzip ? gunzipped(Readable.from(counted())) : counted();
      try {
        yield* linesOf(chunks);
      } catch (cause) {
        if (cause instanceof MemoryError) throw cause;
        if (codeOf(cause)?.startsWith('Z_') === true || codeOf(cause) === undefined) {
          throw new MemoryError('INPUT_INVALID', `${name} is damaged: ${messageOf(cause)}.`, { cause });
        }
        throw unreadable(name, cause);
      }
    },
  };
}

/** Passes on errors of the source stream. */
function gunzipped(stream: Readable): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(stream, gunzip, () => undefined);
  return gunzip;
}

function unreadable(name: string, cause: unknown): MemoryError {
  return new MemoryError('STORE_IO', `${name} cannot be read: ${messageOf(cause)}.`, { cause });
}

/** Called between small pieces of work; resolves when the next one may start. */
export type Pace = () => Promise<void>;

/** The result of writing. */
export interface WrittenTransfer {
  readonly bytes: number;
  /** SHA-256 of the uncompressed lines, without the first one, because it contains the time. */
  readonly digest: string;
}

/**
 * Writes lines to a file atomically, through a temporary file beside it. An existing file is replaced, also
 * at the target of a link. Only the owner can read the new file. Lines for a device or a pipe are written as
 * they come. Throws STORE_IO, and errors of the lines.
 */
export async function writeTransfer(
  path: string,
  lines: AsyncIterable<unknown>,
  options: { readonly gzip: boolean; readonly files?: Files; readonly pace?: Pace | undefined },
): Promise<WrittenTransfer> {
  const { gzip, files = nodeFiles, pace } = options;
  const hash = createHash('sha256');
  let bytes = 0;
  const send = async (put: (chunk: Uint8Array) => Promise<unknown>) => {
    for await (const chunk of encoded(chunksOf(lines, hash, pace), gzip)) {
      await put(chunk);
      bytes += chunk.length;
    }
  };
  try {
    const target = await findWriteTarget(path);
    if (target.kind === 'stream') await intoStream(target.path, send);
    else await intoFile(target.path, files, send);
  } catch (error) {
    if (error instanceof MemoryError) throw error;
    const message = `${path} cannot be written: ${messageOf(error)}. No partial file was left.`;
    throw new MemoryError('STORE_IO', message, { cause: error });
  }
  return { bytes, digest: hash.digest('hex') };
}

type Send = (put: (chunk: Uint8Array) => Promise<unknown>) => Promise<void>;

async function intoFile(path: string, files: Files, send: Send): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await files.makeFolder(dirname(path));
    const file = await files.open(temporary, 'create');
    try {
      await send((chunk) => writeAll(file, chunk));
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
    await files.syncFolder(dirname(path));
  } catch (error) {
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
}

/** Never creates the target. If it has disappeared, no file takes its place. */
async function intoStream(path: string, send: Send): Promise<void> {
  const stream = await open(path, constants.O_WRONLY);
  try {
    await send((chunk) => stream.writeFile(chunk));
  } finally {
    await stream.close();
  }
}

/** The bytes of a transfer, compressed if requested. */
export function encoded(chunks: AsyncIterable<Uint8Array>, gzip: boolean): AsyncIterable<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: false });
  if (!gzip) return source;
  const packed = createGzip();
  // Errors of the lines are passed on by the compressed stream.
  pipeline(source, packed, () => undefined);
  return packed;
}

/** The lines of a transfer in pieces. `hash` receives everything except the first line. */
async function* chunksOf(
  lines: AsyncIterable<unknown>,
  hash: ReturnType<typeof createHash>,
  pace: Pace | undefined,
): AsyncGenerator<Buffer> {
  let text = '';
  let first = true;
  for await (const line of lines) {
    const written = `${JSON.stringify(line)}\n`;
    if (!first) hash.update(written);
    first = false;
    text += written;
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = '';
    await pace?.();
  }
  if (text !== '') yield Buffer.from(text);
}

/** Reads a written file and compares it with what was written. Throws STORE_IO. */
export async function verifyTransfer(path: string, written: WrittenTransfer, pace?: Pace): Promise<void> {
  if ((await digestOf(path, pace)) === written.digest) return;
  throw new MemoryError(
    'STORE_IO',
    `${basename(path)} does not contain what was written; the disk may be failing. Write it to another disk.`,
  );
}

/** The digest of a written file, as in {@link WrittenTransfer}. */
export async function digestOf(path: string, pace?: Pace): Promise<string> {
  const hash = createHash('sha256');
  let first = true;
  let bytes = 0;
  for await (const line of (await openTransfer(path)).lines()) {
    if (!first) hash.update(line).update('\n');
    first = false;
    bytes += line.length;
    if (bytes < chunkCharacters) continue;
    bytes = 0;
    await pace?.();
  }
  return hash.digest('hex');
}
