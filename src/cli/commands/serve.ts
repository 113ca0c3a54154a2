import { Command, Option } from 'commander';
import { usageExitCode } from '../exit-code.js';
import { version } from '../package-info.js';
import { openEngine, settingsOf } from '../settings.js';

/** The default command: serves MCP. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('serve the memory over MCP (the default command)')
    .addOption(new Option('--transport <name>', 'how clients connect: stdio or http'))
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp --config ./config.json\n  $ memoryos-mcp --data ~/memory --user alice --log-level debug',
    )
    .action(async (_options, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined) {
        command.error(
          `error: there is no command "${unknown}". See "memoryos-mcp --help" for those there are.`,
          { exitCode: usageExitCode },
        );
      }
      const settings = await settingsOf(command);
      const [{ serveStdio }, { redactConfig }] = await Promise.all([
        import('../../mcp/serve-stdio.js'),
        import('../../app/config.js'),
      ]);
      process.exit(
        await serveStdio({
          version,
          openEngine: (report) => openEngine(settings, report),
          shownConfig: redactConfig(settings.config),
          log: settings.log,
        }),
      );
    });
}
