import { Command } from 'commander';
import { MemoryError } from '../../model/errors.js';
import { interruptible } from '../interruptible.js';
import { settingsOf } from '../settings.js';

/** `worker`: does the background work of the memories in a database, without serving clients. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('do the background work of all memories in a database, until it is stopped')
    .addHelpText(
      'after',
      '\nServers do this work too, unless background_work is false. A worker does it without delay while the servers are busy.\n\nExample:\n  $ memoryos-mcp worker --config ./config.json',
    )
    .action(async (_options: object, command: Command) => {
      const { config, log, reread } = await settingsOf(command);
      if (config.store !== 'postgres') {
        throw new MemoryError(
          'CONFIG_INVALID',
          'A worker needs memories in a database, but store is "files", where each server works on its own memories. Set store to "postgres" and database_url.',
        );
      }
      const { openPool } = await import('../../app/pool/open-pool.js');
      const { pool, work } = await openPool({ ...config, background_work: true }, log, reread);
      log('info', 'The worker looks for work in the database.');
      try {
        await interruptible((signal) => work(signal, 0));
      } finally {
        await pool.close();
      }
    });
}
