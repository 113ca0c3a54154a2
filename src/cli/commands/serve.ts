import { Command, Option } from 'commander';
import { usageExitCode } from '../exit-code.js';
import { version } from '../package-info.js';
import { openEngine, settingsOf } from '../settings.js';

/** The default command: serves MCP. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('serve the memory over MCP (the default command)')
    .addOption(new Option('--transport <name>', 'how clients connect: stdio or http'))
    .addOption(new Option('--host <address>', 'address to listen on over http (default: 127.0.0.1)'))
    .addOption(new Option('--port <number>', 'port to listen on over http (default: 3000)'))
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp --config ./config.json\n  $ memoryos-mcp --data ~/memory --user alice --log-level debug\n  $ memoryos-mcp --transport http --port 3000',
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
      if (settings.config.transport === 'http') {
        const { serveOverHttp } = await import('../serve-http.js');
        process.exit(await serveOverHttp(settings));
      }
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
