import type { AssistantId, SegmentId } from '../model/ids.js';
import type { Fact, KnownFacts } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { Clock } from '../ports/clock.js';
import type { Embedder } from '../ports/embedder.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import type { ModelChanges } from '../ports/model-changes.js';
import type { Reporter } from '../ports/reporter.js';
import type { Weights } from './fusion.js';
import type { PageFeatures, QuestionFeatures } from './relevance.js';

export interface RetrieverParts {
  /** Embeds summaries of segments, to find the segments that topics join. */
  readonly embedder: Embedder;
  /** Reads pages, facts and questions by meaning; null: search uses only words. */
  readonly reader: MeaningReader | null;
  readonly clock: Clock;
  /** The newest pages of short-term memory need no vector, because their words find them. */
  readonly shortTermCapacityPages: number;
  /** Whether this process reads new pages by meaning by itself; default true. Otherwise `settled` does it. */
  readonly readsInBackground?: boolean | undefined;
  /** Receives reports of background work. */
  readonly report?: Reporter;
  /** Delay before a segment's vectors are saved. */
  readonly saveDelayMs?: number;
  /** Maximum delay while changes continue. */
  readonly saveAtLatestMs?: number;
  /** First wait after the embedder failed; doubles up to a minute. */
  readonly retryBaseMs?: number;
  /** Replaces the weights of signals, to measure the effect of each. */
  readonly weights?: Weights | undefined;
  readonly modelChanges?: ModelChanges | undefined;
  /** The user's time zone, for relative times. Default: UTC. */
  readonly timeZone?: string | undefined;
  /** Maximum time to wait for the query's vector before the search continues with words only. */
  readonly queryVectorMaxMs?: number;
}

export interface RetrievalQuery {
  readonly text: string;
  /** The time of the query; relative dates refer to it. */
  readonly nowMs: number;
  readonly pagesMax: number;
  readonly factsMax: number;
  readonly assistantId: AssistantId;
  /**
   * Minimum relevance of pages and facts. `fitted`: a threshold that hardly ever removes the right page of an
   * answerable question. Absent: the nearest are returned.
   */
  readonly relevanceMin?: number | 'fitted' | undefined;
  /** Only pages of this time or later, or earlier. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** The current project; absent when there is none. */
  readonly project?: string | undefined;
  /** The facts to search, if already loaded; absent: those of the index. */
  readonly facts?: KnownFacts | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RankedPage {
  readonly page: Page;
  /** Null for a page that waits in short-term memory. */
  readonly segmentId: SegmentId | null;
  /** Running summary of its dialogue chain. */
  readonly chainSummary: string;
  /** The probability that the page helps to answer, in (0, 1]; pages are in descending order of it. */
  readonly score: number;
  /** The features from which the score was computed. */
  readonly features: PageFeatures;
  readonly question: QuestionFeatures;
  /** The value of each signal. */
  readonly signals: Readonly<Record<string, number>>;
}

export interface RankedFact {
  readonly fact: Fact;
  /** The probability that the fact helps to answer. */
  readonly score: number;
}

export interface RetrievedContext {
  /** Best first. */
  readonly pages: readonly RankedPage[];
  readonly userFacts: readonly RankedFact[];
  readonly assistantFacts: readonly RankedFact[];
  readonly pagesFound: number;
  readonly userFactsFound: number;
  readonly assistantFactsFound: number;
  /**
   * The fitted threshold of this question, independent of the request; above 1 when the memory has no answer.
   */
  readonly relevanceFloor: number;
  /** The subject of the question: terms with their weights, for choosing passages. */
  readonly about: ReadonlyMap<string, number>;
  /** The question names a time and no other subject. */
  readonly timeOnly: boolean;
  /** Deviations from normal service, such as a missing embedder or missing vectors. Usually empty. */
  readonly notices: readonly string[];
}

/** The name of the index when no model reads pages. */
export const wordsOnly = 'words';

export interface IndexStatus {
  /** The model that reads pages; "words" when there is none. */
  readonly embedder: string;
  readonly dimensions: number;
  readonly vectors: number;
  readonly vectorsMissing: number;
  /** The model's last error; null while it works. */
  readonly lastError: string | null;
}

/**
 * Finds pages and facts. It subscribes to the store, so its indexes follow the state. Pages without a vector
 * are found by their words.
 */
export interface Retriever {
  search(query: RetrievalQuery): Promise<RetrievedContext>;
  /** Vector of the segment's present summary, if there is one. */
  segmentVector(id: SegmentId): Float32Array | undefined;
  status(): IndexStatus;
  /** Resolves when the vectors that are saved are in memory; until then search goes by words. */
  loaded(): Promise<void>;
  /** Resolves when every vector is computed and saved, or cannot be for now. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
