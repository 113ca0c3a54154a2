import { readFileSync, statSync } from 'node:fs';
import path, { type PlatformPath } from 'node:path';

/**
 * The project of a folder: the name of its repository, otherwise the folder's own name. Null for a home
 * folder or a root. A worktree belongs to the repository it was made from. `paths`: path rules of another
 * system, for tests.
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
    // In a worktree, `.git` is a file: "gitdir: <repository>/.git/worktrees/<name>".
    const [, target] = /^gitdir:\s*(.+?)\s*$/m.exec(readFileSync(git, 'utf8')) ?? [];
    const [, repository] = /^(.*)[\\/]\.git[\\/]worktrees[\\/]/.exec(target ?? '') ?? [];
    return repository === undefined ? path.basename(folder) : lastPart(repository);
  } catch {
    // An unreadable folder is its own project.
    return null;
  }
}

/**
 * The name of a folder of this or another system. Transcripts contain paths of the machine they were made on.
 */
export function lastPart(folder: string): string {
  return folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder;
}
