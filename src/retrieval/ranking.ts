import type { AssistantId, PageId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import { bestAndPinned, type FactSearch } from './fact-search.js';
import type { Weights } from './fusion.js';
import type { PageIndex } from './index/page-index.js';
import type { FoundPage, Meaning, PageSearch } from './page-search.js';
import type { ReadQuery } from './query.js';
import { Coverage, type Reading, relevanceModel } from './relevance.js';
import type { RankedPage, RetrievalQuery, RetrievedContext } from './retriever.js';

/** What a question is ranked with. */
export interface RankingParts {
  readonly read: ReadQuery;
  readonly query: RetrievalQuery;
  /** All pages, or candidates that stand for them. */
  readonly index: PageIndex;
  readonly search: PageSearch;
  readonly facts: FactSearch;
  readonly factsOf: (owner: AssistantId | null) => readonly Fact[];
  /** Null where pages are found by words only. */
  readonly meaning: Meaning | null;
  readonly weights: Weights | undefined;
}

/** Pages by id, best first, and everything else of an answer. */
export interface Ranking extends Omit<RetrievedContext, 'pages' | 'notices'> {
  readonly found: readonly FoundPage[];
}

/** Ranks the pages and facts that are looked at. */
export function rank({
  read,
  query,
  index,
  search,
  facts,
  factsOf,
  meaning,
  weights,
}: RankingParts): Ranking {
  const model = relevanceModel(readingOf(meaning));
  const { relevanceMin = 0 } = query;
  const found = search.search(read, {
    meaning,
    pagesMax: query.pagesMax,
    model,
    relevanceMin,
    allows: filterOf(query),
    project: query.project,
    weights,
  });
  const coverage = new Coverage(read.informative, index, read.form);
  const factsAbout = (owner: AssistantId | null) =>
    facts.search(factsOf(owner), read, {
      coverage,
      vector: meaning?.question.vector ?? null,
      model,
      relevanceMin,
      pages: found.best[0]?.question,
    });
  const user = factsAbout(null);
  const assistant = factsAbout(query.assistantId);
  return {
    found: found.best,
    userFacts: bestAndPinned(user.best, query.factsMax),
    assistantFacts: bestAndPinned(assistant.best, query.factsMax),
    pagesFound: found.found,
    userFactsFound: user.found,
    assistantFactsFound: assistant.found,
    relevanceFloor: Math.min(found.floor, user.floor, assistant.floor),
    about: new Map(read.terms.map((term) => [term, index.worthOf(term)])),
    timeOnly: read.timeOnly,
  };
}

/** The answer, with the pages as they are stored; those that have gone meanwhile are left out. */
export function contextOf(
  { found, ...rest }: Ranking,
  placed: (id: PageId) => Pick<RankedPage, 'page' | 'segmentId'> | undefined,
  notices: readonly string[],
): RetrievedContext {
  const pages = found.flatMap(({ id, ...scored }): RankedPage[] => {
    const stored = placed(id);
    return stored === undefined
      ? []
      : [{ page: stored.page, segmentId: stored.segmentId, chainSummary: stored.page.meta_info, ...scored }];
  });
  return { pages, ...rest, notices };
}

/** Which pages a query asks for at all; undefined for every page. */
function filterOf({
  sinceMs = Number.NEGATIVE_INFINITY,
  untilMs = Number.POSITIVE_INFINITY,
}: RetrievalQuery): ((timeMs: number) => boolean) | undefined {
  if (sinceMs === Number.NEGATIVE_INFINITY && untilMs === Number.POSITIVE_INFINITY) return undefined;
  return (timeMs) => timeMs >= sinceMs && timeMs <= untilMs;
}

function readingOf(meaning: Meaning | null): Reading {
  if (meaning === null) return 'words';
  return meaning.question.pieces.length === 0 ? 'vectors' : 'pieces';
}
