import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultDataPath, userConfigFile, withHome } from '../config/folders.js';

export interface HookOptions {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly user?: string | undefined;
}

/** The user whose memory a hook uses, and its location. */
export interface HookAddress {
  readonly dataDir: string;
  readonly userId: string;
}

/** The default of the configuration's schema; a test compares the two. */
const defaultUserId = 'default_user';

/**
 * Reads these two keys as the complete configuration does, without loading the code that reads and checks it.
 * A hook that finds a running server needs no more. Null when the file cannot be read; the complete
 * configuration then reports why.
 */
export function hookAddress(
  options: HookOptions,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): HookAddress | null {
  const asked = options.config ?? (env.MEMORYOS_CONFIG || undefined);
  const file = asked === undefined ? ownFile() : path.resolve(cwd, withHome(asked));
  const given = file === null ? {} : keysOf(file);
  if (given === null) return null;
  const data =
    pathFrom(options.data, cwd) ??
    pathFrom(env.MEMORYOS_DATA_STORAGE_PATH, cwd) ??
    pathFrom(given.data_storage_path, path.dirname(file ?? cwd)) ??
    defaultDataPath();
  const userId = options.user || env.MEMORYOS_USER_ID || given.user_id || defaultUserId;
  return typeof userId === 'string' ? { dataDir: data, userId } : null;
}

/** The folder for the log of failed hooks, even when the configuration cannot be read. */
export function hookLogFolder(
  options: HookOptions,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  return pathFrom(options.data, cwd) ?? pathFrom(env.MEMORYOS_DATA_STORAGE_PATH, cwd) ?? defaultDataPath();
}

function ownFile(): string | null {
  const file = userConfigFile();
  return existsSync(file) ? file : null;
}

function keysOf(file: string): { data_storage_path?: unknown; user_id?: unknown } | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

function pathFrom(text: unknown, base: string): string | undefined {
  return typeof text === 'string' && text !== '' ? path.resolve(base, withHome(text)) : undefined;
}
