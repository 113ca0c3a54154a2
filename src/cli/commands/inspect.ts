import { Command } from 'commander';
import type { SegmentDetail } from '../../engine/memory-engine.js';
import type { MemoryReader } from '../../engine/memory-reader.js';
import { MemoryError } from '../../model/errors.js';
import { isGeneratedId, type SegmentId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { Trait } from '../../model/profile.js';
import type { SegmentSummary, StatsResult } from '../../model/results.js';
import { wholeNumber } from '../output.js';
import { settingsOf, withReader } from '../settings.js';
import { bar, day, excerpt, styled, table } from '../terminal.js';

interface Inspection {
  readonly stats: StatsResult;
  readonly segments: readonly SegmentSummary[];
  readonly traits: readonly Trait[];
  readonly user_facts: readonly Fact[];
  readonly assistant_facts: readonly Fact[];
}

/** `inspect`: what is remembered, tier by tier. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what is remembered: segments with their heat, facts with their source, the profile')
    .argument('[segment]', 'the id of a segment: show its pages')
    .option('--limit <n>', 'the most rows of each table', wholeNumber, 20)
    .option('--json', 'print JSON (the default where the output is no terminal)')
    .option('--table', 'print tables even where the output is no terminal')
    .addHelpText(
      'after',
      '\nExample:\n  $ memoryos-mcp inspect --limit 5\n  $ memoryos-mcp inspect --json > memory.json',
    )
    .action(
      async (
        segment: string | undefined,
        options: { limit: number; json?: boolean; table?: boolean },
        command: Command,
      ) => {
        const settings = await settingsOf(command);
        const asTable = options.table ?? (!options.json && process.stdout.isTTY);
        const text = await withReader(settings, async (reader) => {
          if (segment !== undefined) {
            const detail = await reader.segment(toSegmentId(segment));
            return asTable ? segmentText(detail) : JSON.stringify(detail, null, 2);
          }
          const found = await inspection(reader);
          return asTable ? inspectionText(found, options.limit) : JSON.stringify(found, null, 2);
        });
        process.stdout.write(`${text}\n`);
      },
    );
}

function toSegmentId(text: string): SegmentId {
  if (isGeneratedId(text, 'sg')) return text as SegmentId;
  throw new MemoryError(
    'ID_INVALID',
    `${JSON.stringify(text.slice(0, 40))} is no segment id. "memoryos-mcp inspect" shows those there are.`,
  );
}

async function inspection(reader: MemoryReader): Promise<Inspection> {
  const { traits, userFacts, assistantFacts } = await reader.longTerm();
  return {
    stats: await reader.stats(),
    segments: await reader.segments(),
    traits,
    user_facts: userFacts,
    assistant_facts: assistantFacts,
  };
}

function inspectionText(found: Inspection, limit: number): string {
  const { stats, segments } = found;
  const hottest = Math.max(...segments.map((segment) => segment.heat), 1);
  return [
    section(
      `Short-term memory: ${stats.short_term.pages} of ${stats.short_term.capacity} pages`,
      stats.analysis.pages_waiting === 0 ? '' : `${stats.analysis.pages_waiting} pages wait for migration`,
    ),
    section(
      `Mid-term memory: ${segments.length} segments, ${stats.mid_term.pages} pages`,
      segments.length === 0
        ? ''
        : table(
            ['heat', '', 'visits', 'pages', 'new', 'last page', 'segment', 'theme'],
            segments
              .slice(0, limit)
              .map((segment) => [
                Number(segment.heat.toFixed(1)),
                bar(segment.heat / hottest, 16),
                segment.n_visit,
                segment.pages,
                segment.l_interaction,
                day(segment.last_page_at),
                segment.segment_id,
                excerpt(segment.theme, 60),
              ]),
          ),
      more(segments.length, limit),
    ),
    section(
      `User profile: ${found.traits.length} traits`,
      found.traits.length === 0
        ? ''
        : table(
            ['dimension', 'level', 'by', 'reason'],
            found.traits
              .slice(0, limit)
              .map((trait) => [trait.dimension, trait.level, trait.analysed_by, excerpt(trait.reason, 80)]),
          ),
      more(found.traits.length, limit),
    ),
    factSection('User knowledge', found.user_facts, limit),
    factSection('Assistant knowledge', found.assistant_facts, limit),
  ].join('\n\n');
}

function factSection(title: string, facts: readonly Fact[], limit: number): string {
  const newest = [...facts].reverse().slice(0, limit);
  return section(
    `${title}: ${facts.length} facts`,
    facts.length === 0
      ? ''
      : table(
          ['date', 'id', 'source', 'by', 'fact'],
          newest.map((fact) => [
            fact.timestamp.slice(0, 10),
            fact.id,
            sources(fact),
            fact.analysed_by,
            `${excerpt(fact.knowledge, 100)}${fact.superseded_by === null ? '' : ' (superseded)'}`,
          ]),
        ),
    more(facts.length, limit),
  );
}

/** The newest page a fact came from, and how many more there are. */
function sources({ page_ids: ids }: Fact): string {
  const newest = ids.at(-1) ?? '';
  return ids.length > 1 ? `${newest} +${ids.length - 1}` : newest;
}

function segmentText(segment: SegmentDetail): string {
  const head = section(
    `${segment.segment_id}: ${excerpt(segment.theme, 80)}`,
    `heat ${segment.heat.toFixed(2)} = visits ${segment.n_visit} + new pages ${segment.l_interaction} + recency ${segment.r_recency.toFixed(2)}`,
    `keywords ${segment.keywords.join(', ')}`,
    excerpt(segment.summary, 600),
  );
  const pages = segment.page_list.map((page) =>
    section(
      `${day(page.timestamp)}  ${page.id}${page.analysed ? '' : '  (not analysed yet)'}`,
      page.user_input === '' ? '' : `  user       ${excerpt(page.user_input, 400)}`,
      page.agent_response === '' ? '' : `  assistant  ${excerpt(page.agent_response, 400)}`,
    ),
  );
  return [head, ...pages].join('\n\n');
}

function section(title: string, ...lines: readonly string[]): string {
  return [styled(process.stdout, 'bold', title), ...lines.filter((line) => line !== '')].join('\n');
}

function more(count: number, limit: number): string {
  return count > limit ? `… and ${count - limit} more (--limit)` : '';
}
