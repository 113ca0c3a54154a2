import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { codeOf, type Files, type OpenFile } from './files.js';

/** Writes all of the data, at the end or from `position`. After a failure, the part already written stays. */
export async function writeAll(file: OpenFile, data: Uint8Array, position?: number): Promise<void> {
  let done = 0;
  while (done < data.length) {
    const at = position === undefined ? undefined : position + done;
    const written = await file.write(data.subarray(done), at);
    if (written === 0) throw Object.assign(new Error('The file takes no more data'), { code: 'EIO' });
    done += written;
  }
}

/** Reads `length` bytes from `position`; fewer when the file ends. */
export async function readRange(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(Math.max(0, length));
  let done = 0;
  while (done < data.length) {
    const count = await file.read(data.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return data.subarray(0, done);
}

/** Reads the whole file; null when there is none. */
export async function readWhole(files: Files, path: string): Promise<Buffer | null> {
  let file: OpenFile;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return await readRange(file, 0, await file.size());
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder that survives a power cut: syncs the folders above it, up to one that already existed. The
 * first `levels` of them are synced in any case, because another process may have made them a moment ago.
 */
export async function makeFolderDurably(files: Files, path: string, levels: number): Promise<void> {
  const above: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    const wasThere = (await files.status(folder)) !== null;
    if ((wasThere && above.length >= levels) || dirname(folder) === folder) break;
    above.push(dirname(folder));
  }
  await files.makeFolder(path);
  for (const folder of above) {
    try {
      await files.syncFolder(folder);
    } catch (error) {
      // A folder that may be traversed but not read was made by somebody else.
      if (codeOf(error) !== 'EACCES') throw error;
    }
  }
}

/**
 * Writes a file atomically: at every moment, also after a crash, the name holds the complete old or the
 * complete new content. Writes a temporary file with a unique name, syncs it, renames it, and syncs the
 * folder.
 */
export async function writeAtomically(files: Files, path: string, data: Uint8Array | string): Promise<void> {
  await replaceAtomically(files, path, data);
  await files.syncFolder(dirname(path));
}

/** Like `writeAtomically`, but after a power cut the name may hold the old content. */
export async function replaceAtomically(
  files: Files,
  path: string,
  data: Uint8Array | string,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  try {
    const file = await files.open(temporary, 'create');
    try {
      await writeAll(file, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
}
