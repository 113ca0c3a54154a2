import type { ChangeSource, LoggedChange } from '../model/change-log.js';
import type { AssistantId, FactId, PageId, SegmentId, UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { Trait } from '../model/profile.js';
import type {
  AddResult,
  ConsolidationResult,
  ForgetResult,
  ProfileResult,
  RetrieveResult,
  SegmentSummary,
  StatsResult,
  UpdateResult,
} from '../model/results.js';
import type { DayCount } from './presenting/day-counts.js';

export interface AddInput {
  /** May be empty or absent if the other side is not. */
  readonly userInput?: string | undefined;
  readonly agentResponse?: string | undefined;
  /** ISO 8601 or `YYYY-MM-DD HH:MM:SS` (read as UTC). Default: now. */
  readonly timestamp?: string | undefined;
  readonly metaData?: JsonObject | undefined;
  /**
   * Facts that the exchange states. A refused fact is reported in the result with its reason; the exchange is
   * stored in any case.
   */
  readonly facts?: readonly NotedFact[] | undefined;
  /** The current project, such as the name of a repository. Stored as `project` in the page's meta data. */
  readonly project?: string | undefined;
  /** Another program's key of the exchange. An exchange with the same key and time is stored only once. */
  readonly key?: string | undefined;
}

/** A fact that the exchange states, as recorded by its reader. It is stored only if the quote supports it. */
export interface NotedFact {
  /** Default: the user. */
  readonly about?: 'user' | 'assistant' | undefined;
  /** One sentence in the third person. */
  readonly fact: string;
  /** The exact words of the user, or of the assistant for a fact about the assistant. */
  readonly quote: string;
  /** When it happens or happened: an ISO date, month or year. */
  readonly when?: string | undefined;
}

export interface RetrieveInput {
  readonly query: string;
  /** The current project. Its pages come before those of other projects. */
  readonly project?: string | undefined;
  /** False: the latest exchanges are not listed separately; they are searched like all others. */
  readonly shortTerm?: boolean | undefined;
  readonly relationshipWithUser?: string | undefined;
  readonly styleHint?: string | undefined;
  /** Maximum of each list. Default: `retrieval_queue_capacity` pages and 10 facts. */
  readonly maxResults?: number | undefined;
  /** Token budget for the complete result; long pages are shortened first. Default: `max_tokens`. */
  readonly maxTokens?: number | undefined;
  /**
   * Minimum relevance of pages and facts, from 0 to 1. Default: `relevance_min`. 0 also returns weak matches.
   */
  readonly relevanceMin?: number | undefined;
  /** Only pages of this time or later: ISO 8601, a day, or English such as "last Monday". */
  readonly since?: string | undefined;
  /** Only pages of this time or earlier. */
  readonly until?: string | undefined;
  /**
   * Latest exchanges that the caller already knows because it stored them. They are counted but not repeated.
   */
  readonly knownPageIds?: readonly string[] | undefined;
  /** Adds the signals for each page, and how to use the answer. */
  readonly explain?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ProfileInput {
  readonly includeKnowledge?: boolean | undefined;
  readonly includeAssistantKnowledge?: boolean | undefined;
}

/** Give exactly one of the first three properties. */
export interface ForgetInput {
  readonly pageIds?: readonly PageId[] | undefined;
  readonly factIds?: readonly FactId[] | undefined;
  /** All pages said before this time. */
  readonly before?: string | undefined;
  /** The source of the change, for the log. */
  readonly by?: ChangeSource | undefined;
  /** False or absent: only list what would be deleted. */
  readonly confirm?: boolean | undefined;
}

/** A fact to correct or pin, or (without `factId`) a fact to add. */
export interface UpdateInput {
  readonly factId?: FactId | undefined;
  /** The new text: one sentence of at most 400 characters. */
  readonly knowledge?: string | undefined;
  /** For a new fact: about the user (the default), or about what the assistant did. */
  readonly about?: 'user' | 'assistant' | undefined;
  /** The text that the caller saw. CONFLICT when the fact has another text now. */
  readonly seen?: string | undefined;
  /** When it happened or began: ISO 8601. Default for a new fact: now. */
  readonly timestamp?: string | undefined;
  /** True: the fact is always shown, and capacity limits never remove it. */
  readonly pinned?: boolean | undefined;
  /** The source of the change, for the log. */
  readonly by?: ChangeSource | undefined;
}

export interface RespondInput {
  readonly query: string;
  readonly relationshipWithUser?: string | undefined;
  readonly styleHint?: string | undefined;
  readonly metaData?: JsonObject | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The pages that form the new topic, and its name. */
export interface SplitInput {
  readonly pageIds: readonly PageId[];
  readonly theme?: string | undefined;
  /** The source of the change, for the log. */
  readonly by?: ChangeSource | undefined;
}

/** Everything stored about a segment, for inspection. */
export interface SegmentDetail extends SegmentSummary {
  readonly page_list: readonly Page[];
}

/** Selects exchanges to list. An exchange must match every filter given. */
export interface TimelineInput {
  /** Text to find, ignoring case. */
  readonly text?: string | undefined;
  /** Searches only what this side said, and lists only exchanges in which it said something. */
  readonly side?: 'user' | 'agent' | undefined;
  /** The project, exactly as stored. */
  readonly project?: string | undefined;
  /** ISO 8601, inclusive. */
  readonly since?: string | undefined;
  /** ISO 8601, exclusive. */
  readonly until?: string | undefined;
  readonly segmentId?: SegmentId | undefined;
  /** Lists the exchanges that follow this one. */
  readonly after?: PageId | undefined;
  /** Default 50, at most 500. */
  readonly limit?: number | undefined;
}

export interface ListedExchange extends Page {
  /** Null for short-term memory. */
  readonly segment_id: SegmentId | null;
}

export interface TimelineResult {
  readonly exchanges: readonly ListedExchange[];
  /** Number of exchanges that match the filters. */
  readonly total: number;
  /** Value of `after` for the next part of the list; null at its end. */
  readonly next: PageId | null;
}

/** All of long-term memory, including superseded facts. */
export interface LongTerm {
  readonly traits: readonly Trait[];
  readonly userFacts: readonly Fact[];
  /** Facts about the assistant for which the memory is open. */
  readonly assistantFacts: readonly Fact[];
}

/** A change, for programs that show the memory. */
export interface MemoryChange {
  readonly shortTerm: boolean;
  readonly segments: ReadonlySet<SegmentId>;
  readonly segmentsListed: boolean;
  readonly longTerm: boolean;
  /** Set when the change is unknown: anything may have changed. */
  readonly anything?: true;
}

/**
 * The memory of one user with one assistant: the interface behind MCP, the command line and the library.
 * Every method may throw a MemoryError: INPUT_INVALID for arguments, STORE_… for the store, MODEL_… for
 * models.
 */
export interface MemoryEngine {
  readonly userId: UserId;
  readonly assistantId: AssistantId;
  /** Stores one exchange. It is durable when the call resolves. Never waits for a model. */
  add(input: AddInput): Promise<AddResult>;
  /** Stores many exchanges, in order, in one transaction. */
  addAll(inputs: readonly AddInput[]): Promise<AddResult[]>;
  retrieve(input: RetrieveInput): Promise<RetrieveResult>;
  profile(input?: ProfileInput): Promise<ProfileResult>;
  /** The traits of the profile and all facts, with history. */
  longTerm(): Promise<LongTerm>;
  stats(): Promise<StatsResult>;
  /** Hottest first, at the time `atMs` (default: now). */
  segments(atMs?: number): Promise<SegmentSummary[]>;
  /** Throws NOT_FOUND. */
  segment(id: SegmentId): Promise<SegmentDetail>;
  forget(input: ForgetInput): Promise<ForgetResult>;
  /**
   * Corrects, adds or pins a fact. The log of changes keeps the earlier text. Throws NOT_FOUND, CONFLICT (the
   * fact has been superseded, or another one says the same).
   */
  update(input: UpdateInput): Promise<UpdateResult>;
  /**
   * Lets a host analyse exchanges, because it reads better than the built-in rules. Returns exchanges that
   * have not been analysed, with instructions; stores the host's answer (JSON as text). Unusable parts of an
   * answer are rejected with a reason.
   */
  consolidate(answer?: string): Promise<ConsolidationResult>;
  /** Changes made by hand, newest first; at most the latest 300. */
  log(): Promise<readonly LoggedChange[]>;
  /**
   * Exchanges of short-term and mid-term memory, newest first. Throws NOT_FOUND when the exchange `after` no
   * longer exists.
   */
  timeline(input?: TimelineInput): Promise<TimelineResult>;
  /** The exchanges with these ids, oldest first. Ids that do not exist (any more) are ignored. */
  exchangesOf(ids: readonly PageId[]): Promise<readonly ListedExchange[]>;
  /** Exchanges and facts for each day, oldest first: the latest 90 days that have any. */
  days(): Promise<readonly DayCount[]>;
  /**
   * For each of these segments, its heat at the end of each of these days (`YYYY-MM-DD`, UTC), computed from
   * the exchanges only: past visits and analyses are not recorded. Segments that no longer exist are absent.
   */
  heatByDay(
    ids: readonly SegmentId[],
    days: readonly string[],
  ): Promise<ReadonlyMap<SegmentId, readonly number[]>>;
  /** Gives a segment another theme. Throws NOT_FOUND, INPUT_INVALID. */
  renameSegment(id: SegmentId, theme: string, by?: ChangeSource): Promise<SegmentSummary>;
  /** Moves the pages of other segments into this one, which keeps its theme. Throws NOT_FOUND, INPUT_INVALID. */
  mergeSegments(into: SegmentId, from: readonly SegmentId[], by?: ChangeSource): Promise<SegmentSummary>;
  /**
   * Moves some pages of a segment into a new segment, and returns the new one. Without a theme, it is named
   * from its pages. Throws NOT_FOUND, INPUT_INVALID, CONFLICT (the segment changed meanwhile).
   */
  splitSegment(id: SegmentId, input: SplitInput): Promise<SegmentSummary>;
  /**
   * Answers from the memory with the configured model, in pieces, and stores the exchange after the complete
   * answer. Throws MODEL_MISSING when no model is configured.
   */
  respond(input: RespondInput): AsyncIterable<string>;
  /**
   * Waits until everything that can be analysed now has been. `shortTerm: true` first migrates all of
   * short-term memory, not only the pages beyond its capacity.
   */
  flush(options?: { readonly shortTerm?: boolean; readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Calls the listener after changes of this or another process, at most a few times a second. Returns a
   * function that unsubscribes.
   */
  onChange(listener: (change: MemoryChange) => void): () => void;
  /** Stops background work, saves, and releases everything. May be called twice. */
  close(): Promise<void>;
}
