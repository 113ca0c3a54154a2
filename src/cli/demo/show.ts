import type { Fact } from '../../model/knowledge.js';
import type { SegmentSummary, StatsResult } from '../../model/results.js';
import { counted } from '../output.js';
import { bar, excerpt, styled, table } from '../terminal.js';
import type { DemoProfile } from './demo-server.js';
import type { StoryPage } from './story.js';

const out = process.stdout;
const segmentsShownMax = 15;
const factsShownMax = 30;

export function heading(text: string): void {
  out.write(`\n${styled(out, 'bold', text)}\n`);
}

/** Segments, hottest first, with bars for their heat. */
export function showSegments(segments: readonly SegmentSummary[]): void {
  heading(`Mid-term memory: ${counted(segments.length, 'segment')}`);
  const hottest = Math.max(1, ...segments.map(({ heat }) => heat));
  for (const segment of segments.slice(0, segmentsShownMax)) {
    const heat = styled(out, 'yellow', bar(segment.heat / hottest, 20));
    const counts = `${counted(segment.pages, 'page')}, ${counted(segment.n_visit, 'visit')}`;
    out.write(
      `${heat} ${segment.heat.toFixed(1).padStart(5)}  ${excerpt(segment.theme, 40).padEnd(40)}  ${styled(out, 'dim', counts)}\n`,
    );
  }
  const more = segments.length - segmentsShownMax;
  if (more > 0) out.write(`… and ${more} more\n`);
}

/** Traits and facts, each with its source page. */
export function showProfile(profile: DemoProfile, pageOf: (id: string) => StoryPage | undefined): void {
  heading(`User profile: ${counted(profile.traits.length, 'trait')}`);
  for (const { dimension, level, reason } of profile.traits) {
    out.write(`${dimension.padEnd(24)} ${styled(out, 'green', level.padEnd(6))}  ${excerpt(reason, 100)}\n`);
  }
  showFacts('User knowledge', profile.user_knowledge, pageOf);
  showFacts('Assistant knowledge', profile.assistant_knowledge, pageOf);
}

function showFacts(
  title: string,
  facts: readonly Fact[],
  pageOf: (id: string) => StoryPage | undefined,
): void {
  heading(`${title}: ${counted(facts.length, 'fact')}`);
  for (const fact of facts.slice(-factsShownMax)) {
    const old = fact.superseded_by === null ? '' : styled(out, 'red', ' (superseded)');
    out.write(`${fact.timestamp.slice(0, 10)}  ${fact.knowledge}${old}\n`);
    const page = pageOf(fact.page_ids[0] ?? '');
    if (page === undefined) continue;
    const said = fact.assistant_id === null ? page.user_input : page.agent_response;
    out.write(
      `${styled(out, 'dim', `            from ${page.timestamp.slice(0, 16).replace('T', ' ')}: "${excerpt(said, 80)}"`)}\n`,
    );
  }
  const more = facts.length - factsShownMax;
  if (more > 0) out.write(`… and ${more} older ones\n`);
}

/** Counts of every tier. */
export function showTiers({ short_term, mid_term, long_term, archive }: StatsResult): void {
  heading('The three tiers');
  out.write(
    `${table(
      ['tier', 'holds', 'detail'],
      [
        ['short-term', short_term.pages, `pages of at most ${short_term.capacity}`],
        ['mid-term', mid_term.pages, `pages in ${counted(mid_term.segments, 'segment')}`],
        ['long-term', long_term.traits, 'traits of the profile'],
        ['', long_term.user_facts, 'current facts about the user'],
        ['', long_term.assistant_facts, 'current facts of the assistant'],
        ['archive', archive.pages, `pages in ${counted(archive.segments, 'segment')}`],
      ],
    )}\n`,
  );
}
