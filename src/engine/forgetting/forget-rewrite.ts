import type { PageId, SegmentId } from '../../model/ids.js';
import type { SegmentHead } from '../../model/segment.js';
import type { Analyser, BatchAnalysis } from '../../ports/analyser.js';
import { describedAnew, withoutSummary } from '../describe-segment.js';
import type { BrokenChain, Forgotten } from './forget-selection.js';

/** Replacements for texts that may contain forgotten content. */
export interface Rewritten {
  readonly heads: ReadonlyMap<SegmentId, SegmentHead>;
  readonly chainSummaries: ReadonlyMap<PageId, string>;
}

/**
 * Writes the summaries of chains and segments again, from the remaining pages. Stores nothing. Throws the
 * errors of the analyser.
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
    if (remaining.length > 0) heads.set(head.id, await describedAnew(head, remaining, analyser));
  }
  return { heads, chainSummaries };
}

async function summariesOf(chain: BrokenChain, analyser: Analyser): Promise<BatchAnalysis['pages']> {
  const [first, ...rest] = chain.later.map((page) => withoutSummary(page));
  if (first === undefined) return [];
  const input = { pages: [first, ...rest] as const, previous: chain.previous, candidates: [] };
  return (await analyser.analyseBatch(input)).pages;
}
