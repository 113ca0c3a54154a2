import type { ChainId, FactId, PageId, SegmentId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { SegmentHead } from '../model/segment.js';
import type { TextReading } from './meaning-reader.js';
import type { TimeSpan } from './store.js';

/** What a page is searched by. The same page gives the same terms in every memory. */
export interface PageTerms {
  /** Of its Latin-script words. */
  readonly language: string;
  /** What each side says, in order, with repetitions. */
  readonly user: readonly string[];
  readonly agent: readonly string[];
  /** Each once: exact names and code, which count as there and nothing in the page's length. */
  readonly beside: readonly string[];
  /** Whether the page says when something was. */
  readonly namesTime: boolean;
}

/** Reads a page for the search: given to a store that keeps its own postings, and called inside its transaction. */
export type ReadPageTerms = (page: Page) => PageTerms;

/** In how many pages a term is. */
export interface TermCount {
  readonly pages: number;
  /** In how many of them each side says it. */
  readonly saidByUser: number;
  readonly saidByAgent: number;
}

/** What is known of the whole memory, of all pages in short-term and mid-term memory together. */
export interface IndexStatistics {
  readonly pages: number;
  /** Words of all pages by side, with repetitions. */
  readonly words: { readonly user: number; readonly agent: number };
  /** Pages by the language of their words. */
  readonly languages: ReadonlyMap<string, number>;
  /** Pages that were said in a project. */
  readonly inProjects: number;
  /** Of the terms asked for; those that no page has are left out. */
  readonly terms: ReadonlyMap<string, TermCount>;
}

/** A term to look for and what it counts: its weight times its rarity. */
export interface WorthyTerm {
  readonly term: string;
  readonly worth: number;
}

export interface CandidateNeed {
  readonly terms: readonly WorthyTerm[];
  /** Of the question, norm 1, and the model that made it; null: by words only. */
  readonly meaning: { readonly model: string; readonly vector: Float32Array } | null;
  /** Times that the question names: the pages nearest to each, those inside it first. */
  readonly spans: readonly TimeSpan[];
  /** Only pages of this time; null: of any. */
  readonly within: TimeSpan | null;
  /** So many by each way (words, vector, spans), before those beside them. */
  readonly limit: number;
}

/** A page as ranking sees it. */
export interface CandidatePage {
  readonly id: PageId;
  readonly atMs: number;
  readonly segmentId: SegmentId | null;
  readonly chainId: ChainId | null;
  readonly project: string | null;
  readonly terms: PageTerms;
  /** Null where it has not been read by meaning. */
  readonly vector: Float32Array | null;
  readonly pieces: Uint8Array | null;
}

export interface Candidates {
  /**
   * The pages that fit best by words (BM25 over their own words), by the vector and by the spans, and the pages
   * directly before and after each of these in the order of their times. In the order of their times, then ids.
   */
  readonly pages: readonly CandidatePage[];
  /** The cosine of all pages that have a vector with the question's; null where none was asked for or none has one. */
  readonly nearness: { readonly pages: number; readonly mean: number; readonly deviation: number } | null;
  /** Of the segments that the candidates are in. */
  readonly heads: readonly SegmentHead[];
  /** Of the facts that have a vector; empty where none was asked for. */
  readonly facts: ReadonlyMap<FactId, Float32Array>;
}

/** What has not been read by meaning yet. */
export interface Unread {
  /** Newest first. */
  readonly pages: readonly Page[];
  readonly facts: readonly Fact[];
}

/** Searches one memory where it is stored, so that no process has to hold it. */
export interface MemoryIndex {
  statistics(terms: readonly string[]): Promise<IndexStatistics>;
  /** Whether any page was said within each of the spans. */
  holds(spans: readonly TimeSpan[]): Promise<boolean[]>;
  candidates(need: CandidateNeed): Promise<Candidates>;
  /** Terms of the memory at most so many edits from one that no page has, the nearest, then the most frequent first. */
  spellings(term: string, editsMax: number, most: number): Promise<string[]>;
  /** Pages and facts that have no vector of this model yet, at most so many of each. */
  unread(model: string, most: number): Promise<Unread>;
  /** How many pages have a vector of this model, and how many wait. */
  vectorCounts(model: string): Promise<{ readonly vectors: number; readonly missing: number }>;
  /** Keeps what was made of pages and facts; of those that have gone meanwhile nothing. */
  keepReadings(model: string, readings: ReadonlyMap<PageId | FactId, TextReading>): Promise<void>;
}
