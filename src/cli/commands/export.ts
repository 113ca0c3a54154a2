import { Command } from 'commander';
import { toUserId } from '../../model/ids.js';
import { interruptible } from '../interruptible.js';
import { counted } from '../output.js';
import { createProgress } from '../progress.js';
import { settingsOf } from '../settings.js';

/** `export`: writes a complete memory as lines of JSON. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write a complete memory as lines of JSON; servers may keep running')
    .argument('[file]', 'output file; "-" or nothing for standard output', '-')
    .option('--gzip', 'compress (the default for a name that ends in .gz)')
    .option('--force', 'replace an existing file')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp export --user alice alice.jsonl\n  $ memoryos-mcp export | grep -c \'"kind":"page"\'',
    )
    .action(async (file: string, options: { gzip?: boolean; force?: boolean }, command: Command) => {
      const settings = await settingsOf(command);
      const [{ openStoreReadOnly }, { openKnown }, { exportTo }] = await Promise.all([
        import('../../app/open-store-read-only.js'),
        import('../../app/known-memory.js'),
        import('../../app/transfer/transfer.js'),
      ]);
      const { store: memories, clock } = await openStoreReadOnly(settings.config);
      const store = await openKnown(memories, toUserId(settings.config.user_id));
      const progress = createProgress();
      try {
        await interruptible(async (signal) => {
          const pages = await exportTo(store, file === '-' ? process.stdout : file, {
            gzip: options.gzip ?? file.endsWith('.gz'),
            force: options.force === true,
            clock,
            signal,
            onProgress: (done, total) => progress.show(`${done} pages`, Math.min(1, done / total)),
          });
          progress.end();
          if (file !== '-') process.stderr.write(`Exported ${counted(pages, 'page')} to ${file}.\n`);
        });
      } finally {
        progress.end();
        await store.close();
      }
    });
}
