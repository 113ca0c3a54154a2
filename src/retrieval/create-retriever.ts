import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryError } from '../model/errors.js';
import type { AssistantId, PageId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import { findPage } from '../model/user-state.js';
import type { StoreChange } from '../ports/memory-store.js';
import { pagesAtHand } from '../tiers/queue.js';
import { bestAndPinned, FactSearch } from './fact-search.js';
import { EmbedderHealth } from './index/embedder-health.js';
import { isLong, PageIndex } from './index/page-index.js';
import { readPages } from './index/read-pages.js';
import { VectorKeeper } from './index/vector-keeper.js';
import { PageSearch } from './page-search.js';
import { readQuery } from './query.js';
import { queryVector } from './query-vector.js';
import { Coverage } from './relevance.js';
import type { RankedPage, RetrievalQuery, RetrievedContext, Retriever, RetrieverParts } from './retriever.js';

/**
 * A retriever over one user's memory. Reads the state at once, a large one piece by piece, which a search waits
 * for; vectors come in the background.
 */
export function createRetriever(parts: RetrieverParts): Retriever {
  const { store, embedder } = parts;
  const report = parts.report ?? (() => undefined);
  const health = new EmbedderHealth({ ...parts, report });
  const facts = new FactSearch();
  let index = new PageIndex();
  let keeper = newKeeper();
  let pageSearch = new PageSearch(index);
  let closed = false;
  /** What changed while the pages were still being read; null once all are. */
  let later: Operation[] | null = null;
  let reading: Promise<void> = Promise.resolve();
  /** Long pages that are still to be read, and the work on them. */
  let long = new Set<PageId>();
  let readingLong: Promise<void> | null = null;

  function newKeeper(): VectorKeeper {
    return new VectorKeeper({
      store,
      embedder,
      clock: parts.clock,
      index,
      health,
      report,
      saveDelayMs: parts.saveDelayMs ?? 500,
      saveAtLatestMs: parts.saveAtLatestMs ?? 30_000,
      others: (limit) =>
        facts.missing(allFacts(), limit).map((fact) => ({
          text: fact.knowledge,
          take: (vector) => facts.setVector(fact, vector),
        })),
    });
  }

  function* allFacts() {
    yield* store.state.userKnowledge;
    for (const list of store.state.assistantKnowledge.values()) yield* list;
  }

  function readAll(): void {
    const into = index;
    long = new Set();
    const pieces = readPages(into, store.state, readLater);
    later = pieces.next().done === true ? null : [];
    if (later === null) {
      keeper.start();
      return;
    }
    reading = readOn(into, pieces);
  }

  async function readOn(into: PageIndex, pieces: Iterator<void>): Promise<void> {
    do {
      await nextTurn();
      if (closed || index !== into) return;
    } while (pieces.next().done !== true);
    const missed = later ?? [];
    later = null;
    keeper.start();
    for (const operation of missed) apply(operation);
  }

  function readLater(page: Page): void {
    long.add(page.id);
    readingLong ??= readLong().finally(() => {
      readingLong = null;
    });
  }

  /** Reads long pages, a piece a turn of the event loop. A search does not wait for them. */
  async function readLong(): Promise<void> {
    await nextTurn();
    for (let [id] = long; id !== undefined && !closed; [id] = long) {
      const into = index;
      const page = findPage(store.state, id);
      if (page !== undefined) {
        for (const _ of into.addInPieces(page)) {
          await nextTurn();
          if (closed || index !== into) break;
        }
      }
      if (index !== into) continue;
      if (page !== undefined && !closed) placeRead(id);
      long.delete(id);
    }
  }

  /** A page that was read while the memory went on is now where the memory has it. */
  function placeRead(id: PageId): void {
    const { state } = store;
    const page = findPage(state, id);
    if (page === undefined) {
      removePage(id);
      return;
    }
    const segment = state.segmentOfPage.get(id);
    if (segment !== undefined) index.place(id, segment);
    if (page.chain_id !== null) index.chain(id, page.chain_id);
    keeper.pageAdded(id);
  }

  async function allRead(): Promise<void> {
    while (later !== null) {
      if (closed) throw new MemoryError('STORE_CLOSED', 'This memory is closed. Open it again.');
      await reading;
    }
  }

  function follow(change: StoreChange): void {
    if (change.kind === 'operations') {
      if (later !== null) later.push(...change.operations);
      else for (const operation of change.operations) apply(operation);
      return;
    }
    const before = keeper;
    index = new PageIndex();
    pageSearch = new PageSearch(index);
    facts.clear();
    keeper = newKeeper();
    readAll();
    void before.close();
  }

  function removePage(id: PageId): void {
    const row = index.remove(id);
    if (row !== undefined) keeper.pageGone(id, row);
    if (index.wasteful) keeper.vectors.table?.compact(index.compact());
  }

  /** The operation has been applied to the state already, and so may later ones of its transaction. */
  function apply(operation: Operation): void {
    switch (operation.op) {
      case 'page_added':
        if (index.has(operation.page.id)) return;
        if (isLong(operation.page)) {
          readLater(operation.page);
          return;
        }
        index.add(operation.page);
        if (operation.segment_id !== null) index.place(operation.page.id, operation.segment_id);
        keeper.pageAdded(operation.page.id);
        return;
      case 'page_migrated':
        index.place(operation.page_id, operation.segment_id);
        index.chain(operation.page_id, operation.chain_id);
        keeper.segmentChanged(operation.segment_id);
        return;
      case 'segment_put':
        index.segments.describe(operation.head);
        keeper.segmentChanged(operation.head.id);
        return;
      case 'page_forgotten':
        removePage(operation.page_id);
        return;
      case 'segment_archived':
        for (const id of index.pagesIn(operation.segment_id)) removePage(id);
        index.segments.forget(operation.segment_id);
        keeper.segmentGone(operation.segment_id);
        return;
      case 'segment_removed':
        index.segments.forget(operation.segment_id);
        keeper.segmentGone(operation.segment_id);
        return;
      case 'fact_put':
        keeper.wake();
        return;
      case 'fact_removed':
        facts.forget(operation.fact_id);
        return;
      default:
        // The others change nothing that is searched.
        return;
    }
  }

  async function search(query: RetrievalQuery): Promise<RetrievedContext> {
    const notices: string[] = [];
    await allRead();
    const vector = await queryVector(query, {
      embedder,
      health,
      dimensions: keeper.vectors.table?.dimensions ?? null,
      maxMs: parts.queryVectorMaxMs ?? 5000,
      notices,
    });
    if (notices.length === 0 && keeper.missing > 0 && !embedder.immediate) {
      notices.push(
        `${keeper.missing} of ${index.pages} pages have no vector yet and are found by words only.`,
      );
    }
    if (long.size > 0) notices.push(`${long.size} very long exchanges are still being read for the search.`);
    const { state } = store;
    const read = readQuery(query.text, query.nowMs, parts.timeZone ?? 'UTC', index);
    const { relevanceMin = 0 } = query;
    const found = pageSearch.search(read, {
      vector,
      table: keeper.vectors.table,
      vectorsMean: embedder.knowsMeaning,
      pagesMax: query.pagesMax,
      relevanceMin,
      allows: filterOf(query),
      project: query.project,
      weights: parts.weights,
    });
    const coverage = new Coverage(read.informative, index);
    const factsOf = (owner: AssistantId | null) =>
      facts.search(
        owner === null ? state.userKnowledge : (state.assistantKnowledge.get(owner) ?? []),
        read,
        coverage,
        vector,
        relevanceMin,
      );
    const user = factsOf(null);
    const assistant = factsOf(query.assistantId);
    return {
      pages: found.best.flatMap(({ id, score, features, question, signals }): RankedPage[] => {
        const page = findPage(state, id);
        if (page === undefined) return [];
        const segmentId = state.segmentOfPage.get(id) ?? null;
        return [{ page, segmentId, chainSummary: page.meta_info, score, features, question, signals }];
      }),
      userFacts: bestAndPinned(user.best, query.factsMax),
      assistantFacts: bestAndPinned(assistant.best, query.factsMax),
      pagesFound: found.found,
      userFactsFound: user.found,
      assistantFactsFound: assistant.found,
      about: new Map(read.terms.map((term) => [term, index.worthOf(term)])),
      timeOnly: read.timeOnly,
      notices,
    };
  }

  function atHand(project?: string): readonly Page[] {
    return pagesAtHand(store.state.shortTerm, parts.shortTermCapacityPages, project);
  }

  const unsubscribe = store.subscribe(follow);
  readAll();

  return {
    search,
    segmentVector: (id) => keeper.vectors.summaryVector(id),
    status: () => ({
      embedder: embedder.model,
      dimensions: keeper.vectors.table?.dimensions ?? embedder.dimensions,
      vectors: keeper.vectors.table?.count ?? 0,
      vectorsMissing: keeper.missing - atHand().filter((page) => keeper.waits(page.id)).length,
      lastError: health.lastError,
    }),
    async loaded() {
      await allRead();
      await keeper.loaded();
    },
    async settled() {
      await allRead();
      await readingLong;
      await keeper.settled();
    },
    async close() {
      if (closed) return;
      closed = true;
      unsubscribe();
      await reading;
      await readingLong;
      await keeper.close();
    },
  };
}

/** Which pages a query asks for at all; undefined for every page. */
function filterOf({
  sinceMs = Number.NEGATIVE_INFINITY,
  untilMs = Number.POSITIVE_INFINITY,
}: RetrievalQuery): ((timeMs: number) => boolean) | undefined {
  if (sinceMs === Number.NEGATIVE_INFINITY && untilMs === Number.POSITIVE_INFINITY) return undefined;
  return (timeMs) => timeMs >= sinceMs && timeMs <= untilMs;
}
