import * as z from 'zod';
import { factIdSchema } from './knowledge.js';
import { chainIdSchema, instantSchema, jsonObjectSchema, pageIdSchema, segmentIdSchema } from './page.js';

const count = z.number().int().nonnegative();

/** What `add_memory` returns once the page is on disk. */
export const addResultSchema = z.object({
  status: z.literal('success'),
  message: z.string(),
  page_id: pageIdSchema,
  timestamp: instantSchema,
  short_term_count: count,
  /** How many facts the call stored; absent when the call brought none. */
  facts_stored: count.optional(),
  facts_rejected: z.array(z.object({ fact: z.string(), reason: z.string() })).optional(),
  /** Losses of this memory that no person has accepted yet; absent when there are none. */
  notices: z.array(z.string()).optional(),
});
export type AddResult = z.infer<typeof addResultSchema>;

/** A page as the tools return it. */
export const shownPageSchema = z.object({
  page_id: pageIdSchema,
  user_input: z.string(),
  agent_response: z.string(),
  timestamp: instantSchema,
  meta_info: z.string(),
  /** What the client stored with the page; absent when there is none. */
  meta_data: jsonObjectSchema.optional(),
  /**
   * True: the text was shortened, and "[…]" marks each gap. A query for the page's id returns the whole page.
   */
  shortened: z.literal(true).optional(),
});
export type ShownPage = z.infer<typeof shownPageSchema>;

export const retrievedPageSchema = shownPageSchema.extend({
  /** The probability that the page helps to answer, in (0, 1]. Pages are in descending order of score. */
  score: z.number(),
  /** A later statement that replaces a fact of this page: "2026-03-20: Lives in Porto". */
  later: z.string().optional(),
  // The fields below are present only when the caller asked for explanations.
  segment_id: segmentIdSchema.nullable().optional(),
  chain_id: chainIdSchema.nullable().optional(),
  /** The tier of the page: `short_term` for a page that waits for migration. */
  source: z.enum(['short_term', 'mid_term']).optional(),
  /** The signals for this page, e.g. `{ words: 0.8, vector: 0.4, date: 1 }`. */
  signals: z.record(z.string(), z.number()).optional(),
});
export type RetrievedPage = z.infer<typeof retrievedPageSchema>;

export const shownFactSchema = z.object({
  fact_id: factIdSchema,
  knowledge: z.string(),
  timestamp: instantSchema,
  page_ids: z.array(pageIdSchema),
  /** False: a later fact contradicts this one, which is kept as history. */
  current: z.boolean().default(true),
  /** True: the fact is always shown, and capacity limits never remove it. */
  pinned: z.boolean().optional(),
  /** The project that the fact is about; absent if it holds everywhere. */
  project: z.string().optional(),
});
export type ShownFact = z.infer<typeof shownFactSchema>;

export const retrievedFactSchema = shownFactSchema.extend({
  /** The probability that the fact helps to answer. */
  score: z.number(),
  /** Present only when the caller asked for explanations. */
  page_ids: z.array(pageIdSchema).optional(),
});
export type RetrievedFact = z.infer<typeof retrievedFactSchema>;

export const retrieveResultSchema = z.object({
  status: z.literal('success'),
  query: z.string(),
  timestamp: instantSchema,
  /** Present when nothing matches the question. */
  message: z.string().optional(),
  /**
   * How to answer. Present when a relationship or a style was given, or when the caller asked for
   * explanations.
   */
  guidance: z.string().optional(),
  /** Results with a lower score are not returned. Present when the caller asked for explanations. */
  relevance_floor: z.number().optional(),
  user_profile: z.string(),
  short_term_memory: z.array(shownPageSchema),
  short_term_count: count,
  /** How many short-term exchanges are not repeated because this session stored them itself. */
  short_term_known: count.optional(),
  /** The topics of the exchanges in the time asked for. Present when the question names only a time. */
  topics: z.array(z.string()).optional(),
  retrieved_pages: z.array(retrievedPageSchema),
  retrieved_user_knowledge: z.array(retrievedFactSchema),
  retrieved_assistant_knowledge: z.array(retrievedFactSchema),
  /** How many relevant pages were found, before the limits of this call were applied. */
  total_pages_found: count,
  total_user_knowledge_found: count,
  total_assistant_knowledge_found: count,
  /** Deviations from normal service, such as a fallback or an index being rebuilt. Usually empty. */
  notices: z.array(z.string()),
});
export type RetrieveResult = z.infer<typeof retrieveResultSchema>;

export const profileResultSchema = z.object({
  status: z.literal('success'),
  timestamp: instantSchema,
  user_id: z.string(),
  assistant_id: z.string(),
  user_profile: z.string(),
  /** What derives profile and facts now: `builtin` or the name of a model. */
  analyser: z.string(),
  /** Both are absent when the caller did not ask for them. */
  user_knowledge: z.array(shownFactSchema).optional(),
  user_knowledge_count: count.optional(),
  assistant_knowledge: z.array(shownFactSchema).optional(),
  assistant_knowledge_count: count.optional(),
  notices: z.array(z.string()),
});
export type ProfileResult = z.infer<typeof profileResultSchema>;

export const statsResultSchema = z.object({
  status: z.literal('success'),
  timestamp: instantSchema,
  user_id: z.string(),
  assistant_id: z.string(),
  short_term: z.object({ pages: count, capacity: count }),
  mid_term: z.object({ segments: count, pages: count, capacity: count, hottest_heat: z.number().nullable() }),
  long_term: z.object({
    traits: count,
    user_facts: count,
    assistant_facts: count,
    superseded_facts: count,
    capacity: count,
  }),
  archive: z.object({ segments: count, pages: count }),
  analysis: z.object({
    analyser: z.string(),
    /** Short-term pages beyond the capacity. They wait for migration. */
    pages_waiting: count,
    segments_waiting: count,
    waiting_since: instantSchema.nullable(),
    /** True after an error that retrying cannot fix (a wrong key, an unknown model). */
    paused: z.boolean(),
    last_error: z.string().nullable(),
    next_try_at: instantSchema.nullable(),
    /** Drafts refused before storing, counted by reason, since this process started. */
    rejected: z.record(z.string(), count),
    llm: z.object({ calls: count, prompt_tokens: count, completion_tokens: count }).nullable(),
  }),
  index: z.object({
    embedder: z.string(),
    dimensions: count,
    vectors: count,
    vectors_missing: count,
    last_error: z.string().nullable(),
  }),
  notices: z.array(z.string()),
});
export type StatsResult = z.infer<typeof statsResultSchema>;

/** A segment in a list; `heat` is computed at the time of the answer. */
export const segmentSummarySchema = z.object({
  segment_id: segmentIdSchema,
  theme: z.string(),
  summary: z.string(),
  keywords: z.array(z.string()),
  heat: z.number(),
  n_visit: count,
  l_interaction: count,
  r_recency: z.number(),
  pages: count,
  first_page_at: instantSchema.nullable(),
  last_page_at: instantSchema.nullable(),
  updated_at: instantSchema,
  analysed_by: z.string(),
});
export type SegmentSummary = z.infer<typeof segmentSummarySchema>;

/** What `consolidate_memory` hands out and what it stored. */
export const consolidationResultSchema = z.object({
  status: z.literal('success'),
  message: z.string(),
  /** Exchanges that wait for analysis, including those handed out now. */
  waiting: count,
  pages: z.array(
    z.object({
      page: z.string(),
      timestamp: instantSchema,
      user_input: z.string(),
      agent_response: z.string(),
    }),
  ),
  known_facts: z.array(z.object({ ref: z.string(), fact: z.string() })),
  /** How to answer; '' when nothing was handed out. */
  answer_with: z.string(),
  /** What the host's answer added; present only when the call had an answer. */
  stored: z.object({ pages: count, facts: count, changes: count, traits: count, topics: count }).optional(),
  rejected: z.array(z.object({ what: z.string(), reason: z.string() })).optional(),
});
export type ConsolidationResult = z.infer<typeof consolidationResultSchema>;

/** What `update_memory` returns: the fact after the change. */
export const updateResultSchema = z.object({
  status: z.literal('success'),
  message: z.string(),
  fact: shownFactSchema,
  /** The fact's text before the change; null when the fact was added. */
  before: z.string().nullable(),
});
export type UpdateResult = z.infer<typeof updateResultSchema>;

export const forgetResultSchema = z.object({
  status: z.literal('success'),
  /** False: nothing was deleted; the result is a preview. */
  confirmed: z.boolean(),
  message: z.string(),
  pages: z.array(z.object({ page_id: pageIdSchema, timestamp: instantSchema, excerpt: z.string() })),
  facts: z.array(z.object({ fact_id: factIdSchema, knowledge: z.string() })),
  traits: z.array(z.string()),
  segments: z.array(segmentIdSchema),
  /** Places that still hold copies, such as backup files. */
  remaining: z.array(z.string()),
});
export type ForgetResult = z.infer<typeof forgetResultSchema>;
