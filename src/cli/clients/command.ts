import { realpathSync } from 'node:fs';
import path from 'node:path';
import { packageFile } from '../../lib/io/package-files.js';

/** The words that start this program again, wherever a client runs them. */
export function ownCommand(main: string, platform: NodeJS.Platform, published: boolean): string[] {
  if (!published) return [process.execPath, main];
  // On Windows npx is a script, which needs a shell.
  return platform === 'win32' ? ['cmd', '/c', 'npx', '-y', 'memoryos-mcp'] : ['npx', '-y', 'memoryos-mcp'];
}

/** The file this process was started with. */
export function ownMain(): string {
  return realpathSync(packageFile('dist/cli/main.js'));
}

/**
 * Whether the program runs from npx's cache. Files there do not stay, so only npx finds the program again.
 */
export function isFromNpx(main: string): boolean {
  return main.split(/[\\/]/).includes('_npx');
}

/** One line for the shell in which a client runs hooks: `sh`; on Windows `cmd` or Git's Bash. */
export function shellLine(words: readonly string[], platform: NodeJS.Platform): string {
  return words.map((word) => (platform === 'win32' ? windowsWord(word) : posixWord(word))).join(' ');
}

function posixWord(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function windowsWord(word: string): string {
  // Windows accepts slashes, too, and Bash treats backslashes as escapes.
  const plain = path.win32.isAbsolute(word) ? word.replaceAll('\\', '/') : word;
  return /^[\w./:=@+-]+$/.test(plain) ? plain : `"${plain.replaceAll('"', '\\"')}"`;
}
