import type { ChainId, FactId, PageId, SegmentId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { SegmentHead } from '../model/segment.js';
import type { TextReading } from './meaning-reader.js';
import type { TimeSpan } from './store.js';

/** The search terms of a page. The same page gives the same terms in every memory. */
export interface PageTerms {
  /** Language of the page's Latin-script words. */
  readonly language: string;
  /** Terms of each side, in order, with repetitions. */
  readonly user: readonly string[];
  readonly agent: readonly string[];
  /** Exact names and terms of code, each once. They match, but do not count in the page's length. */
  readonly beside: readonly string[];
  /** Whether the page says when something happened. */
  readonly namesTime: boolean;
}

/** Reads the search terms of a page. A store that keeps its own postings calls it inside its transaction. */
export type ReadPageTerms = (page: Page) => PageTerms;

/** The number of pages that contain a term. */
export interface TermCount {
  readonly pages: number;
  /** The number of these pages in which each side says it. */
  readonly saidByUser: number;
  readonly saidByAgent: number;
}

/** Statistics over all pages of short-term and mid-term memory. */
export interface IndexStatistics {
  readonly pages: number;
  /** Words of all pages by side, with repetitions. */
  readonly words: { readonly user: number; readonly agent: number };
  /** Number of pages by language. */
  readonly languages: ReadonlyMap<string, number>;
  /** Number of pages that have a project. */
  readonly inProjects: number;
  /** Counts of the terms asked for. Terms that no page contains are absent. */
  readonly terms: ReadonlyMap<string, TermCount>;
}

/** A term to look for, and its weight multiplied by its rarity. */
export interface WorthyTerm {
  readonly term: string;
  readonly worth: number;
}

export interface CandidateNeed {
  readonly terms: readonly WorthyTerm[];
  /** Vector of the question (norm 1) and its model; null: search by words only. */
  readonly meaning: { readonly model: string; readonly vector: Float32Array } | null;
  /** Times the question names. The search returns the pages nearest to each, those inside it first. */
  readonly spans: readonly TimeSpan[];
  /** Restricts the search to pages of this time; null: no restriction. */
  readonly within: TimeSpan | null;
  /** The maximum for each way of searching (words, vector, spans), before neighbours are added. */
  readonly limit: number;
}

/** A page with what ranking needs. */
export interface CandidatePage {
  readonly id: PageId;
  readonly atMs: number;
  readonly segmentId: SegmentId | null;
  readonly chainId: ChainId | null;
  readonly project: string | null;
  readonly terms: PageTerms;
  /** Null when the page has no vector yet. */
  readonly vector: Float32Array | null;
  readonly pieces: Uint8Array | null;
}

export interface Candidates {
  /**
   * The best pages by words (BM25 over their own words), by vector and by spans, each with the pages directly
   * before and after it in time. Sorted by time, then by id.
   */
  readonly pages: readonly CandidatePage[];
  /**
   * Mean and deviation of the cosine between the question and all pages with a vector; null when the question
   * has no vector or no page has one.
   */
  readonly nearness: { readonly mean: number; readonly deviation: number } | null;
  /** Heads of the candidates' segments. */
  readonly heads: readonly SegmentHead[];
  /** Vectors of the facts asked for that have one. */
  readonly facts: ReadonlyMap<FactId, Float32Array>;
}

/** Pages and facts without vectors. */
export interface Unread {
  /** Newest first. */
  readonly pages: readonly Page[];
  readonly facts: readonly Fact[];
}

/** Searches one memory where it is stored, so that no process has to load it. */
export interface MemoryIndex {
  statistics(terms: readonly string[]): Promise<IndexStatistics>;
  /** For each span, whether it contains a page. */
  holds(spans: readonly TimeSpan[]): Promise<boolean[]>;
  candidates(need: CandidateNeed): Promise<Candidates>;
  /**
   * Terms of the memory within `editsMax` edits of a term that no page contains: nearest first, then most
   * frequent first.
   */
  spellings(term: string, editsMax: number, most: number): Promise<string[]>;
  /** Pages and facts that have no vector of this model yet, at most `most` of each. */
  unread(model: string, most: number): Promise<Unread>;
  /** How many pages have a vector of this model, and how many do not. */
  vectorCounts(model: string): Promise<{ readonly vectors: number; readonly missing: number }>;
  /** Stores the vectors of pages and facts. Those that have been removed meanwhile are ignored. */
  keepReadings(model: string, readings: ReadonlyMap<PageId | FactId, TextReading>): Promise<void>;
}
