import { messageOf } from '../../model/errors.js';
import type { FactId, PageId } from '../../model/ids.js';
import { type Fact, factsAbout } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import type { MeaningReader, TextReading } from '../../ports/meaning-reader.js';
import type {
  CandidateNeed,
  Candidates,
  IndexStatistics,
  MemoryIndex,
  Unread,
} from '../../ports/memory-index.js';
import type { StoreChange, StoredMemory, TimeSpan } from '../../ports/store.js';
import { FactSearch } from '../fact-search.js';
import { EmbedderHealth } from '../index/embedder-health.js';
import { embeddedText, PageIndex } from '../index/page-index.js';
import { PieceTable } from '../index/piece-table.js';
import { VectorTable } from '../index/vector-table.js';
import { SpeakerNames } from '../meaning/speaker-names.js';
import { type Meaning, PageSearch } from '../page-search.js';
import { type ReadQuery, readQuery } from '../query.js';
import { questionReading } from '../question-reading.js';
import { contextOf, rank } from '../ranking.js';
import {
  type IndexStatus,
  type RetrievalQuery,
  type RetrievedContext,
  type Retriever,
  type RetrieverParts,
  wordsOnly,
} from '../retriever.js';
import type { Span } from '../signals/dates.js';
import { AskedVocabulary } from './asked-vocabulary.js';

/** Number of candidates from each way of searching. With their neighbours this gives about 400 pages. */
const candidatesByWay = 100;
/**
 * The search takes the rarest terms first. It stops when the terms occur on this many pages for each
 * candidate.
 */
const pagesByCandidate = 20;
const textsAtOnce = 32;
/**
 * Maximum number of new pages and facts kept in memory for reading. Further ones are fetched from the store
 * later.
 */
const freshMax = 1000;
const retryMs = 5_000;
/** Pages that were left unread are read this long after opening. */
const catchUpAfterMs = 1_000;
/** While no vector is missing, the vectors are counted again after this time. */
const countEveryMs = 60_000;

export interface CandidateRetrieverParts extends RetrieverParts {
  readonly store: StoredMemory;
  /** The index in the store, which does the search. */
  readonly index: MemoryIndex;
  /** Number of candidates from each way of searching. */
  readonly candidatesMax?: number;
}

/**
 * A retriever for a memory that this process does not load. It gets statistics and candidates from the
 * store's index. It ranks the candidates with the statistics of the complete memory. It keeps no pages
 * between two questions.
 * Each process computes the vectors of the pages and facts that it added itself, so that processes that have
 * the same memory open do not read the same pages. Pages that no process has read are read when the memory is
 * opened and when `settled` is called.
 */
export class CandidateRetriever implements Retriever {
  readonly #parts: CandidateRetrieverParts;
  readonly #reader: MeaningReader | null;
  readonly #health: EmbedderHealth;
  readonly #names = new SpeakerNames();
  readonly #unsubscribe: () => void;
  readonly #closing = new AbortController();
  #reading: Promise<void> | null = null;
  /** Pages and facts that this process added and has not read yet. */
  #fresh: { pages: Page[]; facts: Fact[] } = { pages: [], facts: [] };
  /** Whether to fetch pages and facts that no process has read. */
  #isBehind = false;
  #retry: NodeJS.Timeout | undefined;
  #counts = { vectors: 0, missing: 0 };
  #countedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CandidateRetrieverParts) {
    this.#parts = parts;
    this.#reader = parts.reader;
    this.#health = new EmbedderHealth({ ...parts, report: parts.report ?? (() => undefined) });
    this.#unsubscribe = parts.store.subscribe((change) => this.#follow(change));
    // Later, because the memory was probably opened for a question.
    this.#isBehind = this.#readsInBackground;
    if (this.#isBehind) this.#retry = setTimeout(() => this.#wake(), catchUpAfterMs).unref();
  }

  get #readsInBackground(): boolean {
    return this.#parts.readsInBackground ?? true;
  }

  async search(query: RetrievalQuery): Promise<RetrievedContext> {
    const { index: memory, store, timeZone = 'UTC', weights } = this.#parts;
    const notices: string[] = [];
    const index = new PageIndex();
    const vocabulary = new AskedVocabulary(memory, index.words);
    const people = [store.userId, query.assistantId];
    const [read, question] = await Promise.all([
      vocabulary.reading(() => readQuery(query.text, query.nowMs, timeZone, vocabulary, people)),
      this.#questionOf(query, notices),
    ]);
    const { whole } = vocabulary;
    const model = this.#reader?.model ?? wordsOnly;
    const limit = this.#parts.candidatesMax ?? candidatesByWay;
    const need: CandidateNeed = {
      terms: termsOf(read, vocabulary, index, limit),
      meaning: question === null ? null : { model, vector: question.vector },
      spans: read.spans.map(asTimeSpan),
      within: withinOf(query),
      limit,
    };
    const [candidates, facts, missing] = await Promise.all([
      memory.candidates(need),
      query.facts ?? store.read({ facts: [null, query.assistantId] }).then((known) => known.facts),
      question === null ? 0 : this.#missing(),
    ]);
    const pages = new CandidatePages(index, question?.vector.length ?? 0);
    pages.add(candidates, whole);
    const search = new PageSearch(index);
    if (read.anchor !== null) {
      // The time of an event is the time of a page that mentions it. Such a page is known only now.
      const spans = search.spans(read).map(asTimeSpan);
      pages.add(await memory.candidates({ ...need, terms: [], meaning: null, spans }), whole);
    }
    if (missing > this.#parts.shortTermCapacityPages) {
      notices.push(
        `${missing} of ${whole.pages} pages have no vectors yet and are found only by their words.`,
      );
    }
    const meaning: Meaning | null =
      question === null || candidates.nearness === null
        ? null
        : {
            question,
            table: pages.table,
            pieces: pages.pieces,
            nearness: { ...candidates.nearness, pages: this.#counts.vectors },
          };
    const factSearch = new FactSearch();
    for (const owner of [null, query.assistantId]) {
      for (const fact of factsAbout(facts, owner)) {
        const vector = candidates.facts.get(fact.id);
        if (vector !== undefined) factSearch.setVector(fact, vector);
      }
    }
    const ranking = rank({
      read,
      query,
      index,
      search,
      facts: factSearch,
      factsOf: (owner) => factsAbout(facts, owner),
      meaning,
      weights,
    });
    const found = await store.read({ pages: ranking.found.map(({ id }) => id) });
    return contextOf(ranking, (id) => found.pages.get(id), notices);
  }

  /** Summaries that are compared with topics are embedded when needed. */
  segmentVector(): undefined {
    return undefined;
  }

  status(): IndexStatus {
    return {
      embedder: this.#reader?.model ?? wordsOnly,
      dimensions: this.#reader?.dimensions ?? 0,
      vectors: this.#counts.vectors,
      vectorsMissing: this.#counts.missing,
      lastError: this.#health.lastError,
    };
  }

  /** Updates the counts for {@link status}. */
  async loaded(): Promise<void> {
    if (this.#reader === null) return;
    this.#counts = await this.#parts.index.vectorCounts(this.#reader.model);
    this.#countedAtMs = performance.now();
  }

  /**
   * Number of pages without a vector. It is counted again after {@link countEveryMs}, and at every call while
   * more pages lack a vector than short-term memory can have.
   */
  async #missing(): Promise<number> {
    const isRecent = performance.now() - this.#countedAtMs < countEveryMs;
    if (!isRecent || this.#counts.missing > this.#parts.shortTermCapacityPages) await this.loaded();
    return this.#counts.missing;
  }

  async settled(): Promise<void> {
    this.#catchUp();
    while (this.#reading !== null) await this.#reading;
    await this.loaded();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#retry);
    this.#unsubscribe();
    await this.#reading;
  }

  async #questionOf(query: RetrievalQuery, notices: string[]) {
    const reader = this.#reader;
    if (reader === null) return null;
    return questionReading(query, {
      reader,
      health: this.#health,
      dimensions: reader.dimensions === 0 ? null : reader.dimensions,
      maxMs: this.#parts.queryVectorMaxMs ?? 5000,
      asked: (text) =>
        reader.wantsNames
          ? this.#names.asked(text, { user: this.#parts.store.userId, agent: query.assistantId })
          : text,
      notices,
    });
  }

  #follow(change: StoreChange): void {
    if (change.kind !== 'operations' || !this.#readsInBackground || this.#reader === null) return;
    const { pages, facts } = this.#fresh;
    for (const operation of change.operations) {
      if (operation.op === 'page_added') pages.push(operation.page);
      else if (operation.op === 'fact_put') facts.push(operation.fact);
    }
    if (pages.length + facts.length > freshMax) this.#catchUp();
    else if (this.#hasFresh()) this.#wake();
  }

  #catchUp(): void {
    this.#isBehind = true;
    this.#fresh = { pages: [], facts: [] };
    this.#wake();
  }

  #wake(): void {
    if (this.#reader === null || this.#closing.signal.aborted) return;
    clearTimeout(this.#retry);
    this.#reading ??= this.#readAll(this.#reader).finally(() => {
      this.#reading = null;
      if (this.#isBehind || this.#hasFresh()) this.#retry = setTimeout(() => this.#wake(), retryMs).unref();
    });
  }

  async #readAll(reader: MeaningReader): Promise<void> {
    const { index, report = () => undefined } = this.#parts;
    try {
      while (!this.#closing.signal.aborted && !this.#health.resting) {
        const unread = await this.#nextUnread(reader);
        if (unread === null) return;
        await index.keepReadings(reader.model, await this.#readingsOf(unread, reader));
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#isBehind = true;
      report(
        'warning',
        `Vectors of pages could not be computed; this will be tried again: ${messageOf(error)}`,
      );
    }
  }

  #hasFresh(): boolean {
    return this.#fresh.pages.length + this.#fresh.facts.length > 0;
  }

  /** The next pages and facts to read; null if there are none. */
  async #nextUnread(reader: MeaningReader): Promise<Unread | null> {
    const { pages, facts } = this.#fresh;
    if (this.#hasFresh()) {
      return { pages: pages.splice(0, textsAtOnce), facts: facts.splice(0, textsAtOnce) };
    }
    if (!this.#isBehind) return null;
    this.#isBehind = false;
    const unread = await this.#parts.index.unread(reader.model, textsAtOnce);
    if (unread.pages.length + unread.facts.length === 0) return null;
    this.#isBehind = true;
    return unread;
  }

  async #readingsOf(
    { pages, facts }: Unread,
    reader: MeaningReader,
  ): Promise<ReadonlyMap<PageId | FactId, TextReading>> {
    const { mark } = this.#health;
    this.#names.learn(pages, this.#counts.vectors + pages.length);
    const texts = [
      ...pages.map((page) => (reader.wantsNames ? this.#names.textOf(page) : embeddedText(page))),
      ...facts.map((fact) => fact.knowledge),
    ];
    try {
      const readings = await reader.readTexts(texts, this.#closing.signal);
      this.#health.succeeded();
      return new Map(
        [...pages, ...facts].flatMap(({ id }, i): [PageId | FactId, TextReading][] => {
          const reading = readings[i];
          return reading === undefined ? [] : [[id, reading]];
        }),
      );
    } catch (error) {
      this.#health.failed(error, mark);
      throw error;
    }
  }
}

/**
 * The terms that the store searches: the words of the question, and the words of an event that gives the
 * time. The rarest terms come first, until they occur on twenty pages for each candidate. In a large memory,
 * common words cost most of the search time, and rarer words and vectors find the same pages. The ranking
 * uses all words.
 */
function termsOf(
  read: ReadQuery,
  vocabulary: AskedVocabulary,
  { words }: PageIndex,
  limit: number,
): CandidateNeed['terms'] {
  const { terms } = vocabulary.whole;
  const asked = [...read.known, ...(read.anchor?.known ?? [])].map(({ id, weight }) => {
    const term = vocabulary.textOf(id);
    return { term, worth: weight * words.rarity(id), pages: terms.get(term)?.pages ?? 0 };
  });
  let pages = 0;
  return asked
    .sort((a, b) => a.pages - b.pages)
    .filter((term) => {
      const isWanted = pages < pagesByCandidate * limit;
      pages += term.pages;
      return isWanted;
    })
    .map(({ term, worth }) => ({ term, worth }));
}

function withinOf({ sinceMs, untilMs }: RetrievalQuery): TimeSpan | null {
  if (sinceMs === undefined && untilMs === undefined) return null;
  return { fromMs: sinceMs ?? Number.NEGATIVE_INFINITY, untilMs: untilMs ?? Number.POSITIVE_INFINITY };
}

function asTimeSpan({ startMs, endMs }: Span): TimeSpan {
  return { fromMs: startMs, untilMs: endMs };
}

/** An index of candidates, with the statistics of the complete memory. */
class CandidatePages {
  readonly table: VectorTable;
  readonly pieces = new PieceTable();
  readonly #index: PageIndex;

  constructor(index: PageIndex, dimensions: number) {
    this.#index = index;
    this.table = new VectorTable(dimensions);
  }

  /** Adds candidates. Candidates that are already in the index stay unchanged. */
  add({ pages, heads }: Candidates, whole: IndexStatistics): void {
    const index = this.#index;
    for (const head of heads) index.segments.describe(head);
    for (const page of pages) {
      if (index.has(page.id)) continue;
      const row = index.addRead(page);
      if (page.segmentId !== null) index.place(page.id, page.segmentId);
      if (page.vector?.length === this.table.dimensions) this.table.set(row, page.vector);
      if (page.pieces !== null) this.pieces.set(row, page.pieces);
    }
    index.standFor(whole);
  }
}
