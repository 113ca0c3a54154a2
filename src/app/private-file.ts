import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceAtomically } from '../lib/io/file-access.js';
import { nodeFiles } from '../lib/io/files.js';
import { findWriteTarget } from '../lib/io/write-target.js';
import { MemoryError, messageOf } from '../model/errors.js';

/**
 * Writes a small file that only its owner can read, atomically, and never readable by others even for a
 * moment. Follows links. Writes directly into a device or a pipe. Throws STORE_IO.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  try {
    const target = await findWriteTarget(path);
    if (target.kind === 'stream') {
      await writeFile(target.path, text, { flag: 'r+' });
      return;
    }
    await nodeFiles.makeFolder(dirname(target.path));
    await replaceAtomically(nodeFiles, target.path, text);
  } catch (cause) {
    throw new MemoryError(
      'STORE_IO',
      `${path} cannot be written: ${messageOf(cause)}. Nothing was changed; choose another place.`,
      { cause },
    );
  }
}
