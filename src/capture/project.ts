import { readFileSync, statSync } from 'node:fs';
import path, { type PlatformPath } from 'node:path';

/**
 * The project a folder belongs to: the name of the repository it lies in, else its own name; null for a home
 * folder or a root, where nothing in particular is worked on. A worktree belongs to the repository it was made of.
 * `paths`: those of another system, for tests.
 */
export function projectOfFolder(folder: string, home: string, paths: PlatformPath = path): string | null {
  const start = paths.resolve(folder);
  const isPlain = (at: string) => at === paths.dirname(at) || at === paths.resolve(home);
  for (let at = start; ; at = paths.dirname(at)) {
    if (isPlain(at)) break;
    const repository = repositoryAt(at);
    if (repository !== null) return repository;
  }
  return isPlain(start) ? null : paths.basename(start);
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
