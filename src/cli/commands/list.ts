import { Command } from 'commander';
import type { Page } from '../../model/page.js';
import { counted, type OutputOptions, show, wholeNumber, withOutputOptions } from '../output.js';
import { pageText } from '../page-text.js';
import { settingsOf, withReader } from '../settings.js';

/** `list`: lists the exchanges, newest first. */
export function listCommand(): Command {
  return withOutputOptions(
    new Command('list')
      .description('list the exchanges that are remembered, newest first')
      .option('--limit <n>', 'maximum number of exchanges', wholeNumber, 20),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp list --limit 5\n  $ memoryos-mcp list --json > exchanges.json',
    )
    .action(async (options: OutputOptions & { limit: number }, command: Command) => {
      const settings = await settingsOf(command);
      const { exchanges: pages } = await withReader(settings, (reader) =>
        reader.timeline({ limit: options.limit }),
      );
      show(pages, options, textOf);
    });
}

function textOf(pages: readonly Page[]): string {
  return [...pages.map(pageText), counted(pages.length, 'exchange')].join('\n');
}
