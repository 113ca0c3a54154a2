import { Command, InvalidArgumentError } from 'commander';
import { toUserId } from '../../model/ids.js';
import { counted } from '../output.js';
import { createProgress } from '../progress.js';
import { settingsOf } from '../settings.js';
import { day, table } from '../terminal.js';

interface Options {
  readonly all?: boolean;
  readonly out?: string;
  readonly keep?: number;
  readonly list?: boolean;
}

/** `backup`: writes a file from which the memory can be restored. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('write a backup of the memory and print its path; servers may keep running')
    .option('--all', 'back up every user in the data folder, not only the configured one')
    .option('--out <folder>', 'folder for the backup (default: "backups" in the data folder)')
    .option('--keep <n>', 'afterwards delete backups made by this command, except the newest n', count)
    .option('--list', 'only list the existing backups')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp backup --user alice\n  $ memoryos-mcp backup --all --out /mnt/backups --keep 7',
    )
    .action(async (options: Options, command: Command) => {
      const { config, log } = await settingsOf(command);
      const [{ openStoreReadOnly }, backups, { openKnown }] = await Promise.all([
        import('../../app/open-store-read-only.js'),
        import('../../app/transfer/backups.js'),
        import('../../app/known-memory.js'),
      ]);
      const { store: memories, clock } = await openStoreReadOnly(config);
      const folder = options.out ?? backups.backupsFolder(config.data_storage_path);
      const users = options.all ? await memories.listUsers() : [toUserId(config.user_id)];
      if (options.list) {
        const lists = await Promise.all(users.map((user) => backups.listBackups(folder, user)));
        const rows = lists.flatMap((list, index) =>
          list.map(({ madeAtMs, kind, path }) => {
            return [users[index] ?? '', day(new Date(madeAtMs).toISOString()), kind, path];
          }),
        );
        process.stdout.write(`${table(['user', 'made (UTC)', 'why', 'file'], rows)}\n`);
        return;
      }
      const progress = createProgress();
      for (const user of users) {
        const store = await openKnown(memories, user);
        try {
          const made = await backups.makeBackup(store, {
            folder,
            kind: 'asked',
            clock,
            onPage: (done, total) => progress.show(`${user}: ${done} pages`, Math.min(1, done / total)),
          });
          progress.end();
          process.stdout.write(`${made.path}\n`);
          log(
            'info',
            `Backed up ${counted(made.pages, 'page')} of ${user} in ${made.bytes} bytes, and read them back.`,
          );
          if (options.keep !== undefined) {
            for (const path of await backups.pruneBackups(folder, user, 'asked', {
              keep: options.keep,
              clock,
            })) {
              log('info', `Deleted the older backup ${path}.`);
            }
          }
        } finally {
          progress.end();
          await store.close();
        }
      }
    });
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}
