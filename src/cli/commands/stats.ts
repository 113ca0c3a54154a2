import { Command } from 'commander';
import type { StatsResult } from '../../model/results.js';
import { counted } from '../output.js';
import { settingsOf, withReader } from '../settings.js';
import { day, styled, table } from '../terminal.js';

/** `stats`: shows how full the tiers are and what waits. */
export function statsCommand(): Command {
  return new Command('stats')
    .description('show how full the tiers are and what waits for analysis')
    .option('--json', 'print JSON (the default when the output is not a terminal)')
    .option('--table', 'print a table even when the output is not a terminal')
    .addHelpText('after', '\nExample:\n  $ memoryos-mcp stats --user alice\n  $ memoryos-mcp stats --json')
    .action(async (options: { json?: boolean; table?: boolean }, command: Command) => {
      const settings = await settingsOf(command);
      const stats = await withReader(settings, (reader) => reader.stats());
      const asTable = options.table ?? (!options.json && process.stdout.isTTY);
      process.stdout.write(asTable ? `${statsTable(stats)}\n` : `${JSON.stringify(stats, null, 2)}\n`);
    });
}

function statsTable(stats: StatsResult): string {
  const { short_term, mid_term, long_term, archive, analysis, index } = stats;
  const rows = [
    ['short-term', counted(short_term.pages, 'page'), counted(short_term.capacity, 'page'), ''],
    [
      'mid-term',
      counted(mid_term.segments, 'segment'),
      counted(mid_term.capacity, 'segment'),
      `${counted(mid_term.pages, 'page')}${mid_term.hottest_heat === null ? '' : `, hottest ${mid_term.hottest_heat.toFixed(1)}`}`,
    ],
    ['user knowledge', counted(long_term.user_facts, 'fact'), counted(long_term.capacity, 'fact'), ''],
    [
      'assistant knowledge',
      counted(long_term.assistant_facts, 'fact'),
      counted(long_term.capacity, 'fact'),
      '',
    ],
    ['profile', counted(long_term.traits, 'trait'), '', ''],
    ['archive', counted(archive.segments, 'segment'), '', counted(archive.pages, 'page')],
  ];
  const waiting = analysis.pages_waiting + analysis.segments_waiting;
  const lines = [
    styled(process.stdout, 'bold', `${stats.user_id} with ${stats.assistant_id}`),
    table(['tier', 'holds', 'capacity', 'detail'], rows),
    '',
    `analysis   by ${analysis.analyser}${analysis.paused ? ', paused' : ''}; ${
      waiting === 0
        ? 'nothing waits'
        : `${counted(analysis.pages_waiting, 'page')} and ${counted(analysis.segments_waiting, 'segment')} ${waiting === 1 ? 'waits' : 'wait'}${analysis.waiting_since === null ? '' : ` since ${day(analysis.waiting_since)}`}`
    }`,
    `index      ${index.embedder}, ${counted(index.vectors, 'vector')}${index.vectors_missing === 0 ? '' : `, ${index.vectors_missing} missing`}${index.last_error === null ? '' : `; ${index.last_error}`}`,
  ];
  if (analysis.last_error !== null) {
    lines.push(
      `last error ${analysis.last_error}${analysis.next_try_at === null ? '' : `; next try ${day(analysis.next_try_at)}`}`,
    );
  }
  return [...lines, ...stats.notices.map((notice) => `note       ${notice}`)].join('\n');
}
