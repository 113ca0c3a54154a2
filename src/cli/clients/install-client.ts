import { chmod, rm } from 'node:fs/promises';
import { MemoryError } from '../../model/errors.js';
import { optionsIn } from '../kept-options.js';
import { editEntry, entryAt, readClientFile, shownEntry, writeClientFile } from './client-file.js';
import type { McpClient, Place, Start } from './clients.js';
import { hookFiles } from './hook-files.js';
import { at, formatOf } from './settings-format.js';

export interface Wanted {
  /** The server's name in the client. */
  readonly name: string;
  /** The words that start this program. */
  readonly command: readonly string[];
  /** The program's options by their long flags; what the entry said before stays beside them. */
  readonly flags: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly withHooks: boolean;
}

/** A file and what is to become of it. */
export interface FileChange {
  readonly file: string;
  readonly before: string | null;
  /** Null: it is removed. */
  readonly after: string | null;
  readonly isExecutable: boolean;
}

export interface ClientPlan {
  readonly client: McpClient;
  /** What starts the server. */
  readonly start: Start;
  /** The part of the settings that is ours, in the format of the file; secrets are only named. */
  readonly shown: string;
  /** Of the client's configuration. */
  readonly settings: FileChange;
  readonly hooks: readonly FileChange[];
  readonly afterwards: readonly string[];
}

/** What has to be written for a client to start the server. Nothing is written. Throws CONFIG_INVALID and STORE_IO. */
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
  const hookWords = [...wanted.command, 'hook', client.name, ...hookFlags(flags)];
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

/** What has to be written for a client to know nothing of the server. Nothing is written. */
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

/** Writes what has changed. Gives the copies of what was there before. Throws STORE_IO. */
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

/** Older versions of OpenCode have the servers directly under `mcp`; where they are so, they stay so. */
function serversOf({ name, file, servers }: McpClient, text: string | null): readonly string[] {
  if (name !== 'opencode') return servers;
  const held = at(formatOf(file).parse(file, text ?? ''), ['mcp']);
  const isOlder =
    typeof held === 'object' &&
    held !== null &&
    !('servers' in held) &&
    Object.values(held).some((entry: unknown) => at(entry, ['type']) !== undefined);
  return isOlder ? ['mcp'] : servers;
}

/** Hooks that go into the client's configuration itself are part of its change. */
async function together(
  settings: FileChange,
  files: NonNullable<ReturnType<typeof hookFiles>>['files'],
): Promise<Pick<ClientPlan, 'settings' | 'hooks'>> {
  let own = settings;
  const hooks: FileChange[] = [];
  for (const { file, edit, isExecutable = false } of files) {
    if (file === own.file) {
      // Of a file that only held what is ours, an empty one stays; one that was not there is not made.
      own = { ...own, after: edit(own.after) ?? (own.before === null ? null : '{}\n') };
    } else {
      const before = await readClientFile(file);
      hooks.push({ file, before, after: edit(before), isExecutable });
    }
  }
  return { settings: own, hooks };
}

function hookFlags(flags: Readonly<Record<string, string>>): string[] {
  return ['--config', '--data', '--user', '--assistant'].flatMap((flag) => {
    const value = flags[flag];
    return value === undefined ? [] : [flag, value];
  });
}

/** `KEY=VALUE`, as given on the command line. Throws INPUT_INVALID. */
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
