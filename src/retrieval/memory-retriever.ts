import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryError } from '../model/errors.js';
import type { PageId, SegmentId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import { allFacts, findPage, knownFacts } from '../model/user-state.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import type { UserStore } from '../ports/memory-store.js';
import type { StoreChange } from '../ports/store.js';
import { pagesAtHand } from '../tiers/queue.js';
import { FactSearch } from './fact-search.js';
import { EmbedderHealth } from './index/embedder-health.js';
import { embeddedText, isLong, PageIndex } from './index/page-index.js';
import { readPages } from './index/read-pages.js';
import { VectorKeeper } from './index/vector-keeper.js';
import { SpeakerNames } from './meaning/speaker-names.js';
import { type Meaning, PageSearch } from './page-search.js';
import { readQuery } from './query.js';
import { questionReading } from './question-reading.js';
import { contextOf, rank } from './ranking.js';
import {
  type IndexStatus,
  type RankedPage,
  type RetrievalQuery,
  type RetrievedContext,
  type Retriever,
  type RetrieverParts,
  wordsOnly,
} from './retriever.js';

export interface MemoryRetrieverParts extends RetrieverParts {
  /** A completely loaded memory. The index follows its changes. */
  readonly store: UserStore;
}

/** The indexes of one state. All are replaced when the state is replaced. */
interface Indexes {
  readonly pages: PageIndex;
  readonly search: PageSearch;
  readonly keeper: VectorKeeper;
}

/**
 * A retriever for one user's loaded memory. It reads the state at once, a large state piece by piece; a
 * search waits until this is done. It computes vectors in the background, unless `readsInBackground` is false.
 */
export class MemoryRetriever implements Retriever {
  readonly #parts: MemoryRetrieverParts;
  readonly #store: UserStore;
  readonly #reader: MeaningReader | null;
  readonly #health: EmbedderHealth;
  readonly #facts = new FactSearch();
  readonly #names = new SpeakerNames();
  readonly #unsubscribe: () => void;
  #indexes: Indexes;
  #closed = false;
  /** Changes that arrive while pages are still being read; null when all pages are read. */
  #later: Operation[] | null = null;
  #reading: Promise<void> = Promise.resolve();
  /** Long pages that are still to be read, and the work that reads them. */
  #long = new Set<PageId>();
  #readingLong: Promise<void> | null = null;

  constructor(parts: MemoryRetrieverParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#reader = parts.reader;
    this.#health = new EmbedderHealth({ ...parts, report: parts.report ?? (() => undefined) });
    this.#indexes = this.#newIndexes();
    this.#unsubscribe = this.#store.subscribe((change) => this.#follow(change));
    this.#readAll();
  }

  async search(query: RetrievalQuery): Promise<RetrievedContext> {
    await this.#allRead();
    const notices: string[] = [];
    const meaning = await this.#meaningOf(query, notices);
    if (this.#long.size > 0) {
      notices.push(`${this.#long.size} very long exchanges are still being read for the search.`);
    }
    // Reading a long question and ranking take one turn of the event loop. The work before them had its own
    // turn.
    await nextTurn();
    const { pages: index, search } = this.#indexes;
    const { state } = this.#store;
    const read = readQuery(query.text, query.nowMs, this.#parts.timeZone ?? 'UTC', index, [
      this.#store.userId,
      query.assistantId,
    ]);
    const ranking = rank({
      read,
      query,
      index,
      search,
      facts: this.#facts,
      factsOf: (owner) => knownFacts(state, owner) ?? [],
      meaning,
      weights: this.#parts.weights,
    });
    return contextOf(ranking, (id) => this.#placed(id), notices);
  }

  segmentVector(id: SegmentId): Float32Array | undefined {
    return this.#indexes.keeper.vectors.summaryVector(id);
  }

  status(): IndexStatus {
    const { keeper } = this.#indexes;
    const { table } = keeper.vectors;
    return {
      embedder: this.#reader?.model ?? wordsOnly,
      dimensions: table?.dimensions ?? this.#reader?.dimensions ?? 0,
      vectors: table?.count ?? 0,
      vectorsMissing: keeper.missing - this.#atHand().filter((page) => keeper.waits(page.id)).length,
      lastError: this.#health.lastError,
    };
  }

  async loaded(): Promise<void> {
    await this.#allRead();
    await this.#indexes.keeper.loaded();
  }

  async settled(): Promise<void> {
    await this.#allRead();
    await this.#readingLong;
    await this.#indexes.keeper.settled();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    await this.#reading;
    await this.#readingLong;
    await this.#indexes.keeper.close();
  }

  #newIndexes(): Indexes {
    const pages = new PageIndex();
    const {
      saveDelayMs = 500,
      saveAtLatestMs = 30_000,
      readsInBackground = true,
      report = () => undefined,
    } = this.#parts;
    const keeper = new VectorKeeper({
      store: this.#store,
      embedder: this.#parts.embedder,
      reader: this.#reader,
      clock: this.#parts.clock,
      index: pages,
      health: this.#health,
      readsInBackground,
      report,
      saveDelayMs,
      saveAtLatestMs,
      textOf: (page) => this.#textOf(page),
      others: (limit) =>
        this.#facts.missing(allFacts(this.#store.state), limit).map((fact) => ({
          text: fact.knowledge,
          take: ({ vector }) => this.#facts.setVector(fact, vector),
        })),
    });
    return { pages, search: new PageSearch(pages), keeper };
  }

  /** The text of a page for the reader. */
  #textOf(page: Page): string {
    return this.#reader?.wantsNames === true ? this.#namesNow().textOf(page) : embeddedText(page);
  }

  #namesNow(): SpeakerNames {
    const { pages, keeper } = this.#indexes;
    if (this.#names.learn(this.#allPages(), pages.pages) && this.#reader?.wantsNames === true)
      keeper.readAgain();
    return this.#names;
  }

  *#allPages(): Generator<Page> {
    const { state } = this.#store;
    for (const segment of state.segments.values()) yield* segment.pages;
    yield* state.shortTerm;
  }

  #readAll(): void {
    const indexes = this.#indexes;
    this.#long = new Set();
    const pieces = readPages(indexes.pages, this.#store.state, (page) => this.#readLater(page));
    this.#later = pieces.next().done === true ? null : [];
    if (this.#later === null) indexes.keeper.start();
    else this.#reading = this.#readOn(indexes, pieces);
  }

  async #readOn(indexes: Indexes, pieces: Iterator<void>): Promise<void> {
    do {
      await nextTurn();
      if (this.#closed || this.#indexes !== indexes) return;
    } while (pieces.next().done !== true);
    const missed = this.#later ?? [];
    this.#later = null;
    indexes.keeper.start();
    for (const operation of missed) this.#apply(operation);
  }

  #readLater(page: Page): void {
    this.#long.add(page.id);
    this.#readingLong ??= this.#readLong().finally(() => {
      this.#readingLong = null;
    });
  }

  /** Reads long pages, one piece in each turn of the event loop. A search does not wait for it. */
  async #readLong(): Promise<void> {
    await nextTurn();
    for (let [id] = this.#long; id !== undefined && !this.#closed; [id] = this.#long) {
      const indexes = this.#indexes;
      const page = findPage(this.#store.state, id);
      if (page !== undefined) {
        for (const _ of indexes.pages.addInPieces(page)) {
          await nextTurn();
          if (this.#closed || this.#indexes !== indexes) break;
        }
      }
      if (this.#indexes !== indexes) continue;
      if (page !== undefined && !this.#closed) this.#placeRead(id);
      this.#long.delete(id);
    }
  }

  /** Sets the current segment and chain of a page that was read in the background. */
  #placeRead(id: PageId): void {
    const { pages, keeper } = this.#indexes;
    const { state } = this.#store;
    const page = findPage(state, id);
    if (page === undefined) {
      this.#removePage(id);
      return;
    }
    const segment = state.segmentOfPage.get(id);
    if (segment !== undefined) pages.place(id, segment);
    if (page.chain_id !== null) pages.chain(id, page.chain_id);
    keeper.pageAdded(id);
  }

  async #allRead(): Promise<void> {
    while (this.#later !== null) {
      if (this.#closed) throw new MemoryError('STORE_CLOSED', 'This memory is closed. Open it again.');
      await this.#reading;
    }
  }

  #follow(change: StoreChange): void {
    if (change.kind === 'operations') {
      if (this.#later !== null) this.#later.push(...change.operations);
      else for (const operation of change.operations) this.#apply(operation);
      return;
    }
    const before = this.#indexes.keeper;
    this.#facts.clear();
    this.#indexes = this.#newIndexes();
    this.#readAll();
    void before.close();
  }

  /**
   * Updates the indexes after an operation. The operation has already been applied to the state. Later
   * operations of the same transaction may have been applied, too.
   */
  #apply(operation: Operation): void {
    const { pages, keeper } = this.#indexes;
    switch (operation.op) {
      case 'page_added':
        if (pages.has(operation.page.id)) return;
        if (isLong(operation.page)) {
          this.#readLater(operation.page);
          return;
        }
        pages.add(operation.page);
        if (operation.segment_id !== null) pages.place(operation.page.id, operation.segment_id);
        keeper.pageAdded(operation.page.id);
        return;
      case 'page_migrated':
        pages.place(operation.page_id, operation.segment_id);
        pages.chain(operation.page_id, operation.chain_id);
        keeper.segmentChanged(operation.segment_id);
        return;
      case 'segment_put':
        pages.segments.describe(operation.head);
        keeper.segmentChanged(operation.head.id);
        return;
      case 'page_forgotten':
        this.#removePage(operation.page_id);
        return;
      case 'segment_archived':
        for (const id of pages.pagesIn(operation.segment_id)) this.#removePage(id);
        pages.segments.forget(operation.segment_id);
        keeper.segmentGone(operation.segment_id);
        return;
      case 'segment_removed':
        pages.segments.forget(operation.segment_id);
        keeper.segmentGone(operation.segment_id);
        return;
      case 'fact_put':
        keeper.wakeSoon();
        return;
      case 'fact_removed':
        this.#facts.forget(operation.fact_id);
        return;
      default:
        // The other operations change nothing that a search uses.
        return;
    }
  }

  #removePage(id: PageId): void {
    const { pages, keeper } = this.#indexes;
    const row = pages.remove(id);
    if (row !== undefined) keeper.pageGone(id, row);
    if (pages.wasteful) keeper.vectors.compact(pages.compact());
  }

  /** The vectors for a query; null if search uses only words. `notices` then has the reason. */
  async #meaningOf(query: RetrievalQuery, notices: string[]): Promise<Meaning | null> {
    const reader = this.#reader;
    const { keeper, pages } = this.#indexes;
    if (reader === null) return null;
    const question = await questionReading(query, {
      reader,
      health: this.#health,
      dimensions: keeper.vectors.table?.dimensions ?? null,
      maxMs: this.#parts.queryVectorMaxMs ?? 5000,
      asked: (text) =>
        reader.wantsNames
          ? this.#namesNow().asked(text, { user: this.#store.userId, agent: query.assistantId })
          : text,
      notices,
    });
    if (notices.length === 0 && keeper.missing > 0 && !this.#isHardlyBehind()) {
      notices.push(
        `${keeper.missing} of ${pages.pages} pages have no vectors yet and are found only by their words.`,
      );
    }
    const { table, pieces } = keeper.vectors;
    return question === null || table === null ? null : { question, table, pieces };
  }

  /** Whether only pages at hand lack vectors. These pages are shown in any case. */
  #isHardlyBehind(): boolean {
    return this.status().vectorsMissing === 0;
  }

  #placed(id: PageId): Pick<RankedPage, 'page' | 'segmentId'> | undefined {
    const { state } = this.#store;
    const page = findPage(state, id);
    return page && { page, segmentId: state.segmentOfPage.get(id) ?? null };
  }

  #atHand(): readonly Page[] {
    return pagesAtHand(this.#store.state.shortTerm, this.#parts.shortTermCapacityPages);
  }
}
