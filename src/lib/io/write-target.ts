import { readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from './files.js';

/** What a name to be written to stands for, links followed. `stream`: a device, a pipe or a socket. */
export interface WriteTarget {
  readonly kind: 'nothing' | 'file' | 'folder' | 'stream';
  /** Where it really lies. A file may be replaced there; the links that lead to it stay. */
  readonly path: string;
}

/** Looks where a write goes, also through a link that leads to nothing yet. Throws Node's errors, such as ELOOP. */
export async function findWriteTarget(path: string): Promise<WriteTarget> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { kind: 'folder', path };
    // Not the real path of a stream: that of a pipe is no path.
    return found.isFile() ? { kind: 'file', path: await realpath(path) } : { kind: 'stream', path };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  const next = await readlink(path).catch(() => null);
  return next === null ? { kind: 'nothing', path } : findWriteTarget(resolve(dirname(path), next));
}
