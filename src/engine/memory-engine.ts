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
  /** May be empty or left out if the other side is not. */
  readonly userInput?: string | undefined;
  readonly agentResponse?: string | undefined;
  /** ISO 8601 or `YYYY-MM-DD HH:MM:SS` (read as UTC); now when left out. */
  readonly timestamp?: string | undefined;
  readonly metaData?: JsonObject | undefined;
  /** What it tells. A fact that is refused is told in the result with its reason; the exchange is stored in any case. */
  readonly facts?: readonly NotedFact[] | undefined;
  /** Where it was said, such as the name of a repository. Kept as `project` of the page's meta data. */
  readonly project?: string | undefined;
  /** What another program keeps the exchange under: given again, with the same time, it is not stored again. */
  readonly key?: string | undefined;
}

/** A fact that the exchange tells, as its reader notes it. It is stored only if the quote says it. */
export interface NotedFact {
  /** Left out: the user. */
  readonly about?: 'user' | 'assistant' | undefined;
  /** One sentence in the third person. */
  readonly fact: string;
  /** The exact words of the user (or of the assistant, where it is about that one). */
  readonly quote: string;
  /** When it took place or takes place: an ISO date, month or year. */
  readonly when?: string | undefined;
}

export interface RetrieveInput {
  readonly query: string;
  /** Where the question is asked; pages of this project come before those of others. */
  readonly project?: string | undefined;
  /** False: the latest exchanges are not listed, and found where they fit, like all others. */
  readonly shortTerm?: boolean | undefined;
  readonly relationshipWithUser?: string | undefined;
  readonly styleHint?: string | undefined;
  /** Of each list; left out: `retrieval_queue_capacity` pages and 10 facts. */
  readonly maxResults?: number | undefined;
  /** Budget for everything returned: long pages are shortened first. Left out: `max_tokens`. */
  readonly maxTokens?: number | undefined;
  /**
   * Pages and facts less likely to help, from 0 to 1, are not found. Left out: `relevance_min`. 0 finds the nearest,
   * however far.
   */
  readonly relevanceMin?: number | undefined;
  /** Only pages of this time or later: ISO 8601, a day, or English such as "last Monday". */
  readonly since?: string | undefined;
  /** Only pages of this time or earlier. */
  readonly until?: string | undefined;
  /** Latest exchanges that whoever asks knows already, as it stored them itself: they are counted and not repeated. */
  readonly knownPageIds?: readonly string[] | undefined;
  /** Adds what spoke for each page, and how to use the answer. */
  readonly explain?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ProfileInput {
  readonly includeKnowledge?: boolean | undefined;
  readonly includeAssistantKnowledge?: boolean | undefined;
}

/** Exactly one of the three ways to say what. */
export interface ForgetInput {
  readonly pageIds?: readonly PageId[] | undefined;
  readonly factIds?: readonly FactId[] | undefined;
  /** Everything from before this time. */
  readonly before?: string | undefined;
  /** By which door it came: for the log of changes. */
  readonly by?: ChangeSource | undefined;
  /** False or left out: only say what would be deleted. */
  readonly confirm?: boolean | undefined;
}

/** A fact to correct or to pin, or (without `factId`) one to add by hand. */
export interface UpdateInput {
  readonly factId?: FactId | undefined;
  /** The fact as it should read: one sentence, 400 characters at most. */
  readonly knowledge?: string | undefined;
  /** Of a fact that is added: about the user (the default), or about what the assistant did. */
  readonly about?: 'user' | 'assistant' | undefined;
  /** The fact as the caller saw it: CONFLICT when it reads otherwise by now. */
  readonly seen?: string | undefined;
  /** When it took place or began: ISO 8601. A fact that is added has the time it is added at. */
  readonly timestamp?: string | undefined;
  /** True: always shown, and never leaves for want of room. */
  readonly pinned?: boolean | undefined;
  /** By which door it came: for the log of changes. */
  readonly by?: ChangeSource | undefined;
}

export interface RespondInput {
  readonly query: string;
  readonly relationshipWithUser?: string | undefined;
  readonly styleHint?: string | undefined;
  readonly metaData?: JsonObject | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which pages become a topic of their own, and its name. */
export interface SplitInput {
  readonly pageIds: readonly PageId[];
  readonly theme?: string | undefined;
  /** By which door it came: for the log of changes. */
  readonly by?: ChangeSource | undefined;
}

/** Everything that is stored of a segment, for inspection. */
export interface SegmentDetail extends SegmentSummary {
  readonly page_list: readonly Page[];
}

/** Which exchanges to list. Every filter that is given has to fit. */
export interface TimelineInput {
  /** Stands in what was said, in upper or lower case. */
  readonly text?: string | undefined;
  /** Only what this side said is searched, and only exchanges in which it said something are listed. */
  readonly side?: 'user' | 'agent' | undefined;
  /** Where it was said, exactly as it is stored. */
  readonly project?: string | undefined;
  /** ISO 8601. Lists exchanges from this time on. */
  readonly since?: string | undefined;
  /** ISO 8601. Lists exchanges from before this time. */
  readonly until?: string | undefined;
  readonly segmentId?: SegmentId | undefined;
  /** Lists the exchanges that follow this one in the list. */
  readonly after?: PageId | undefined;
  /** 50 when left out, 500 at most. */
  readonly limit?: number | undefined;
}

export interface ListedExchange extends Page {
  /** Null for short-term memory. */
  readonly segment_id: SegmentId | null;
}

export interface TimelineResult {
  readonly exchanges: readonly ListedExchange[];
  /** How many fit the filters. */
  readonly total: number;
  /** Give it as `after` for the following ones. Null where there are no more. */
  readonly next: PageId | null;
}

/** Everything of long-term memory, facts that were superseded too. */
export interface LongTerm {
  readonly traits: readonly Trait[];
  readonly userFacts: readonly Fact[];
  /** Of the assistant the memory is opened for. */
  readonly assistantFacts: readonly Fact[];
}

/** What changed, for those who show the memory. */
export interface MemoryChange {
  readonly shortTerm: boolean;
  readonly segments: ReadonlySet<SegmentId>;
  readonly segmentsListed: boolean;
  readonly longTerm: boolean;
  /** Set when it is not known what has changed: anything may have. */
  readonly anything?: true;
}

/**
 * The memory of one user with one assistant: the facade behind MCP, the command line and the library.
 * Every method may throw a MemoryError: INPUT_INVALID for arguments, STORE_… for files, MODEL_… for models.
 */
export interface MemoryEngine {
  readonly userId: UserId;
  readonly assistantId: AssistantId;
  /** Stores one exchange. Durable when it resolves; never waits for a model. */
  add(input: AddInput): Promise<AddResult>;
  /** Stores many, in order, in one transaction. */
  addAll(inputs: readonly AddInput[]): Promise<AddResult[]>;
  retrieve(input: RetrieveInput): Promise<RetrieveResult>;
  profile(input?: ProfileInput): Promise<ProfileResult>;
  /** The traits behind the profile's text, and all facts with history. */
  longTerm(): Promise<LongTerm>;
  stats(): Promise<StatsResult>;
  /** Hottest first, as of `atMs` (now when left out). */
  segments(atMs?: number): Promise<SegmentSummary[]>;
  /** Throws NOT_FOUND. */
  segment(id: SegmentId): Promise<SegmentDetail>;
  forget(input: ForgetInput): Promise<ForgetResult>;
  /**
   * Corrects, adds or pins a fact; what it was before is kept in the log of changes. Throws NOT_FOUND, CONFLICT (the
   * fact has been superseded, or another one says the same).
   */
  update(input: UpdateInput): Promise<UpdateResult>;
  /**
   * For a host that reads better than the built-in rules: hands out exchanges that nobody has analysed with what to
   * return, and takes the answer (JSON as text) back. What cannot be used of an answer is rejected with its reason.
   */
  consolidate(answer?: string): Promise<ConsolidationResult>;
  /** What was changed by hand, newest first; at most the latest 300. */
  log(): Promise<readonly LoggedChange[]>;
  /** Exchanges of short-term and mid-term memory, newest first. Throws NOT_FOUND where `after` has gone. */
  timeline(input?: TimelineInput): Promise<TimelineResult>;
  /** The exchanges with these ids, oldest first. Those that are not there (any more) are left out. */
  exchangesOf(ids: readonly PageId[]): Promise<readonly ListedExchange[]>;
  /** Exchanges and facts a day, oldest first: the latest 90 days of which something is known. */
  days(): Promise<readonly DayCount[]>;
  /**
   * For each of these segments its heat at the end of each of these days (`YYYY-MM-DD`, UTC), as the exchanges of that
   * day gave it: past visits and analyses are not kept. A segment that has gone is left out.
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
   * Makes some pages of a segment a segment of their own, and gives that. Without a theme it gets one from its pages.
   * Throws NOT_FOUND, INPUT_INVALID, CONFLICT (the segment has changed meanwhile).
   */
  splitSegment(id: SegmentId, input: SplitInput): Promise<SegmentSummary>;
  /**
   * Answers from the memory with the configured model, in pieces, and stores the exchange once the answer is
   * complete. Throws MODEL_MISSING without a model.
   */
  respond(input: RespondInput): AsyncIterable<string>;
  /**
   * Waits until what can be analysed now is. `shortTerm: true` first migrates all of short-term memory,
   * not only what is over its capacity.
   */
  flush(options?: { readonly shortTerm?: boolean; readonly signal?: AbortSignal }): Promise<void>;
  /** Called after changes of this or another process, at most a few times a second. Returns a canceller. */
  onChange(listener: (change: MemoryChange) => void): () => void;
  /** Stops background work, saves, releases. Safe to call twice. */
  close(): Promise<void>;
}
