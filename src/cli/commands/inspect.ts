import { Command } from 'commander';
import type { ListedExchange, SegmentDetail } from '../../engine/memory-engine.js';
import type { MemoryReader } from '../../engine/memory-reader.js';
import { MemoryError } from '../../model/errors.js';
import { isGeneratedId, type PageId, type SegmentId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { Trait } from '../../model/profile.js';
import type { SegmentSummary, StatsResult } from '../../model/results.js';
import { columnsMax, counted, labelled, wholeNumber } from '../output.js';
import { pageText } from '../page-text.js';
import { settingsOf, withReader } from '../settings.js';
import { bar, day, excerpt, styled, wrapped } from '../terminal.js';

interface Inspection {
  readonly stats: StatsResult;
  /** Newest first. */
  readonly short_term_memory: readonly ListedExchange[];
  readonly segments: readonly SegmentSummary[];
  readonly traits: readonly Trait[];
  readonly user_facts: readonly Fact[];
  readonly assistant_facts: readonly Fact[];
}

/** `inspect`: shows what is remembered, tier by tier. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'show what is remembered: the latest exchanges, segments with their heat, facts with their source, the profile',
    )
    .argument('[segment]', 'the id of a segment: show its pages')
    .option('--limit <n>', 'maximum number of entries of each kind', wholeNumber, 20)
    .option('--json', 'print JSON (the default when the output is not a terminal)')
    .option('--table', 'print text even when the output is not a terminal')
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
    `${JSON.stringify(text.slice(0, 40))} is not a segment id. "memoryos-mcp inspect" lists the ids.`,
  );
}

async function inspection(reader: MemoryReader): Promise<Inspection> {
  const { traits, userFacts, assistantFacts } = await reader.longTerm();
  const stats = await reader.stats();
  return {
    stats,
    short_term_memory: await shortTerm(reader, stats.short_term.pages),
    segments: await reader.segments(),
    traits,
    user_facts: userFacts,
    assistant_facts: assistantFacts,
  };
}

/**
 * Exchanges of short-term memory, newest first. They may have been said long before exchanges of other tiers.
 */
async function shortTerm(reader: MemoryReader, count: number): Promise<readonly ListedExchange[]> {
  const found: ListedExchange[] = [];
  let after: PageId | undefined;
  while (found.length < count) {
    const { exchanges, next } = await reader.timeline({ after, limit: 500 });
    found.push(...exchanges.filter(({ segment_id }) => segment_id === null));
    if (next === null) break;
    after = next;
  }
  return found;
}

function inspectionText(found: Inspection, limit: number): string {
  const { stats, segments, short_term_memory: latest, traits } = found;
  const { pages_waiting: waiting } = stats.analysis;
  const hottest = Math.max(...segments.map((segment) => segment.heat), 1);
  return [
    section(
      `Short-term memory: ${stats.short_term.pages} of ${counted(stats.short_term.capacity, 'page')}`,
      waiting === 0 ? '' : `${counted(waiting, 'page')} ${waiting === 1 ? 'waits' : 'wait'} for migration`,
      ...latest.slice(0, limit).map(pageText),
      more(latest.length, limit),
    ),
    section(
      `Mid-term memory: ${counted(segments.length, 'segment')}, ${counted(stats.mid_term.pages, 'page')}`,
      ...segments.slice(0, limit).map((segment) => segmentRecord(segment, hottest)),
      more(segments.length, limit),
    ),
    section(
      `User profile: ${counted(traits.length, 'trait')}`,
      ...traits
        .slice(0, limit)
        .map((trait) =>
          [
            `${excerpt(trait.dimension, 30)}: ${trait.level}, by ${excerpt(trait.analysed_by, 16)}`,
            labelled('why', trait.reason),
          ].join('\n'),
        ),
      more(traits.length, limit),
    ),
    factSection('User knowledge', found.user_facts, limit),
    factSection('Assistant knowledge', found.assistant_facts, limit),
  ].join('\n\n');
}

function segmentRecord(segment: SegmentSummary, hottest: number): string {
  const { pages, l_interaction: fresh, n_visit: visits } = segment;
  return [
    `${bar(segment.heat / hottest, 10)} ${segment.heat.toFixed(1).padStart(5)}  ${segment.segment_id}`,
    labelled('about', segment.theme),
    `        ${counted(pages, 'page')} (${fresh} new), ${counted(visits, 'visit')}, last ${day(segment.last_page_at)}`,
  ].join('\n');
}

function factSection(title: string, facts: readonly Fact[], limit: number): string {
  const newest = [...facts].reverse().slice(0, limit);
  return section(
    `${title}: ${counted(facts.length, 'fact')}`,
    ...newest.map((fact) =>
      [
        `${fact.timestamp.slice(0, 10)}  ${fact.id}${fact.superseded_by === null ? '' : '  superseded'}`,
        labelled('fact', fact.knowledge),
        labelled(
          'from',
          `${sources(fact)} by ${fact.analysed_by}${fact.project === undefined ? '' : `, project ${fact.project}`}`,
        ),
      ].join('\n'),
    ),
    more(facts.length, limit),
  );
}

/** The newest page that a fact came from, and the number of further pages. */
function sources({ page_ids: ids }: Fact): string {
  const newest = ids.at(-1) ?? 'no page,';
  return ids.length > 1 ? `${newest} +${ids.length - 1}` : newest;
}

function segmentText(segment: SegmentDetail): string {
  const { n_visit: visits, l_interaction: fresh, r_recency: recency } = segment;
  const line = (label: string, text: string) => (text === '' ? '' : wrapped(label, text, columnsMax));
  const head = section(
    segment.segment_id,
    line('about      ', segment.theme),
    line(
      'heat       ',
      `${segment.heat.toFixed(2)} = visits ${visits} + new pages ${fresh} + recency ${recency.toFixed(2)}`,
    ),
    line('keywords   ', segment.keywords.join(', ')),
    line('', excerpt(segment.summary, 600)),
  );
  const pages = segment.page_list.map((page) =>
    section(
      `${day(page.timestamp)}  ${page.id}${page.analysed ? '' : '  not analysed'}`,
      line('  user       ', excerpt(page.user_input, 400)),
      line('  assistant  ', excerpt(page.agent_response, 400)),
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
