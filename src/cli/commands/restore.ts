import { Command } from 'commander';
import { toUserId } from '../../model/ids.js';
import { counted } from '../output.js';
import { createProgress } from '../progress.js';
import { settingsOf } from '../settings.js';

/** `restore`: restores the memory as it was when the backup was made. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('restore the memory as it was when the backup (or export) was made')
    .argument('<file>', 'the backup; "memoryos-mcp backup --list" shows them')
    .option('--replace', 'replace the present memory, after making a backup of it')
    .option('--include-forgotten', 'also restore what was forgotten since')
    .addHelpText(
      'after',
      '\nThe memory of the user named in the backup is restored, unless --user names another one. Running servers need not be stopped.\n\nExample:\n  $ memoryos-mcp restore --replace ~/memory/backups/alice.2026-03-01T09-30-00-000Z.jsonl.gz',
    )
    .action(
      async (file: string, options: { replace?: boolean; includeForgotten?: boolean }, command: Command) => {
        const { config, log } = await settingsOf(command);
        const [{ openMemories }, { backupsFolder }, { restoreBackup }] = await Promise.all([
          import('../../app/create-engine.js'),
          import('../../app/transfer/backups.js'),
          import('../../app/transfer/restore.js'),
        ]);
        const { store: memories, clock } = await openMemories(config, log);
        const named = typeof command.optsWithGlobals().user === 'string';
        const progress = createProgress();
        try {
          const restored = await restoreBackup(memories, file, {
            userId: named ? toUserId(config.user_id) : undefined,
            replace: options.replace === true,
            includeForgotten: options.includeForgotten,
            folder: backupsFolder(config.data_storage_path),
            clock,
            onProgress: ({ pages }) => progress.show(`${pages} pages`),
            onBackup: (path) => log('info', `Backed up the present memory to ${path}.`),
          });
          progress.end();
          const { counts, userId, exportedAt } = restored;
          process.stdout.write(
            `Restored the memory of ${userId} as of ${exportedAt}: ${counted(counts.pages, 'page')}, ${counted(counts.facts, 'fact')}.\n`,
          );
          if (counts.forgotten > 0) {
            process.stdout.write(
              `Skipped ${counts.forgotten} pages, facts and traits that were forgotten since; --include-forgotten restores them.\n`,
            );
          }
        } finally {
          progress.end();
        }
      },
    );
}
