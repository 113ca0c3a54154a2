import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { MemoryError } from '../../model/errors.js';
import { type ClientName, clientAt, clientNames, type McpClient } from '../clients.js';
import { optionsIn } from '../kept-options.js';
import { styled } from '../terminal.js';

interface InstallOptions {
  readonly client: ClientName;
  readonly name: string;
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly local?: boolean;
}

/** `install`: puts the server into a client's own configuration. */
export function installCommand(): Command {
  return clientOptions(new Command('install'))
    .description("put the server into an MCP client's configuration (a copy of it is kept)")
    .option('--local', 'start this installation instead of the published package')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp install --client claude-desktop --dry-run\n  $ memoryos-mcp install --client cursor --config ./config.json',
    )
    .action(async (options: InstallOptions, command: Command) => {
      const client = chosen(options);
      const { currentWords, editEntry, readClientFile, shownEntry, writeClientFile } = await import(
        '../client-file.js'
      );
      const before = await readClientFile(client.file);
      const words = currentWords(client.file, before, [client.serversKey, options.name]);
      const start = startCommand(options, { ...optionsIn(words), ...flagsOf(command.optsWithGlobals()) });
      const { text, changed, entry } = editEntry(
        client.file,
        before,
        [client.serversKey, options.name],
        start,
        client.extra,
      );
      if (options.dryRun) {
        const block = { [client.serversKey]: { [options.name]: shownEntry(entry ?? start) } };
        say(`Would ${before === null ? 'write' : changed ? 'merge into' : 'leave as it is'} ${client.file}:`);
        say(JSON.stringify(block, null, 2));
        return;
      }
      if (!changed) return say(`${client.file} has "${options.name}" already; nothing was changed.`);
      const backup = await writeClientFile(client.file, text, new Date());
      say(`${styled(process.stdout, 'green', 'Installed')} "${options.name}" in ${client.file}`);
      if (backup !== null) say(`What was there before: ${backup}`);
      say(client.afterwards);
    });
}

/** `uninstall`: takes it out again. The memory stays. */
export function uninstallCommand(): Command {
  return clientOptions(new Command('uninstall'))
    .description("take the server out of an MCP client's configuration; the memory stays")
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp uninstall --client claude-desktop')
    .action(async (options: InstallOptions) => {
      const client = chosen(options);
      const { editEntry, readClientFile, writeClientFile } = await import('../client-file.js');
      const before = await readClientFile(client.file);
      const { text, changed } = editEntry(client.file, before, [client.serversKey, options.name], undefined);
      if (before === null || !changed)
        return say(`${client.file} has no "${options.name}"; nothing was changed.`);
      if (options.dryRun) return say(`Would take "${options.name}" out of ${client.file}.`);
      const backup = await writeClientFile(client.file, text, new Date());
      say(`${styled(process.stdout, 'green', 'Removed')} "${options.name}" from ${client.file}`);
      if (backup !== null) say(`What was there before: ${backup}`);
    });
}

function clientOptions(command: Command): Command {
  return command
    .addOption(new Option('--client <name>', 'which client').choices(clientNames).makeOptionMandatory())
    .option('--name <name>', "the server's name in the client", 'memoryos')
    .option('--file <path>', "the client's configuration, where it is not in the usual place")
    .option('--dry-run', 'only print what would be done');
}

function chosen(options: InstallOptions): McpClient {
  const place = { platform: process.platform, home: homedir(), env: process.env };
  const client = clientAt(options.client, place);
  return options.file === undefined ? client : { ...client, file: path.resolve(options.file) };
}

/** The options an entry names, as far as this call gives them. Clients start servers anywhere: paths are absolute. */
function flagsOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const { config } = given;
  if (typeof config === 'string' && !existsSync(config)) {
    throw new MemoryError(
      'CONFIG_INVALID',
      `There is no ${path.resolve(config)}. Make it with "memoryos-mcp init".`,
    );
  }
  const flags: Record<string, string> = {};
  for (const [key, flag] of [
    ['config', '--config'],
    ['data', '--data'],
    ['user', '--user'],
    ['assistant', '--assistant'],
    ['logLevel', '--log-level'],
  ] as const) {
    const value = given[key];
    if (typeof value === 'string')
      flags[flag] = key === 'config' || key === 'data' ? path.resolve(value) : value;
  }
  return flags;
}

/** What starts a server: what the entry said before stays, unless this call says otherwise. */
function startCommand(
  options: InstallOptions,
  flags: Readonly<Record<string, string>>,
): { command: string; args: string[] } {
  const args = Object.entries(flags).flat();
  if (options.local) {
    const main = fileURLToPath(new URL('../main.js', import.meta.url));
    return { command: process.execPath, args: [main, ...args] };
  }
  const npx = ['-y', 'memoryos-mcp', ...args];
  // npx is a script on Windows, which only a shell can start.
  return process.platform === 'win32'
    ? { command: 'cmd', args: ['/c', 'npx', ...npx] }
    : { command: 'npx', args: npx };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
