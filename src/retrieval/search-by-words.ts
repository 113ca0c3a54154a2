import type { AssistantId, UserId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { Segment } from '../model/segment.js';
import { bestAndPinned, FactSearch } from './fact-search.js';
import { Coverage } from './features.js';
import { PageIndex } from './index/page-index.js';
import { likelyPages } from './likely-pages.js';
import { PageSearch } from './page-search.js';
import { readQuery } from './query.js';
import { relevanceModel } from './relevance.js';
import type { RankedFact } from './retriever.js';

/** The searched content, in the store's form. */
export interface SearchedMemory {
  readonly segments: Iterable<Segment>;
  readonly shortTerm: readonly Page[];
  readonly userFacts: readonly Fact[];
}

export interface WordsQuery {
  readonly text: string;
  readonly nowMs: number;
  readonly timeZone: string;
  readonly userId: UserId;
  readonly assistantId: AssistantId;
  readonly project: string | null;
  readonly pagesMax: number;
  readonly factsMax: number;
  readonly relevanceMin: number;
}

/**
 * A memory with at most this many pages is searched completely. A new process indexes them in less than a
 * tenth of a second.
 */
const indexedMax = 400;

/**
 * A single search without a lasting index, for a process that asks one question. It uses only words, and in a
 * larger memory only likely pages. A memory of at most four hundred pages is searched completely.
 */
export function searchByWords(
  { segments, shortTerm, userFacts }: SearchedMemory,
  query: WordsQuery,
): { pages: Page[]; userFacts: RankedFact[] } {
  const { text, nowMs, timeZone, userId, assistantId, relevanceMin, project } = query;
  const all = [...segments];
  const likely = new Map(
    likelyPages([...all.flatMap(({ pages }) => pages), ...shortTerm], text, indexedMax).map((page) => [
      page.id,
      page,
    ]),
  );
  const index = new PageIndex();
  for (const { head, pages } of all) {
    const kept = pages.filter(({ id }) => likely.has(id));
    if (kept.length > 0) index.segments.describe(head);
    for (const page of kept) {
      index.add(page);
      index.place(page.id, head.id);
    }
  }
  for (const page of shortTerm) if (likely.has(page.id)) index.add(page);
  const read = readQuery(text, nowMs, timeZone, index, [userId, assistantId]);
  const model = relevanceModel('words');
  const found = new PageSearch(index).search(read, {
    meaning: null,
    pagesMax: query.pagesMax,
    model,
    relevanceMin,
    project,
  });
  const facts = new FactSearch().search(userFacts, read, {
    coverage: new Coverage(read.informative, index, read.form),
    vector: null,
    model,
    relevanceMin,
    pages: found.best[0]?.question,
    project,
  });
  return {
    pages: found.best.flatMap(({ id }) => likely.get(id) ?? []),
    userFacts: bestAndPinned(facts.best, query.factsMax),
  };
}
