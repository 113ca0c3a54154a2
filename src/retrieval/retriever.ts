import type { AssistantId, SegmentId } from '../model/ids.js';
import type { Fact, KnownFacts } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { Clock } from '../ports/clock.js';
import type { Embedder } from '../ports/embedder.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import type { ModelChanges } from '../ports/model-changes.js';
import type { Reporter } from '../ports/reporter.js';
import type { PageFeatures, QuestionFeatures } from './features.js';
import type { Weights } from './fusion.js';

export interface RetrieverParts {
  /** Embeds the summaries of segments. A topic is compared with them to find the segment that it joins. */
  readonly embedder: Embedder;
  /** Computes the vectors of pages, facts and questions; null if search uses only words. */
  readonly reader: MeaningReader | null;
  readonly clock: Clock;
  /**
   * Maximum number of pages in short-term memory. Its newest pages need no vector, because their words find
   * them.
   */
  readonly shortTermCapacityPages: number;
  /**
   * Whether this process computes the vectors of new pages in the background; default true. If false,
   * `settled` computes those that are saved.
   */
  readonly readsInBackground?: boolean | undefined;
  /** Receives reports of background work. */
  readonly report?: Reporter;
  /** Delay before a segment's vectors are saved. */
  readonly saveDelayMs?: number;
  /** Maximum delay while changes continue. */
  readonly saveAtLatestMs?: number;
  /** Wait after the first failure of the embedder; it doubles with each further failure, up to a minute. */
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
   * Minimum relevance of pages and facts. `fitted` is a threshold that hardly ever removes the right page of
   * an answerable question. If absent, the nearest pages and facts are returned.
   */
  readonly relevanceMin?: number | 'fitted' | undefined;
  /** Only pages of this time or later, or earlier. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** The current project; absent if there is none. */
  readonly project?: string | undefined;
  /** The facts to search, if they are already loaded. If absent, the facts of the index are searched. */
  readonly facts?: KnownFacts | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RankedPage {
  readonly page: Page;
  /** Null for a page that is still in short-term memory. */
  readonly segmentId: SegmentId | null;
  /** Running summary of its dialogue chain. */
  readonly chainSummary: string;
  /** The probability that the page helps to answer, in (0, 1]. Pages are in descending order of it. */
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
   * The fitted threshold for this question, independent of the requested one. It is above 1 if the memory has
   * no answer.
   */
  readonly relevanceFloor: number;
  /** Terms of the subject of the question with their weights, for choosing passages. */
  readonly about: ReadonlyMap<string, number>;
  /** The question names a time and no other subject. */
  readonly timeOnly: boolean;
  /** Deviations from normal service, such as a missing embedder or missing vectors. Usually empty. */
  readonly notices: readonly string[];
}

/** The name of the index if no model reads pages. */
export const wordsOnly = 'words';

export interface IndexStatus {
  /** The model that reads pages; "words" if there is none. */
  readonly embedder: string;
  readonly dimensions: number;
  readonly vectors: number;
  readonly vectorsMissing: number;
  /** The model's last error; null while it works. */
  readonly lastError: string | null;
}

/**
 * Finds pages and facts. It subscribes to the store, so its indexes follow the state. A page without a vector
 * is found by its words.
 */
export interface Retriever {
  search(query: RetrievalQuery): Promise<RetrievedContext>;
  /** Vector of the segment's current summary; undefined if there is none. */
  segmentVector(id: SegmentId): Float32Array | undefined;
  status(): IndexStatus;
  /** Resolves when the saved vectors are in memory. Until then, search uses only words. */
  loaded(): Promise<void>;
  /** Resolves when every vector is computed and saved, or when no more can be computed at present. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
