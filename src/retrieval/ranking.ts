import type { AssistantId, PageId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import { bestAndPinned, type FactSearch } from './fact-search.js';
import { Coverage } from './features.js';
import type { Weights } from './fusion.js';
import type { PageIndex } from './index/page-index.js';
import type { FoundPage, Meaning, PageSearch } from './page-search.js';
import type { ReadQuery } from './query.js';
import { type Reading, relevanceModel } from './relevance.js';
import type { RankedPage, RetrievalQuery, RetrievedContext } from './retriever.js';

/** The inputs of ranking. */
export interface RankingParts {
  readonly read: ReadQuery;
  readonly query: RetrievalQuery;
  /** All pages, or candidates that represent them. */
  readonly index: PageIndex;
  readonly search: PageSearch;
  readonly facts: FactSearch;
  readonly factsOf: (owner: AssistantId | null) => readonly Fact[];
  /** Null if search uses only words. */
  readonly meaning: Meaning | null;
  readonly weights: Weights | undefined;
}

/** Page ids, best first, with the other parts of an answer. */
export interface Ranking extends Omit<RetrievedContext, 'pages' | 'notices'> {
  readonly found: readonly FoundPage[];
}

/** Ranks the given pages and facts. */
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
      project: query.project ?? null,
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

/** The answer with the stored pages. Pages that were removed in the meantime are skipped. */
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

/** A filter for the pages that a query allows; undefined if it allows every page. */
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
