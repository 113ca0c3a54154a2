import { codeOf } from '../../lib/io/files.js';
import { MemoryError } from '../../model/errors.js';

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full. Free some space and try again',
  EDQUOT: 'the disk quota is used up. Free some space and try again',
  EROFS: 'the file system is read-only. Choose a writable data folder',
  EACCES: 'access is denied. Give this user the right to write there, or choose another data folder',
  EPERM: 'it is not permitted. Give this user the right to write there, or choose another data folder',
  ENOTDIR: 'a part of the path is a file and not a folder. Choose another data folder',
  EEXIST: 'a file stands where a folder is needed. Choose another data folder',
  EMFILE: 'too many files are open in this process. Close some, or raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine. Close some programs',
  EIO: 'the disk reports an error. Check the disk, and the connection if it is a network drive',
  ENOENT: 'it does not exist. If the data folder was moved or unmounted, restore it and restart',
  ESTALE: 'the network drive lost the file. Check the connection and restart',
};

/**
 * Turns a failed file operation into STORE_IO with what happened, where, and what to do. MemoryErrors stay
 * unchanged.
 */
export function toStoreError(error: unknown, doing: string, where: string): unknown {
  if (error instanceof MemoryError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  const path =
    error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : where;
  const reason =
    reasons[code] ?? `${error instanceof Error ? error.message : code}. Run "memoryos-mcp doctor"`;
  return new MemoryError('STORE_IO', `Could not ${doing}: ${reason} (${code}, ${path}).`, { cause: error });
}

/** Runs the job and turns its failures into MemoryErrors. */
export async function asStoreErrors<T>(doing: string, where: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    throw toStoreError(error, doing, where);
  }
}
