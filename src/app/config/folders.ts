import { homedir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';

/** The default folder of memories: the user's data folder of the system. */
export function defaultDataPath(): string {
  return ownFolder('data');
}

/** The user's own configuration file, which is read when none is named. It may be missing. */
export function userConfigFile(): string {
  return path.join(ownFolder('config'), 'config.json');
}

/**
 * The system's folder. A relative path from a wrong XDG variable is not resolved against the working
 * directory.
 */
function ownFolder(what: 'config' | 'data'): string {
  return path.resolve(homedir(), envPaths('memoryos-mcp', { suffix: '' })[what]);
}

/** Replaces `~` at the beginning of a path with the home folder. */
export function withHome(text: string): string {
  return text === '~' || /^~[/\\]/.test(text) ? path.join(homedir(), text.slice(1)) : text;
}
