import type { AssistantId, FactId, PageId, SegmentId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Page } from '../model/page.js';
import type { ProfileGroup, Trait } from '../model/profile.js';
import type { SegmentHead } from '../model/segment.js';

/** Pages that leave short-term memory together, oldest first. */
export interface BatchInput {
  readonly pages: readonly [Page, ...Page[]];
  /** The page that left before them, with the running summary of its chain; null when there is none. */
  readonly previous: Page | null;
  /** Segments that a topic of this batch may join, most similar first. */
  readonly candidates: readonly SegmentHead[];
}

export interface BatchAnalysis {
  /** One entry for each page of the batch, in the same order. */
  readonly pages: readonly {
    readonly page_id: PageId;
    /** Whether the page continues the page before it (for the first one: `previous`). */
    readonly continues: boolean;
    /** Running summary of the page's chain up to and including this page. */
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
  /** Parts of the answer that were refused or repaired, counted by reason; shown in the status. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly analysed_by: string;
}

/** A hot segment, for profile and knowledge. */
export interface SegmentInput {
  readonly head: SegmentHead;
  /** The pages not analysed yet, oldest first. */
  readonly pages: readonly Page[];
  readonly profile: readonly Trait[];
  /** Current facts about the user and the assistant that a draft may confirm or supersede. */
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
  /** ISO 8601 UTC: when the event took place; the page's own time when the text names no other. */
  readonly timestamp: string;
  readonly page_id: PageId;
  /** ISO 8601 UTC: when it was said. Of two contradicting statements, the one said later is current. */
  readonly told_at: string;
  /** The exact words of the page that state the fact; null when not recorded. */
  readonly quote: string | null;
  /** What this fact ends: ids of known facts, and indexes of earlier drafts in the same answer. */
  readonly ends: readonly (FactId | number)[];
  readonly slot: string | null;
  /** The project that it was said in; null if in none. */
  readonly project: string | null;
  /** Whether it is about a thing of that project ("The deadline is 9 June"), not about the user or their people. */
  readonly is_of_project: boolean;
  /** `outdated`: said before the known fact that contradicts it, so it is stored as history. */
  readonly change: 'new' | 'confirms' | 'supersedes' | 'outdated';
  /** The fact that this one confirms or supersedes, or that contradicts it; null when it has no id. */
  readonly fact_id: FactId | null;
}

export interface SegmentAnalysis {
  /** Changed traits only. */
  readonly traits: readonly TraitDraft[];
  readonly facts: readonly FactDraft[];
  /** Refused drafts, counted by reason; shown in the status. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly analysed_by: string;
}

/** Pages that have not been read yet, oldest first. */
export interface ReadingInput {
  readonly pages: readonly [Page, ...Page[]];
  /** The pages before them, oldest first. A role-play may have begun there; they also show if a person answers. */
  readonly before: readonly Page[];
  /** Current facts about the user and about the assistants of these pages. */
  readonly relatedFacts: readonly Fact[];
}

/** What the pages state on their own. */
export type Reading = Omit<SegmentAnalysis, 'traits'>;

/** Extracts facts from single exchanges, at once and without a model. Throws CANCELLED. */
export interface PageReader {
  readPages(input: ReadingInput, signal?: AbortSignal): Promise<Reading>;
}

/** A fact that the host or a model read from a page. */
export interface OfferedFact {
  readonly about: 'user' | 'assistant';
  readonly fact: string;
  /** The exact words, said by the one the fact is about. */
  readonly quote: string;
  readonly page: Pick<Page, 'user_input' | 'agent_response' | 'timestamp'>;
}

/** The result of checking a fact against the page. */
export interface CheckedFact {
  /** Why the fact is refused, in a few words; null when it may be stored. */
  readonly fault: string | null;
  /** The fact's slot (see `Fact`): the attribute that has one value at a time. */
  readonly slot: string | null;
  /** Whether it is about a thing of the project that it was said in (see `FactDraft`). */
  readonly isOfProject: boolean;
}

/** Checks facts against the words of their pages. Throws CANCELLED. */
export interface FactChecker {
  /** One result for each fact, in the same order. */
  checkFacts(offered: readonly OfferedFact[], signal?: AbortSignal): Promise<readonly CheckedFact[]>;
}

/**
 * Decides what pages are about. Results match their schema and refer only to the pages given. Throws the
 * errors of a chat model; an error changes nothing.
 */
export interface Analyser {
  /** `builtin`, or the name of a model. */
  readonly name: string;
  analyseBatch(input: BatchInput, signal?: AbortSignal): Promise<BatchAnalysis>;
  analyseSegment(input: SegmentInput, signal?: AbortSignal): Promise<SegmentAnalysis>;
}

/** An analyser that also reads single exchanges and checks facts. */
export interface FullAnalyser extends Analyser, PageReader, FactChecker {}
