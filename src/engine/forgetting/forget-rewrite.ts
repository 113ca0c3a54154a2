import type { PageId, SegmentId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import type { SegmentHead } from '../../model/segment.js';
import type { Analyser, BatchAnalysis } from '../../ports/analyser.js';
import { normaliseKeywords } from '../../tiers/join.js';
import type { BrokenChain, Forgotten } from './forget-selection.js';

const summaryCharactersMax = 1200;

/** What replaces texts that may hold what is forgotten. */
export interface Rewritten {
  readonly heads: ReadonlyMap<SegmentId, SegmentHead>;
  readonly chainSummaries: ReadonlyMap<PageId, string>;
}

/**
 * Writes the summaries of chains and segments anew, from the pages that stay. Nothing is stored; throws what
 * the analyser throws.
 */
export async function rewrite(forgotten: Forgotten, analyser: Analyser): Promise<Rewritten> {
  const chainSummaries = new Map<PageId, string>();
  for (const chain of forgotten.chains) {
    for (const { page_id, meta_info } of await summariesOf(chain, analyser)) {
      chainSummaries.set(page_id, meta_info);
    }
  }
  const heads = new Map<SegmentId, SegmentHead>();
  for (const { head, remaining } of forgotten.reduced) {
    const [first, ...rest] = remaining.map((page) => withoutSummary(page));
    if (first === undefined) continue;
    const input = { pages: [first, ...rest] as const, previous: null, candidates: [] };
    heads.set(head.id, headFrom(head, await analyser.analyseBatch(input)));
  }
  return { heads, chainSummaries };
}

async function summariesOf(chain: BrokenChain, analyser: Analyser): Promise<BatchAnalysis['pages']> {
  const [first, ...rest] = chain.later.map((page) => withoutSummary(page));
  if (first === undefined) return [];
  const input = { pages: [first, ...rest] as const, previous: chain.previous, candidates: [] };
  return (await analyser.analyseBatch(input)).pages;
}

/** The summary it has was written with the forgotten page in view. */
function withoutSummary(page: Page): Page {
  return { ...page, meta_info: '' };
}

function headFrom(head: SegmentHead, analysis: BatchAnalysis): SegmentHead {
  const topics = [...analysis.topics].sort((a, b) => b.page_ids.length - a.page_ids.length);
  return {
    ...head,
    theme: topics[0]?.theme ?? '',
    summary: topics
      .map((topic) => topic.content)
      .join(' ')
      .slice(0, summaryCharactersMax)
      .toWellFormed(),
    keywords: normaliseKeywords(topics.flatMap((topic) => topic.keywords)),
    analysed_by: analysis.analysed_by,
  };
}
