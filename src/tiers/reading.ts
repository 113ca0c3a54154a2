import { MemoryError } from '../model/errors.js';
import { currentFactsAbout, factsAbout } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import { isForgottenStatement } from '../model/tombstones.js';
import type { FactDraft, PageReader, Reading } from '../ports/analyser.js';
import type { Need, Slices } from '../ports/store.js';
import { planFacts } from './knowledge.js';

/** Pages that one job reads together: about 200 ms of work in the analyser's thread. */
export const pagesPerReadingMax = 64;
/** Pages said before, which show who answers: two people may write each other articles for dozens of pages. */
const contextPagesMax = 100;
const contextCharactersMax = 256 * 1024;

/** Read, but not yet written. */
export interface ReadingPlan {
  readonly pages: readonly Page[];
  readonly reading: Reading;
}

/** What {@link planReading} needs to read. */
export function needOfReading(pages: readonly [Page, ...Page[]]) {
  return {
    facts: [null, ...new Set(pages.map((page) => page.assistant_id))],
    before: { pageId: pages[0].id, most: contextPagesMax, characters: contextCharactersMax },
  } satisfies Need;
}

/**
 * The slow step: extracts what the pages state on their own. Writes nothing. Throws the errors of the reader.
 */
export async function planReading(
  { facts, before }: Pick<Slices, 'facts' | 'before'>,
  pages: readonly [Page, ...Page[]],
  reader: PageReader,
  signal: AbortSignal,
): Promise<ReadingPlan> {
  const ids = new Set(pages.map(({ id }) => id));
  // A page of a segment may have been said after the first one and before another.
  const earlier = before.filter(({ id }) => !ids.has(id));
  const relatedFacts = [...facts.keys()].flatMap((owner) => currentFactsAbout(facts, owner));
  return { pages, reading: await reader.readPages({ pages, before: earlier, relatedFacts }, signal) };
}

/** What {@link commitReading} needs to read. */
export function needOfReadingCommit({ pages, reading }: ReadingPlan) {
  return {
    pages: pages.map((page) => page.id),
    facts: [...new Set(reading.facts.map((fact) => fact.assistant_id))],
    tombstones: true,
  } satisfies Need;
}

/** The fast step, inside a transaction. Throws CONFLICT when a page was removed or read meanwhile. */
export function commitReading(
  known: Pick<Slices, 'pages' | 'facts' | 'tombstones'>,
  { pages, reading }: ReadingPlan,
  capacityFacts: number,
  nowMs: number,
): Operation[] {
  if (!pages.every((page) => known.pages.get(page.id)?.page.read === false)) {
    throw new MemoryError('CONFLICT', 'Pages changed while they were read; they are read again.');
  }
  const context = {
    // Only the analysis of a segment compares meanings; reading uses no embedder.
    vectorOf: () => undefined,
    capacityFacts,
    nowMs,
    analysedBy: reading.analysed_by,
    isForgotten: (draft: FactDraft) => isForgottenStatement(known.tombstones, draft.knowledge, draft.told_at),
  };
  const owners = [...new Set(reading.facts.map((fact) => fact.assistant_id))];
  return [
    ...owners.flatMap((owner) => {
      const drafts = reading.facts.filter((fact) => fact.assistant_id === owner);
      return planFacts(factsAbout(known.facts, owner), drafts, context);
    }),
    { op: 'pages_read', page_ids: pages.map((page) => page.id) },
  ];
}
