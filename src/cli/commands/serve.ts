import { Command, Option } from 'commander';
import { toUserId } from '../../model/ids.js';
import { usageExitCode } from '../exit-code.js';
import { version } from '../package-info.js';
import { openEngine, settingsOf } from '../settings.js';

/** The default command: serves MCP. It gets the words that are no command, and knows those that are. */
export function serveCommand(commands: readonly string[]): Command {
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
        const { closest } = await import('fastest-levenshtein');
        command.error(
          `error: there is no command "${unknown}", the nearest one is ${closest(unknown, commands)}. See "memoryos-mcp --help" for all.`,
          { exitCode: usageExitCode },
        );
      }
      const settings = await settingsOf(command);
      if (settings.config.transport === 'http') {
        const { serveOverHttp } = await import('../serve-http.js');
        process.exit(await serveOverHttp(settings));
      }
      // A client that stops reading ends the session in good order.
      process.stdout.removeAllListeners('error');
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
          userId: toUserId(settings.config.user_id),
        }),
      );
    });
}
