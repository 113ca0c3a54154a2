import { readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from './files.js';

/** The target of a write, with links followed. `stream`: a device, a pipe or a socket. */
export interface WriteTarget {
  readonly kind: 'nothing' | 'file' | 'folder' | 'stream';
  /** The real path. A file there may be replaced; the links that lead to it stay. */
  readonly path: string;
}

/**
 * Finds the target of a write, also through a link whose target does not exist yet. Throws Node's errors,
 * such as ELOOP.
 */
export async function findWriteTarget(path: string): Promise<WriteTarget> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { kind: 'folder', path };
    // A stream keeps its given path, because the real path of a pipe is not a usable path.
    return found.isFile() ? { kind: 'file', path: await realpath(path) } : { kind: 'stream', path };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const next = await readlink(path).catch(() => null);
  return next === null ? { kind: 'nothing', path } : findWriteTarget(resolve(dirname(path), next));
}
