import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The words that start this program again, wherever a client does it from. */
export function ownCommand(main: string, platform: NodeJS.Platform, published: boolean): string[] {
  if (!published) return [process.execPath, main];
  // npx is a script on Windows, which only a shell can start.
  return platform === 'win32' ? ['cmd', '/c', 'npx', '-y', 'memoryos-mcp'] : ['npx', '-y', 'memoryos-mcp'];
}

/** The file this process was started with. */
export function ownMain(): string {
  return realpathSync(fileURLToPath(new URL('../main.js', import.meta.url)));
}

/** Whether npx runs the program from its cache, where it does not stay: then only npx finds it again. */
export function isFromNpx(main: string): boolean {
  return main.split(/[\\/]/).includes('_npx');
}

/** One line for the shell that a client runs hooks with: `sh`, on Windows `cmd` or the Bash of Git. */
export function shellLine(words: readonly string[], platform: NodeJS.Platform): string {
  return words.map((word) => (platform === 'win32' ? windowsWord(word) : posixWord(word))).join(' ');
}

function posixWord(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function windowsWord(word: string): string {
  // Windows takes slashes too, and Bash takes backslashes for something else.
  const plain = path.win32.isAbsolute(word) ? word.replaceAll('\\', '/') : word;
  return /^[\w./:=@+-]+$/.test(plain) ? plain : `"${plain.replaceAll('"', '\\"')}"`;
}
