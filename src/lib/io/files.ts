import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

export interface FileStatus {
  readonly size: number;
  readonly modifiedMs: number;
  readonly isFolder: boolean;
}

/**
 * `append`: every write goes to the end; creates the file when missing. `extend`: like append, but the file
 * must exist. `create`: the file must not exist (EEXIST). `update`: writes at any position; the file must
 * exist.
 */
export type OpenMode = 'read' | 'append' | 'extend' | 'create' | 'update';

/** An open file. Methods throw Node's errors (with `code` and `path`). */
export interface OpenFile {
  /** May write less than asked, like the system call. `position` is ignored when appending. */
  write(data: Uint8Array, position?: number): Promise<number>;
  read(into: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Once this resolves, what was written survives a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * All file access of the store, so that tests can stop, fail or shorten any step. Production uses {@link
 * nodeFiles}.
 */
export interface Files {
  open(path: string, mode: OpenMode): Promise<OpenFile>;
  /** The whole file, before anything else runs. For a small file in the middle of synchronous work. */
  readNow(path: string): Buffer;
  /** Null when nothing has that name. */
  status(path: string): Promise<FileStatus | null>;
  /**
   * Claims a free name; false when the name is taken. The note appears in the same instant. On a
   * file system that has only plain files, the note may be empty for a moment, and after a crash.
   */
  claim(path: string, note: string): Promise<boolean>;
  /** The note of a claim; null when the name is free. */
  claimedBy(path: string): Promise<string | null>;
  /** Replaces the target in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>;
  /** Does nothing when the folder is missing or not empty. */
  removeFolder(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Names in the folder; empty when there is no such folder. */
  list(path: string): Promise<string[]>;
  /** Makes creations, renames and removals in the folder durable, where the operating system can. */
  syncFolder(path: string): Promise<void>;
}

/** Only the owner may read the files of a memory. */
const fileMode = 0o600;
const folderMode = 0o700;

const open = (path: string, how: string | number) => promisify(fs.open)(path, how, fileMode);
const close = promisify(fs.close);
const fchown = promisify(fs.fchown);
const fstat = promisify(fs.fstat);
const stat = promisify(fs.stat);
const truncate = promisify(fs.ftruncate);
const syncData = promisify(fs.fdatasync);
const rename = promisify(fs.rename);
const unlink = promisify(fs.unlink);
const readdir = promisify(fs.readdir);
const rmdir = promisify(fs.rmdir);
const symlink = promisify(fs.symlink);
const readlink = promisify(fs.readlink);

const flags: Record<OpenMode, string | number> = {
  read: 'r',
  append: 'a+',
  extend: fs.constants.O_RDWR | fs.constants.O_APPEND,
  create: 'wx+',
  update: 'r+',
};

/** The `code` of a Node error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** File access on this machine. */
export const nodeFiles: Files = filesOf(process.platform === 'win32');

/**
 * File access on Windows, or on other systems. The method for Windows works everywhere, so tests can use it.
 */
export function filesOf(isWindows: boolean): Files {
  const patiently = isWindows ? withPatience : <T>(job: () => Promise<T>) => job();
  return {
    async open(path, mode) {
      return openedFile(
        path,
        await patiently(() => (mode === 'append' ? openOrMake(path) : openAs(path, mode))),
      );
    },
    readNow: (path) => fs.readFileSync(path),
    async status(path) {
      const found = await unlessAbsent(
        patiently(() => stat(path)),
        null,
      );
      return found && { size: found.size, modifiedMs: found.mtimeMs, isFolder: found.isDirectory() };
    },
    claim: (path, note) => claim(path, note, isWindows, () => patiently(() => claimPlainly(path, note))),
    async claimedBy(path) {
      try {
        return await unlessAbsent(
          patiently(() => readlink(path, 'utf8')),
          null,
        );
      } catch (error) {
        if (!['EINVAL', 'UNKNOWN'].includes(codeOf(error) ?? '')) throw error;
      }
      return unlessAbsent(
        patiently(() => fs.promises.readFile(path, 'utf8')),
        null,
      );
    },
    rename: (from, to) => patiently(() => rename(from, to)),
    remove: (path) =>
      unlessAbsent(
        patiently(() => unlink(path)),
        undefined,
      ),
    async removeFolder(path) {
      try {
        await patiently(() => rmdir(path));
      } catch (error) {
        if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
      }
    },
    makeFolder: makeOwnFolder,
    list: (path) => unlessAbsent(readdir(path), []),
    syncFolder: isWindows ? async () => undefined : syncFolder,
  };
}

async function claim(
  path: string,
  note: string,
  isWindows: boolean,
  plainly: () => Promise<void>,
): Promise<boolean> {
  try {
    if (isWindows) await plainly();
    else {
      // A symbolic link to a target that does not exist is created in one step, with its text.
      await symlink(note, path).catch((error: unknown) => {
        if (!withoutLinks.has(codeOf(error) ?? '')) throw error;
        return plainly();
      });
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    const code = codeOf(error);
    if (code === undefined) throw error;
    // Node's own error reports the note as the path.
    throw Object.assign(new Error(`${code}: the name could not be taken, ${path}`), { code, path });
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await promisify(fs.fsync)(folder);
  } catch (error) {
    // Some network file systems cannot sync a folder; they make names durable by themselves or not at all.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await close(folder);
  }
}

async function openAs(path: string, mode: OpenMode): Promise<number> {
  const descriptor = await open(path, flags[mode]);
  if (mode === 'create') await giveToOwnerOfFolder(path, (uid, gid) => fchown(descriptor, uid, gid));
  return descriptor;
}

async function openOrMake(path: string): Promise<number> {
  // Ownership is changed only for files created here, so the code must know whether this call created the
  // file.
  if (!isRoot()) return open(path, flags.append);
  try {
    return await openAs(path, 'create').then(async (made) => {
      await close(made);
      return open(path, flags.extend);
    });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return open(path, flags.append);
  }
}

async function makeOwnFolder(path: string): Promise<void> {
  const first = await fs.promises.mkdir(path, { recursive: true, mode: folderMode });
  if (first === undefined || !isRoot()) return;
  const made = [resolve(path)];
  while (made[0] !== undefined && made[0].length > resolve(first).length) made.unshift(dirname(made[0]));
  for (const folder of made)
    await giveToOwnerOfFolder(folder, (uid, gid) => fs.promises.lchown(folder, uid, gid));
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * A file that root creates gets the owner of its folder. Otherwise, a command that an administrator runs on
 * the data folder of a service would leave files that the service cannot open.
 */
async function giveToOwnerOfFolder(
  path: string,
  give: (uid: number, gid: number) => Promise<unknown>,
): Promise<void> {
  if (!isRoot()) return;
  const { uid, gid } = await stat(dirname(path));
  if (uid !== 0) await give(uid, gid);
}

/** The result of a job, or something else when there is no such file or folder. */
async function unlessAbsent<T, Other>(job: Promise<T>, otherwise: Other): Promise<T | Other> {
  try {
    return await job;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return otherwise;
    throw error;
  }
}

/** Error codes of file systems without symbolic links. */
const withoutLinks = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'UNKNOWN']);

async function claimPlainly(path: string, note: string): Promise<void> {
  const descriptor = await open(path, 'wx');
  try {
    // Writes to the open file, because by now its name may belong to another process's file.
    await promisify(fs.writeFile)(descriptor, note);
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await close(descriptor);
  }
}

function openedFile(path: string, descriptor: number): OpenFile {
  const named = async <T>(job: Promise<T>): Promise<T> => {
    try {
      return await job;
    } catch (error) {
      if (error instanceof Error && !('path' in error)) Object.assign(error, { path });
      throw error;
    }
  };
  return {
    write: (data, position) =>
      named(
        new Promise((resolve, reject) => {
          fs.write(descriptor, data, 0, data.length, position ?? null, (error, written) =>
            error === null ? resolve(written) : reject(error),
          );
        }),
      ),
    read: (into, position) =>
      named(
        new Promise((resolve, reject) => {
          fs.read(descriptor, into, 0, into.length, position, (error, count) =>
            error === null ? resolve(count) : reject(error),
          );
        }),
      ),
    size: () => named(fstat(descriptor).then((found) => found.size)),
    truncate: (length) => named(truncate(descriptor, length)),
    sync: () => named(syncData(descriptor)),
    close: () => named(close(descriptor)),
  };
}

/**
 * Retries for about a second. On Windows, a virus scanner or an indexer may hold a file for a moment, and the
 * name of a removed file is free only when every process has closed it.
 */
async function withPatience<T>(job: () => Promise<T>): Promise<T> {
  for (let waitMs = 5; ; waitMs *= 2) {
    try {
      return await job();
    } catch (error) {
      if (!['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '') || waitMs > 700) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
