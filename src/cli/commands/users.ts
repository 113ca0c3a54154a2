import { Command } from 'commander';
import { columnsMax, counted, type OutputOptions, show, withOutputOptions } from '../output.js';
import { settingsOf } from '../settings.js';
import { excerpt } from '../terminal.js';

/** `users`: lists users that have a memory. */
export function usersCommand(): Command {
  return withOutputOptions(new Command('users').description('list the users who have a memory here'))
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp users --data ./memory')
    .action(async (options: OutputOptions, command: Command) => {
      const { config, log } = await settingsOf(command);
      const { openMemories } = await import('../../app/create-engine.js');
      const { store } = await openMemories(config, log);
      show([...(await store.listUsers())].sort(), options, textOf);
    });
}

function textOf(users: readonly string[]): string {
  return [...users.map((user) => excerpt(user, columnsMax)), counted(users.length, 'user')].join('\n');
}
