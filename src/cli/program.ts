import { Command } from 'commander';
import { serveCommand } from './commands/serve.js';
import { globalOptions } from './options.js';
import { version } from './package-info.js';

/**
 * The commands other than `serve`, one file each. They are loaded only when named, so that the server starts
 * fast.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.js')).initCommand(),
  stats: async () => (await import('./commands/stats.js')).statsCommand(),
  inspect: async () => (await import('./commands/inspect.js')).inspectCommand(),
  list: async () => (await import('./commands/list.js')).listCommand(),
  search: async () => (await import('./commands/search.js')).searchCommand(),
  add: async () => (await import('./commands/add.js')).addCommand(),
  edit: async () => (await import('./commands/edit.js')).editCommand(),
  pin: async () => (await import('./commands/edit.js')).pinCommand(),
  unpin: async () => (await import('./commands/edit.js')).unpinCommand(),
  users: async () => (await import('./commands/users.js')).usersCommand(),
  worker: async () => (await import('./commands/worker.js')).workerCommand(),
  migrate: async () => (await import('./commands/migrate.js')).migrateCommand(),
  log: async () => (await import('./commands/log.js')).logCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  install: async () => (await import('./commands/install.js')).installCommand(),
  uninstall: async () => (await import('./commands/install.js')).uninstallCommand(),
  chat: async () => (await import('./commands/chat.js')).chatCommand(),
  token: async () => (await import('./commands/token.js')).tokenCommand(),
  forget: async () => (await import('./commands/forget.js')).forgetCommand(),
  export: async () => (await import('./commands/export.js')).exportCommand(),
  import: async () => (await import('./commands/import.js')).importCommand(),
  backup: async () => (await import('./commands/backup.js')).backupCommand(),
  transfer: async () => (await import('./commands/transfer.js')).transferCommand(),
  restore: async () => (await import('./commands/restore.js')).restoreCommand(),
  ui: async () => (await import('./commands/ui.js')).uiCommand(),
  hook: async () => (await import('./commands/hook.js')).hookCommand(),
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
};

/** Creates the parser for a call with these words. Wrong usage throws a CommanderError. */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('memoryos-mcp')
    .description('Long-term memory for AI agents, served over the Model Context Protocol (MCP).')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true })
    .exitOverride()
    .showHelpAfterError('(--help shows the options and an example)')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp init                  write a configuration\n  $ memoryos-mcp --config config.json  serve it over stdio, for an MCP client to start\n  $ memoryos-mcp inspect               see what is remembered',
    );
  for (const { flags, about } of globalOptions) program.option(flags, about);
  const loaded = await Promise.all(namesFor(words).map((name) => commands[name]?.()));
  for (const command of [serveCommand(Object.keys(commands)), ...loaded]) {
    if (command === undefined) continue;
    const isDefault = command.name() === 'serve';
    // A word that is not a command reaches the default command, which reports it.
    command.copyInheritedSettings(program).allowExcessArguments(isDefault);
    for (const sub of command.commands) sub.copyInheritedSettings(command);
    program.addCommand(command, { isDefault });
  }
  return program;
}

/** The commands that the words name; all commands when they ask for the general help. */
function namesFor(words: readonly string[]): string[] {
  const named = Object.keys(commands).filter((name) => words.includes(name));
  const asksForHelp = words.some((word) => ['-h', '--help', 'help'].includes(word));
  return named.length === 0 && asksForHelp ? Object.keys(commands) : named;
}
