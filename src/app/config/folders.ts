import { homedir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';

/** Where the memory is kept when nothing else is said: the user's data folder as the system has it. */
export function defaultDataPath(): string {
  return envPaths('memoryos-mcp', { suffix: '' }).data;
}

/** `~` at the beginning of a path is the home folder. */
export function withHome(text: string): string {
  return text === '~' || /^~[/\\]/.test(text) ? path.join(homedir(), text.slice(1)) : text;
}
