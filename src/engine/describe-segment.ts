import type { Page } from '../model/page.js';
import type { SegmentHead } from '../model/segment.js';
import type { Analyser, BatchAnalysis } from '../ports/analyser.js';
import { normaliseKeywords } from '../tiers/join.js';

const summaryCharactersMax = 1200;

/**
 * Theme, summary and keywords of a segment, derived only from these pages. Throws the errors of the analyser.
 */
export async function describedAnew(
  head: SegmentHead,
  pages: readonly Page[],
  analyser: Analyser,
): Promise<SegmentHead> {
  const [first, ...rest] = pages.map(withoutSummary);
  if (first === undefined) return head;
  const input = { pages: [first, ...rest] as const, previous: null, candidates: [] };
  return headFrom(head, await analyser.analyseBatch(input));
}

/** Removes the chain summary, which was written with other pages in view. */
export function withoutSummary(page: Page): Page {
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
