import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { MemoryError, messageOf } from '../../model/errors.js';
import {
  type ClientName,
  clientAt,
  clientNames,
  clientsFound,
  type McpClient,
  type Place,
} from '../clients/clients.js';
import { isFromNpx, ownCommand, ownMain } from '../clients/command.js';
import type { ClientPlan } from '../clients/install-client.js';
import { styled } from '../terminal.js';

interface ClientOptions {
  readonly client?: ClientName;
  readonly all?: boolean;
  readonly name: string;
  readonly file?: string;
  readonly dryRun?: boolean;
}

interface InstallOptions extends ClientOptions {
  readonly npx?: boolean;
  readonly env: readonly string[];
  readonly hooks: boolean | undefined;
  readonly check: boolean;
}

/** `install`: adds the server, and hooks where possible, to clients' configurations. */
export function installCommand(): Command {
  return clientOptions(new Command('install'))
    .description(
      "add the server and its hooks to an MCP client's configuration (a copy of the old file is kept)",
    )
    .addOption(new Option('--with-hooks', 'also add the hooks (the default when the client has hooks)'))
    .addOption(new Option('--without-hooks', 'add only the server'))
    .addOption(
      new Option('--env <key=value>', 'set an environment variable in the entry; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--npx', 'start the published package with npx instead of this installation')
    .option('--no-check', 'do not test the server before writing the configuration')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp install                         show the clients of this machine and ask\n  $ memoryos-mcp install --client claude-desktop --dry-run\n  $ memoryos-mcp install --client codex --config ./config.json --env OPENAI_API_KEY=sk-...',
    )
    .action(
      async (
        given: Omit<InstallOptions, 'hooks'> & { withHooks?: boolean; withoutHooks?: boolean },
        command: Command,
      ) => {
        const options = { ...given, hooks: hooksWanted(given) };
        const place = here();
        const chosen = await chosenClients(options, place, 'Install for which of them?');
        const flags = flagsOf(command.optsWithGlobals());
        await forEachClient(chosen, (client) => install(client, place, options, flags));
      },
    );
}

/** `uninstall`: removes server and hooks. The memory stays. */
export function uninstallCommand(): Command {
  return clientOptions(new Command('uninstall'))
    .description("remove the server and its hooks from an MCP client's configuration; the memory stays")
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp uninstall --client claude-desktop')
    .action(async (options: ClientOptions) => {
      const place = here();
      const { isChange, planUninstall, writeChanges } = await import('../clients/install-client.js');
      const chosen = await chosenClients(options, place, 'Uninstall from which of them?');
      await forEachClient(chosen, async (client) => {
        const { settings, hooks } = await planUninstall(client, place, options.name);
        const changes = [settings, ...(options.file === undefined ? hooks : [])].filter(isChange);
        if (changes.length === 0) {
          say(`${client.file} has no "${options.name}"; nothing was changed.`);
        } else if (options.dryRun) {
          for (const { file } of changes) say(`Would remove "${options.name}" from ${file}.`);
        } else {
          const copies = await writeChanges(changes, new Date());
          for (const { file } of changes)
            say(`${styled(process.stdout, 'green', 'Removed')} "${options.name}" from ${file}`);
          for (const copy of copies) say(`Copy of the old file: ${copy}`);
        }
      });
    });
}

/** One client's failure does not keep the others from it. Throws the first failure at the end. */
async function forEachClient(
  clients: readonly McpClient[],
  work: (client: McpClient) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const client of clients) {
    try {
      await work(client);
    } catch (error) {
      if (clients.length > 1) process.stderr.write(`${client.title}: ${messageOf(error)}\n`);
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function install(
  client: McpClient,
  place: Place,
  options: InstallOptions,
  flags: Readonly<Record<string, string>>,
): Promise<void> {
  const { environmentFrom, isChange, planInstall, writeChanges } = await import(
    '../clients/install-client.js'
  );
  const main = ownMain();
  const plan = await planInstall(client, place, {
    name: options.name,
    command: ownCommand(main, place.platform, options.npx === true || isFromNpx(main)),
    flags,
    env: environmentFrom(options.env),
    // A file named explicitly may belong to another client, so its hooks are changed only on request.
    withHooks: options.hooks ?? options.file === undefined,
  });
  const changes = [plan.settings, ...plan.hooks].filter(isChange);
  if (options.dryRun) return showPlan(plan, changes.length > 0);
  if (changes.length === 0) return say(`${client.file} has "${options.name}" already; nothing was changed.`);
  const tools = options.check ? await started(plan) : null;
  const copies = await writeChanges(changes, new Date());
  say(`${styled(process.stdout, 'green', 'Installed')} "${options.name}" in ${client.file}`);
  for (const { file } of changes.filter((change) => change !== plan.settings)) say(`Hooks: ${file}`);
  for (const copy of copies) say(`Copy of the old file: ${copy}`);
  if (tools !== null) say(`It starts, and offers ${tools.length} tools.`);
  for (const line of plan.afterwards) say(line);
}

async function started({ start }: ClientPlan): Promise<readonly string[]> {
  const { probe } = await import('../clients/probe.js');
  return probe(start);
}

function showPlan({ client, settings, hooks, shown }: ClientPlan, changes: boolean): void {
  for (const { file } of hooks.filter(({ before, after }) => before !== after))
    say(`Would write hooks to ${file}.`);
  const what = settings.before === null ? 'write' : changes ? 'merge into' : 'leave as it is';
  say(`Would ${what} ${client.file}:`);
  say(shown.trimEnd());
}

function hooksWanted(given: { withHooks?: boolean; withoutHooks?: boolean }): boolean | undefined {
  if (given.withoutHooks) return false;
  return given.withHooks ? true : undefined;
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function clientOptions(command: Command): Command {
  return command
    .addOption(new Option('--client <name>', 'which client (default: ask)').choices(clientNames))
    .option('--all', 'every client found on this machine')
    .option('--name <name>', "the server's name in the client", 'memoryos')
    .option('--file <path>', "the client's configuration file, if it is not in the usual place")
    .option('--dry-run', 'only print what would be done');
}

/**
 * The named client, or the installed clients after asking. Throws INPUT_INVALID when the choice is unclear.
 */
async function chosenClients(options: ClientOptions, place: Place, question: string): Promise<McpClient[]> {
  if (options.client !== undefined) {
    const client = clientAt(options.client, place);
    return [options.file === undefined ? client : { ...client, file: path.resolve(options.file) }];
  }
  if (options.file !== undefined) {
    throw new MemoryError('INPUT_INVALID', 'Name the client that the file belongs to with --client.');
  }
  const found = clientsFound(place);
  if (found.length === 0) {
    throw new MemoryError(
      'NOT_FOUND',
      `No MCP client was found on this machine. Name one with --client: ${clientNames.join(', ')}.`,
    );
  }
  if (options.all) return found;
  say('Found on this machine:');
  for (const { name, title, file } of found) say(`  ${name.padEnd(14)} ${title}: ${file}`);
  if (!process.stdin.isTTY) {
    throw new MemoryError('INPUT_INVALID', 'Name a client with --client, or choose all with --all.');
  }
  const { prompt } = await import('../prompt.js');
  const { names = '' } = await prompt([
    { key: 'names', question, fallback: found.map(({ name }) => name).join(' ') },
  ]);
  const wanted = names.split(/[\s,]+/).filter((name) => name !== '');
  const unknown = wanted.filter((name) => !found.some((client) => client.name === name));
  if (unknown.length > 0)
    throw new MemoryError(
      'INPUT_INVALID',
      `Not found on this machine: ${unknown.join(', ')}. Choose from the list.`,
    );
  return found.filter(({ name }) => wanted.includes(name));
}

function here(): Place {
  return { platform: process.platform, home: homedir(), env: process.env };
}

/**
 * The options for the entry, as given in this call. Paths are absolute, because clients start servers in any
 * folder.
 */
function flagsOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const { config } = given;
  if (typeof config === 'string' && !existsSync(config)) {
    throw new MemoryError(
      'CONFIG_INVALID',
      `There is no ${path.resolve(config)}. Create it with "memoryos-mcp init".`,
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

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
