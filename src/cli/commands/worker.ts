import { Command } from 'commander';
import { lookEveryMs } from '../../engine/settings.js';
import { MemoryError } from '../../model/errors.js';
import { toAssistantId } from '../../model/ids.js';
import { interruptible } from '../interruptible.js';
import { settingsOf } from '../settings.js';

const minuteMs = 60_000;
const roomWaitMs = 10_000;

/** `worker`: does the background work of the memories in a database, without serving clients. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('do the background work of all memories in a database, until it is stopped')
    .addHelpText(
      'after',
      '\nServers do this work too. A worker beside them keeps it going where they are busy.\n\nExample:\n  $ memoryos-mcp worker --config ./config.json',
    )
    .action(async (_options: object, command: Command) => {
      const { config, log, reread } = await settingsOf(command);
      if (config.store !== 'postgres') {
        throw new MemoryError(
          'CONFIG_INVALID',
          'A worker is for memories in a database. store is "files": each server works on the memories it has open. Set store to "postgres" and database_url.',
        );
      }
      const [{ createEngineFactory }, { EnginePool }, { doDueWork }] = await Promise.all([
        import('../../app/create-engine.js'),
        import('../../app/pool/engine-pool.js'),
        import('../../app/pool/due-work.js'),
      ]);
      const factory = createEngineFactory(config, log, { analysisThread: true, reread });
      const pool = new EnginePool({
        open: (userId) => factory.open(userId),
        look: (userId) => factory.look(userId),
        lookEveryMs,
        assistantId: toAssistantId(config.assistant_id),
        openUsersMax: config.max_open_users,
        idleMs: config.user_idle_minutes * minuteMs,
        roomWaitMs,
        report: log,
      });
      log('info', 'The worker looks for work in the database.');
      try {
        await interruptible((signal) =>
          doDueWork(
            {
              due: (nowMs, limit) => factory.due(nowMs, limit),
              engineOf: (userId) => pool.engineOf(userId),
              lookEveryMs,
              report: log,
            },
            signal,
          ),
        );
      } finally {
        await pool.close();
      }
    });
}
