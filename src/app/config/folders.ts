import { homedir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';

/** Where the memory is kept when nothing else is said: the user's data folder as the system has it. */
export function defaultDataPath(): string {
  return ownFolder('data');
}

/** The user's own configuration file, which is read when none is named. It need not exist. */
export function userConfigFile(): string {
  return path.join(ownFolder('config'), 'config.json');
}

/** As the system has it. A relative one, as a wrong XDG variable gives it, is not taken from the working directory. */
function ownFolder(what: 'config' | 'data'): string {
  return path.resolve(homedir(), envPaths('memoryos-mcp', { suffix: '' })[what]);
}

/** `~` at the beginning of a path is the home folder. */
export function withHome(text: string): string {
  return text === '~' || /^~[/\\]/.test(text) ? path.join(homedir(), text.slice(1)) : text;
}
