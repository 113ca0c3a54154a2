import { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { usageExitCode } from '../exit-code.js';
import { serveOptions } from '../options.js';
import { serve } from '../serve.js';

/** The default command: serves MCP. It receives words that are not a command, and reports them. */
export function serveCommand(commands: readonly string[]): Command {
  const command = new Command('serve').description('serve the memory over MCP (the default command)');
  for (const { flags, about } of serveOptions) command.option(flags, about);
  return command
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp --config ./config.json\n  $ memoryos-mcp --data ~/memory --user alice --log-level debug\n  $ memoryos-mcp --transport http --port 3000',
    )
    .action(async () => {
      const [unknown] = command.args;
      if (unknown !== undefined) {
        const nearest = closest(unknown, commands);
        const hint = distance(unknown, nearest) <= 2 ? ` Did you mean ${nearest}?` : '';
        command.error(
          `error: unknown command "${unknown}".${hint} "memoryos-mcp --help" lists the commands.`,
          { exitCode: usageExitCode },
        );
      }
      await serve(command.optsWithGlobals());
    });
}
