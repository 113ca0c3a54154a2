import { Command } from 'commander';
import type { StatsResult } from '../../model/results.js';
import { columnsMax, counted } from '../output.js';
import { settingsOf, withReader } from '../settings.js';
import { day, excerpt, styled, table, wrapped } from '../terminal.js';

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
    ['short-term', counted(short_term.pages, 'page'), short_term.capacity],
    ['mid-term', counted(mid_term.segments, 'segment'), mid_term.capacity],
    ['', counted(mid_term.pages, 'page'), ''],
    ...(mid_term.hottest_heat === null ? [] : [['', `hottest ${mid_term.hottest_heat.toFixed(1)}`, '']]),
    ['user knowledge', counted(long_term.user_facts, 'fact'), long_term.capacity],
    ['assistant knowledge', counted(long_term.assistant_facts, 'fact'), long_term.capacity],
    ['profile', counted(long_term.traits, 'trait'), ''],
    ['archive', counted(archive.segments, 'segment'), ''],
    ['', counted(archive.pages, 'page'), ''],
  ];
  const waiting = analysis.pages_waiting + analysis.segments_waiting;
  const since = analysis.waiting_since === null ? '' : ` since ${day(analysis.waiting_since)}`;
  const waits =
    waiting === 0
      ? 'nothing waits'
      : `${counted(analysis.pages_waiting, 'page')} and ${counted(analysis.segments_waiting, 'segment')} ${waiting === 1 ? 'waits' : 'wait'}${since}`;
  const missing = index.vectors_missing === 0 ? '' : `, ${index.vectors_missing} missing`;
  const lines = [
    styled(process.stdout, 'bold', excerpt(`${stats.user_id} with ${stats.assistant_id}`, columnsMax)),
    table(['tier', 'holds', 'room for'], rows),
    '',
    said('analysis', `by ${analysis.analyser}${analysis.paused ? ', paused' : ''}; ${waits}`),
    said(
      'index',
      `${counted(index.vectors, 'vector')}${missing} (${index.embedder})${index.last_error === null ? '' : `; ${index.last_error}`}`,
    ),
  ];
  if (analysis.last_error !== null) {
    const next = analysis.next_try_at === null ? '' : `; next try ${day(analysis.next_try_at)}`;
    lines.push(said('last error', `${analysis.last_error}${next}`));
  }
  return [...lines, ...stats.notices.map((notice) => said('note', notice))].join('\n');
}

function said(label: string, text: string): string {
  return wrapped(label.padEnd(11), text, columnsMax);
}
