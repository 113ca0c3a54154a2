import { Command } from 'commander';
import type { LoggedChange } from '../../model/change-log.js';
import { counted, labelled, type OutputOptions, show, wholeNumber, withOutputOptions } from '../output.js';
import { settingsOf, withReader } from '../settings.js';
import { day } from '../terminal.js';

/** `log`: shows what was changed by hand, by whom and when. */
export function logCommand(): Command {
  return withOutputOptions(
    new Command('log')
      .description(
        'show what was added, corrected, pinned and forgotten by hand, and how topics were changed, newest first',
      )
      .option('--limit <n>', 'maximum number of changes', wholeNumber, 20),
  )
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp log --limit 5')
    .action(async (options: OutputOptions & { limit: number }, command: Command) => {
      const settings = await settingsOf(command);
      const changes = await withReader(settings, (reader) => reader.log());
      show(changes.slice(0, options.limit), options, textOf);
    });
}

function textOf(changes: readonly LoggedChange[]): string {
  return [...changes.map(changeText), counted(changes.length, 'change')].join('\n');
}

function changeText(change: LoggedChange): string {
  const { at, by, action, before, after, forgotten, segment_id } = change;
  if (segment_id !== undefined) return `${day(at)}  ${by} ${action}  ${segment_id}`;
  const what =
    forgotten === null
      ? (change.fact_id ?? '')
      : `${counted(forgotten.pages, 'exchange')}, ${counted(forgotten.facts, 'fact')}`;
  const text = after ?? (forgotten === null ? '(forgotten since)' : null);
  return [
    `${day(at)}  ${by} ${action}  ${what}`,
    ...(before === null || before === after ? [] : [labelled('from', before)]),
    ...(text === null ? [] : [labelled(action === 'edited' ? 'to' : 'fact', text)]),
  ].join('\n');
}
