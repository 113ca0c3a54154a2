import { createHash } from 'node:crypto';
import { chownSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Kind, mode, owner and content of each entry below a folder, by its path. */
export function treeOf(folder: string): Record<string, string> {
  const names = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort();
  return Object.fromEntries(
    names.map((name) => {
      const file = path.join(folder, name);
      const found = lstatSync(file);
      const owner = `${found.mode.toString(8)} ${found.uid}:${found.gid}`;
      if (found.isSymbolicLink()) return [name, `${owner} -> ${readlinkSync(file)}`];
      if (!found.isFile()) return [name, owner];
      return [name, `${owner} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`];
    }),
  );
}

/** Gives a folder and everything below it to another user; only root can. */
export function giveTree(folder: string, uid: number): void {
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    chownSync(path.join(folder, name), uid, uid);
  }
}
