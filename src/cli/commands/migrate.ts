import { Command } from 'commander';
import { MemoryError } from '../../model/errors.js';
import { settingsOf } from '../settings.js';

/** `migrate`: updates the schema of the database. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('update the tables of the database; run it as their owner')
    .addHelpText(
      'after',
      '\nServers do this when they connect, unless migrate is "manual".\n\nExample:\n  $ MEMORYOS_DATABASE_URL=postgres://owner@db.example.com/memoryos memoryos-mcp migrate --config ./config.json',
    )
    .action(async (_options: object, command: Command) => {
      const { config, log } = await settingsOf(command);
      if (config.store !== 'postgres') {
        throw new MemoryError(
          'CONFIG_INVALID',
          'There are no tables to update: store is "files". Set store to "postgres" and database_url.',
        );
      }
      const { postgresMemories } = await import('../../app/postgres-memories.js');
      const memories = await postgresMemories(config);
      try {
        log('info', `The tables of the database now have version ${await memories.migrate()}.`);
      } finally {
        await memories.close();
      }
    });
}
