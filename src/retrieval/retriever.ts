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
  /** Embeds the summaries of segments, by which topics join them. */
  readonly embedder: Embedder;
  /** Reads pages, facts and questions by meaning; null: they are found by words. */
  readonly reader: MeaningReader | null;
  readonly clock: Clock;
  /** The newest pages of short-term memory wait for no vector: their words find them. */
  readonly shortTermCapacityPages: number;
  /** Where the background work says what it does. */
  readonly report?: Reporter;
  /** Wait before a segment's vectors are saved. */
  readonly saveDelayMs?: number;
  /** The longest wait, where changes come without a pause. */
  readonly saveAtLatestMs?: number;
  /** First wait after the embedder failed; doubles up to a minute. */
  readonly retryBaseMs?: number;
  /** Other weights of the signals, to measure what each gives. */
  readonly weights?: Weights | undefined;
  readonly modelChanges?: ModelChanges | undefined;
  /** The time zone of the user, by whose days relative times are read; UTC where left out. */
  readonly timeZone?: string | undefined;
  /** How long a query waits for its own vector before it goes on by words. */
  readonly queryVectorMaxMs?: number;
}

export interface RetrievalQuery {
  readonly text: string;
  /** The time the query is asked at; relative dates are resolved against it. */
  readonly nowMs: number;
  readonly pagesMax: number;
  readonly factsMax: number;
  readonly assistantId: AssistantId;
  /**
   * Pages and facts less likely to help are not found; `fitted`: the floor that costs hardly an own question its page.
   * Left out: the nearest are found, however far.
   */
  readonly relevanceMin?: number | 'fitted' | undefined;
  /** Only pages of this time or later, or earlier. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Where the question is asked; left out outside every project. */
  readonly project?: string | undefined;
  /** Those to search, where they are at hand; left out: as the index has them. */
  readonly facts?: KnownFacts | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RankedPage {
  readonly page: Page;
  /** Null for a page that waits in short-term memory. */
  readonly segmentId: SegmentId | null;
  /** Summary of its dialogue chain up to now. */
  readonly chainSummary: string;
  /** The chance that it helps to answer, in (0, 1); never rising in the order of the answer. */
  readonly score: number;
  /** What that chance was worked out from. */
  readonly features: PageFeatures;
  readonly question: QuestionFeatures;
  /** What each signal gave it. */
  readonly signals: Readonly<Record<string, number>>;
}

export interface RankedFact {
  readonly fact: Fact;
  /** The chance that it helps to answer. */
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
  /** The fitted floor of this question, whatever was asked for; above 1 where the memory has no answer. */
  readonly relevanceFloor: number;
  /** What the question is about: terms with what each is worth, for choosing passages. */
  readonly about: ReadonlyMap<string, number>;
  /** The question names a time, and nothing else that it is about. */
  readonly timeOnly: boolean;
  /** What is not as it should be: the embedder is away, vectors are missing. Mostly empty. */
  readonly notices: readonly string[];
}

/** The name of the index where no model reads pages. */
export const wordsOnly = 'words';

export interface IndexStatus {
  /** The model that reads pages; "words" where there is none. */
  readonly embedder: string;
  readonly dimensions: number;
  readonly vectors: number;
  readonly vectorsMissing: number;
  /** What the model last failed with; null while it works. */
  readonly lastError: string | null;
}

/**
 * Finds pages and facts. It subscribes to the store, so its indexes follow the state by themselves; pages
 * without a vector yet are found by their words.
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
