import { Command, Option } from 'commander';
import { backupCommand } from './commands/backup.js';
import { chatCommand } from './commands/chat.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { forgetCommand } from './commands/forget.js';
import { importCommand } from './commands/import.js';
import { initCommand } from './commands/init.js';
import { inspectCommand } from './commands/inspect.js';
import { installCommand, uninstallCommand } from './commands/install.js';
import { restoreCommand } from './commands/restore.js';
import { serveCommand } from './commands/serve.js';
import { statsCommand } from './commands/stats.js';
import { tokenCommand } from './commands/token.js';
import { version } from './package-info.js';

/** The command line: one file a command, under `commands/`. Wrong use throws a CommanderError. */
export function createProgram(): Command {
  const program = new Command('memoryos-mcp')
    .description('A memory for AI agents that lasts, served over the Model Context Protocol.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addOption(
      new Option('-c, --config <file>', 'configuration file (default: ./config.json, if there is one)'),
    )
    .addOption(new Option('--data <folder>', 'folder the memory is kept in'))
    .addOption(new Option('--user <id>', 'whose memory'))
    .addOption(new Option('--assistant <id>', 'which assistant is talking to them'))
    .addOption(new Option('--log-level <level>', 'debug, info, warning, error or silent'))
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true })
    .exitOverride()
    .showHelpAfterError('(add --help for the options, with an example)')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp init                  write a configuration\n  $ memoryos-mcp --config config.json  serve it over stdio, for an MCP client to start\n  $ memoryos-mcp inspect               see what is remembered',
    );
  const commands = [
    serveCommand(),
    initCommand(),
    statsCommand(),
    inspectCommand(),
    doctorCommand(),
    installCommand(),
    uninstallCommand(),
    chatCommand(),
    tokenCommand(),
    forgetCommand(),
    exportCommand(),
    importCommand(),
    backupCommand(),
    restoreCommand(),
    demoCommand(),
  ];
  for (const command of commands) {
    const isDefault = command.name() === 'serve';
    // A word that is no command reaches the default one, which says so.
    command.copyInheritedSettings(program).allowExcessArguments(isDefault);
    for (const sub of command.commands) sub.copyInheritedSettings(command);
    program.addCommand(command, { isDefault });
  }
  return program;
}
