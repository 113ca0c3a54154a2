import { Argument, Command } from 'commander';
import { hookAdapters } from '../../app/capture/hook-clients.js';

/** `hook`: only for the help. Calls go to `runHook`, which loads less. */
export function hookCommand(): Command {
  return new Command('hook')
    .description("answer an event of a client's hook: JSON in, JSON out; never fails (see docs/hooks.md)")
    .addArgument(new Argument('<client>', 'which client calls').choices([...hookAdapters.keys()]))
    .option('--project <name>', 'the current project (default: the repository or folder of the event)')
    .addHelpText(
      'after',
      '\n"memoryos-mcp install --with-hooks" writes these calls into the client\'s configuration.\n\nExample:\n  $ echo \'{"hook_event_name":"SessionStart","session_id":"1","cwd":"."}\' | memoryos-mcp hook claude-code',
    )
    .action(async (_client: string, _options: unknown, command: Command) => {
      const { runHook } = await import('../hook.js');
      await runHook(command.parent?.args.slice(1) ?? []);
    });
}
