import type { AssistantId, FactId, PageId, SegmentId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { ProfileGroup, Trait } from '../model/profile.js';
import type { SegmentHead } from '../model/segment.js';

/** Pages that leave short-term memory together, oldest first. */
export interface BatchInput {
  readonly pages: readonly [Page, ...Page[]];
  /** The page that left before them, with its chain's running summary; null when there is none. */
  readonly previous: Page | null;
  /** Segments a topic of this batch may join, most similar first. */
  readonly candidates: readonly SegmentHead[];
}

export interface BatchAnalysis {
  /** One entry a page of the batch, in its order. */
  readonly pages: readonly {
    readonly page_id: PageId;
    /** Whether it continues the page before it (for the first one: `previous`). */
    readonly continues: boolean;
    /** Running summary of its chain up to and with this page. */
    readonly meta_info: string;
  }[];
  /** Every page of the batch is in exactly one topic. */
  readonly topics: readonly {
    readonly theme: string;
    readonly keywords: readonly string[];
    readonly content: string;
    readonly page_ids: readonly PageId[];
    /** Summaries of candidates as they would read with this topic joined. */
    readonly merged: readonly { readonly segment_id: SegmentId; readonly summary: string }[];
  }[];
  /** Parts of the answer that were refused or mended, by reason: for the status. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly analysed_by: string;
}

/** A hot segment, for profile and knowledge. */
export interface SegmentInput {
  readonly head: SegmentHead;
  /** The pages not analysed yet, oldest first. */
  readonly pages: readonly Page[];
  readonly profile: readonly Trait[];
  /** Current facts about the user and of the assistant that may be confirmed or superseded. */
  readonly relatedFacts: readonly Fact[];
}

export interface TraitDraft {
  readonly group: ProfileGroup;
  readonly dimension: string;
  readonly level: 'High' | 'Medium' | 'Low';
  readonly reason: string;
  readonly page_ids: readonly PageId[];
}

export interface FactDraft {
  /** Null: about the user. */
  readonly assistant_id: AssistantId | null;
  readonly knowledge: string;
  /** ISO 8601 UTC: when the event took place; the page's own time where nothing else is said. */
  readonly timestamp: string;
  readonly page_id: PageId;
  /** ISO 8601 UTC: when it was said. Of two statements that contradict each other the later told one holds. */
  readonly told_at: string;
  /** The words of the page it was taken from, verbatim; null where they were not noted. */
  readonly quote: string | null;
  /** What holds no longer because of it: ids of known facts, and the places of earlier drafts of the same answer. */
  readonly ends: readonly (FactId | number)[];
  readonly slot: string | null;
  /** `outdated`: said before the known fact that contradicts it, so it goes into the history at once. */
  readonly change: 'new' | 'confirms' | 'supersedes' | 'outdated';
  /** The fact that is confirmed or superseded, or that contradicts this one, where it is known by id. */
  readonly fact_id: FactId | null;
}

export interface SegmentAnalysis {
  /** Traits that changed; the others stay. */
  readonly traits: readonly TraitDraft[];
  readonly facts: readonly FactDraft[];
  /** Drafts that were refused, by reason: for the status. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly analysed_by: string;
}

/** Pages that nobody has read yet, oldest first. */
export interface ReadingInput {
  readonly pages: readonly [Page, ...Page[]];
  /** The pages before them, oldest first: a role-play that began there may go on. */
  readonly before: readonly Page[];
  /** Current facts about the user and of the assistants of the pages. */
  readonly relatedFacts: readonly Fact[];
}

/** What the pages tell by themselves. */
export type Reading = Omit<SegmentAnalysis, 'traits'>;

/** Takes from single exchanges what they tell, at once and without a model. Throws CANCELLED. */
export interface PageReader {
  readPages(input: ReadingInput, signal?: AbortSignal): Promise<Reading>;
}

/** A fact that somebody read off a page: the host, or a model. */
export interface OfferedFact {
  readonly about: 'user' | 'assistant';
  readonly fact: string;
  /** What was said, verbatim, by the one the fact is about. */
  readonly quote: string;
  readonly page: Pick<Page, 'user_input' | 'agent_response' | 'timestamp'>;
}

/** What holding a fact against what was said found. */
export interface CheckedFact {
  /** Why it is refused, in a few words; null for one that may be stored. */
  readonly fault: string | null;
  /** What it is about where only one can hold at a time, as a fact has it. */
  readonly slot: string | null;
}

/** Holds facts against what was said. Throws CANCELLED. */
export interface FactChecker {
  /** Of each of the facts in their order. */
  checkFacts(offered: readonly OfferedFact[], signal?: AbortSignal): Promise<readonly CheckedFact[]>;
}

/**
 * Decides what pages are about. What it returns has passed its schema and refers only to pages it was given.
 * Throws like a chat model; throwing changes nothing.
 */
export interface Analyser {
  /** `builtin`, or the name of a model. */
  readonly name: string;
  analyseBatch(input: BatchInput, signal?: AbortSignal): Promise<BatchAnalysis>;
  analyseSegment(input: SegmentInput, signal?: AbortSignal): Promise<SegmentAnalysis>;
}
