import { existsSync, linkSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Files, nodeFiles, type OpenFile } from '../../src/lib/io/files.js';

/** One file operation, as the test that plans a fault sees it. */
export interface Step {
  /** Counted from 1. */
  readonly number: number;
  readonly kind:
    | 'open'
    | 'write'
    | 'read'
    | 'size'
    | 'truncate'
    | 'sync'
    | 'close'
    | 'status'
    | 'claim'
    | 'claimedBy'
    | 'rename'
    | 'remove'
    | 'removeFolder'
    | 'makeFolder'
    | 'list'
    | 'syncFolder';
  readonly path: string;
}

/**
 * What happens instead of a step. `crash`: this step and all later ones change nothing on the disk. `crashAfter`: all
 * later steps change nothing. A code: the step fails with it. `short`: half is written, and the next write fails with
 * ENOSPC.
 */
export type Fault = 'crash' | 'crashAfter' | 'short' | { readonly code: string };

export class Crashed extends Error {}

export interface FaultyFiles extends Files {
  readonly steps: readonly Step[];
  readonly crashed: boolean;
  /**
   * Simulates a power cut. Unsynced contents are lost, and so are names that were made, changed or removed in
   * a folder that was not synced since, except the `keep` oldest of these.
   */
  cutPower(keep?: number): void;
}

/**
 * The real files with planned faults. `removedFiles`: a folder on the same disk that keeps removed and replaced
 * files for a power cut; without it a power cut only loses contents.
 */
export function faultyFiles(plan: (step: Step) => Fault | null, removedFiles?: string): FaultyFiles {
  const steps: Step[] = [];
  const unsynced = new Map<string, number>();
  const names = unsyncedNames(removedFiles);
  let crashed = false;
  let noSpaceFor: string | null = null;

  const begin = (kind: Step['kind'], path: string): Fault | null => {
    if (crashed) throw new Crashed('crashed');
    const step = { number: steps.length + 1, kind, path };
    steps.push(step);
    const fault = plan(step);
    if (fault === 'crash') {
      crashed = true;
      throw new Crashed('crashed');
    }
    if (fault !== null && typeof fault === 'object') throw failure(fault.code, path);
    return fault;
  };
  const run = async <T>(kind: Step['kind'], path: string, job: () => Promise<T>): Promise<T> => {
    const fault = begin(kind, path);
    const result = await job();
    if (fault === 'crashAfter') {
      crashed = true;
      throw new Crashed('crashed');
    }
    return result;
  };

  const wrap = (file: OpenFile, path: string): OpenFile => ({
    write: async (data, position) => {
      if (noSpaceFor === path) {
        noSpaceFor = null;
        throw failure('ENOSPC', path);
      }
      let shorten = false;
      return run('write', path, async () => {
        const step = steps.at(-1);
        shorten = step !== undefined && plan(step) === 'short';
        if (shorten) noSpaceFor = path;
        const before = await file.size();
        const written = await file.write(shorten ? data.subarray(0, data.length >> 1) : data, position);
        if (!unsynced.has(path)) unsynced.set(path, before);
        return written;
      });
    },
    read: (into, position) => run('read', path, () => file.read(into, position)),
    size: () => run('size', path, () => file.size()),
    truncate: (length) => run('truncate', path, () => file.truncate(length)),
    sync: () =>
      run('sync', path, async () => {
        await file.sync();
        unsynced.delete(path);
      }),
    // The end of a process closes its files.
    close: async () => {
      if (crashed) return file.close();
      return run('close', path, () => file.close());
    },
  });

  return {
    steps,
    get crashed() {
      return crashed;
    },
    cutPower(keep = 0) {
      crashed = true;
      for (const [path, length] of unsynced) {
        try {
          truncateSync(path, length);
        } catch {
          // The file was renamed or removed meanwhile.
        }
      }
      names.undo(keep);
    },
    readNow(path) {
      begin('read', path);
      return nodeFiles.readNow(path);
    },
    open: (path, mode) =>
      run('open', path, async () => {
        const isNew = mode === 'create' || (mode === 'append' && (await nodeFiles.status(path)) === null);
        const file = await nodeFiles.open(path, mode);
        if (isNew) names.made(path);
        return wrap(file, path);
      }),
    status: (path) => run('status', path, () => nodeFiles.status(path)),
    claim: (path, note) => run('claim', path, () => nodeFiles.claim(path, note)),
    claimedBy: (path) => run('claimedBy', path, () => nodeFiles.claimedBy(path)),
    rename: (from, to) =>
      run('rename', from, async () => {
        const replaced = names.keep(to);
        await nodeFiles.rename(from, to);
        names.renamed(from, to, replaced);
        const length = unsynced.get(from);
        if (length !== undefined) unsynced.set(to, length);
        unsynced.delete(from);
      }),
    remove: (path) =>
      run('remove', path, async () => {
        const removed = names.keep(path);
        await nodeFiles.remove(path);
        names.removed(path, removed);
      }),
    removeFolder: (path) => run('removeFolder', path, () => nodeFiles.removeFolder(path)),
    makeFolder: (path) =>
      run('makeFolder', path, async () => {
        const missing: string[] = [];
        for (let above = path; !existsSync(above); above = dirname(above)) missing.unshift(above);
        await nodeFiles.makeFolder(path);
        for (const folder of missing) names.made(folder);
      }),
    list: (path) => run('list', path, () => nodeFiles.list(path)),
    syncFolder: (path) =>
      run('syncFolder', path, async () => {
        await nodeFiles.syncFolder(path);
        names.synced(path);
      }),
  };
}

/** Changes of names since their folder was last synced, and how to undo them, latest first. */
function unsyncedNames(removedFiles: string | undefined) {
  let done: { readonly folder: string; undo(): void }[] = [];
  let count = 0;
  if (removedFiles !== undefined) mkdirSync(removedFiles, { recursive: true });
  const note = (path: string, undo: () => void) => void done.push({ folder: dirname(path), undo });
  const bringBack = (path: string, kept: string | null) => kept !== null && renameSync(kept, path);
  return {
    /** Gives a file a second name before its name is removed. Null: there is no file. */
    keep(path: string): string | null {
      if (removedFiles === undefined) return null;
      count += 1;
      const kept = join(removedFiles, `${count}-${basename(path)}`);
      try {
        linkSync(path, kept);
        return kept;
      } catch {
        return null;
      }
    },
    made: (path: string) => note(path, () => rmSync(path, { recursive: true, force: true })),
    renamed: (from: string, to: string, replaced: string | null) =>
      note(to, () => {
        renameSync(to, from);
        bringBack(to, replaced);
      }),
    removed: (path: string, kept: string | null) => note(path, () => bringBack(path, kept)),
    synced(folder: string) {
      done = done.filter((one) => one.folder !== folder);
    },
    undo(keep: number) {
      if (removedFiles === undefined) return;
      for (const { undo } of done.slice(keep).reverse()) undo();
    },
  };
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code, path });
}

/**
 * Runs the job for 1, 2, 3, …, several at a time, until it reports that the number does not exist. Returns the
 * number of runs.
 */
export async function forEveryNumber(job: (number: number) => Promise<boolean>): Promise<number> {
  let next = 1;
  let last = Number.POSITIVE_INFINITY;
  const worker = async () => {
    for (let number = next++; number < last; number = next++) {
      if (!(await job(number))) last = Math.min(last, number);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return last - 1;
}
