import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The project a folder belongs to: the name of the repository it lies in, else its own name; null for a home
 * folder or a root, where nothing in particular is worked on. A worktree belongs to the repository it was made of.
 */
export function projectOfFolder(folder: string, home: string): string | null {
  const start = path.resolve(folder);
  for (let at = start; ; at = path.dirname(at)) {
    if (isPlain(at, home)) break;
    const repository = repositoryAt(at);
    if (repository !== null) return repository;
  }
  return isPlain(start, home) ? null : path.basename(start);
}

function isPlain(folder: string, home: string): boolean {
  return folder === path.dirname(folder) || folder === path.resolve(home);
}

function repositoryAt(folder: string): string | null {
  const git = path.join(folder, '.git');
  try {
    const found = statSync(git, { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (found.isDirectory()) return path.basename(folder);
    // In a worktree `.git` is a file: "gitdir: <repository>/.git/worktrees/<name>".
    const [, target] = /^gitdir:\s*(.+?)\s*$/m.exec(readFileSync(git, 'utf8')) ?? [];
    const [, repository] = /^(.*)[\\/]\.git[\\/]worktrees[\\/]/.exec(target ?? '') ?? [];
    return repository === undefined ? path.basename(folder) : lastPart(repository);
  } catch {
    // A folder that may not be read has its own name.
    return null;
  }
}

/** The name of a folder of this or another system: transcripts name folders of the machine they were made on. */
export function lastPart(folder: string): string {
  return folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder;
}
