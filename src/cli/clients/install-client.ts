import { chmod, rm } from 'node:fs/promises';
import { environmentName } from '../../app/config/config-keys.js';
import { MemoryError } from '../../model/errors.js';
import { optionsIn } from '../kept-options.js';
import { editEntry, entryAt, readClientFile, shownEntry, writeClientFile } from './client-file.js';
import type { McpClient, Place, Start } from './clients.js';
import { hookFiles } from './hook-files.js';
import { at, formatOf, isObject } from './settings-format.js';

export interface Wanted {
  /** The server's name in the client. */
  readonly name: string;
  /** The words that start this program. */
  readonly command: readonly string[];
  /** The program's options by long flag. Options that the entry already has stay. */
  readonly flags: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly withHooks: boolean;
}

/** A file and its new content. */
export interface FileChange {
  readonly file: string;
  readonly before: string | null;
  /** Null: the file is removed. */
  readonly after: string | null;
  readonly isExecutable: boolean;
}

export interface ClientPlan {
  readonly client: McpClient;
  /** The command that starts the server. */
  readonly start: Start;
  /** Our part of the settings, in the format of the file. Secrets are only named. */
  readonly shown: string;
  /** The change of the client's configuration. */
  readonly settings: FileChange;
  readonly hooks: readonly FileChange[];
  readonly afterwards: readonly string[];
}

/**
 * Determines what must be written so that a client starts the server. Writes nothing. Throws CONFIG_INVALID
 * and STORE_IO.
 */
export async function planInstall(client: McpClient, place: Place, wanted: Wanted): Promise<ClientPlan> {
  const { file, form, usual } = client;
  const before = await readClientFile(file);
  const keys = [...serversOf(client, before), wanted.name];
  const current = entryAt(file, before, keys);
  const known = current === undefined ? null : form.read(current);
  const flags = { ...optionsIn(known?.args ?? []), ...wanted.flags };
  const [command = '', ...rest] = wanted.command;
  const words = Object.entries(flags).flat();
  const start = { command, args: [...rest, ...words], env: { ...known?.env, ...wanted.env } };
  const { text, entry } = editEntry(file, before, keys, form.write(start, wanted.name), usual);
  const hookWords = [...wanted.command, 'hook', client.name, ...hookFlags(flags, start.env)];
  const hooks = wanted.withHooks ? hookFiles(client.name, place, hookWords) : null;
  const settings = { file, before, after: text, isExecutable: false };
  return {
    client,
    start,
    shown: formatOf(file).set('', keys, shownEntry(entry ?? {})),
    ...(await together(settings, hooks?.files ?? [])),
    afterwards: [...new Set([client.afterwards, ...(hooks === null ? [] : [hooks.afterwards])])],
  };
}

/** Determines what must be written to remove the server from a client. Writes nothing. */
export async function planUninstall(
  client: McpClient,
  place: Place,
  name: string,
): Promise<Pick<ClientPlan, 'settings' | 'hooks'>> {
  const before = await readClientFile(client.file);
  const keys = [...serversOf(client, before), name];
  const isThere = entryAt(client.file, before, keys) !== undefined;
  const after = isThere ? editEntry(client.file, before, keys, undefined).text : before;
  const hooks = hookFiles(client.name, place, null);
  return together({ file: client.file, before, after, isExecutable: false }, hooks?.files ?? []);
}

/** Writes the changed files. Returns the paths of the copies of the old ones. Throws STORE_IO. */
export async function writeChanges(changes: readonly FileChange[], now: Date): Promise<string[]> {
  const copies: string[] = [];
  for (const change of changes.filter(isChange)) {
    const { file, after, isExecutable } = change;
    if (after === null) {
      await rm(file, { force: true });
      continue;
    }
    const copy = await writeClientFile(file, after, now);
    if (copy !== null) copies.push(copy);
    if (isExecutable) await chmod(file, 0o755);
  }
  return copies;
}

export function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}

/**
 * OpenCode 2 keeps the servers under `mcp.servers`, OpenCode 1 directly under `mcp`. Version 2 reads both forms;
 * version 1 does not start with the newer one. So only a file that has the newer form gets it.
 */
function serversOf({ name, file, servers }: McpClient, text: string | null): readonly string[] {
  if (name !== 'opencode') return servers;
  const newer = at(formatOf(file).parse(file, text ?? ''), ['mcp', 'servers']);
  return isObject(newer) && at(newer, ['type']) === undefined ? [...servers, 'servers'] : servers;
}

/** Combines the changes when hooks are part of the client's configuration file. */
async function together(
  settings: FileChange,
  files: NonNullable<ReturnType<typeof hookFiles>>['files'],
): Promise<Pick<ClientPlan, 'settings' | 'hooks'>> {
  let own = settings;
  const hooks: FileChange[] = [];
  for (const { file, edit, isExecutable = false } of files) {
    if (file === own.file) {
      // A file that contained only our entries becomes empty. A file that did not exist is not created.
      own = { ...own, after: edit(own.after) ?? (own.before === null ? null : '{}\n') };
    } else {
      const before = await readClientFile(file);
      hooks.push({ file, before, after: edit(before), isExecutable });
    }
  }
  return { settings: own, hooks };
}

/**
 * The options that lead a hook to the server's memory. A client gives the environment of an entry only to the server,
 * so what it says about the memory becomes an option.
 */
function hookFlags(flags: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>): string[] {
  const variables = {
    '--config': 'MEMORYOS_CONFIG',
    '--data': environmentName('data_storage_path'),
    '--user': environmentName('user_id'),
    '--assistant': environmentName('assistant_id'),
  };
  return Object.entries(variables).flatMap(([flag, variable]) => {
    const value = flags[flag] ?? env[variable];
    return value === undefined || value === '' ? [] : [flag, value];
  });
}

/** Parses `KEY=VALUE` pairs from the command line. Throws INPUT_INVALID. */
export function environmentFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(pair) ?? [];
      if (name === undefined || value === undefined) {
        throw new MemoryError('INPUT_INVALID', `--env takes KEY=VALUE, such as --env OPENAI_API_KEY=sk-….`);
      }
      return [name, value];
    }),
  );
}
