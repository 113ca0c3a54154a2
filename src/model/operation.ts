import { z } from 'zod';
import { loggedChangeSchema } from './change-log.js';
import type { PageId, SegmentId } from './ids.js';
import { factIdSchema, factSchema } from './knowledge.js';
import {
  assistantIdSchema,
  chainIdSchema,
  instantSchema,
  pageIdSchema,
  pageSchema,
  segmentIdSchema,
} from './page.js';
import { traitSchema } from './profile.js';
import { segmentHeadSchema } from './segment.js';

/**
 * The trouble that marks in the state that files still hold what was forgotten, so that a crash does not leave it there.
 */
export const purgeJob = 'purge';

/** What names a job, so that its failures are known again: the page it begins with, or the segment it is about. */
export const jobKey = {
  read: (first: PageId) => `read:${first}`,
  migrate: (first: PageId) => `migrate:${first}`,
  isMigration: (key: string) => key.startsWith('migrate:'),
  analyse: (segment: SegmentId) => `analyse:${segment}`,
};

/** What is known of analysis that failed; kept in the state, so that it survives a restart. */
export const analysisTroubleSchema = z.strictObject({
  /** The job: one of {@link jobKey}, or {@link purgeJob}. */
  job: z.string(),
  attempts: z.number().int().positive(),
  /** Attempts that failed for what the model answered, not for want of an answer. */
  content_failures: z.number().int().nonnegative(),
  last_error: z.string(),
  failed_at: instantSchema,
  /** Null: not by time, only after a restart or a change of the configuration. */
  next_try_at: instantSchema.nullable(),
});
export type AnalysisTrouble = z.infer<typeof analysisTroubleSchema>;

/** Keyed hashes of what was forgotten. */
export const tombstonesSchema = z.strictObject({
  /** 16 random bytes in base64url. */
  key: z.string().min(1),
  /** Until when it had to be said to count as forgotten; null: also where it is said again. */
  until: instantSchema.nullable(),
  /** 96 bits of HMAC-SHA-256 in base64url. */
  hashes: z.array(z.string()),
});

/** What is known of a loss. The message holds nothing a user said. */
export const lossSchema = z.strictObject({ at: instantSchema, message: z.string() });
export type Loss = z.infer<typeof lossSchema>;

/**
 * The smallest changes of a user's memory. A transaction is a list of them and takes place as a whole or not
 * at all. They are what the commit log holds, so each is complete in itself: applying needs no clock, no
 * randomness and no file.
 */
export const operationSchema = z.discriminatedUnion('op', [
  /** A new page: to the end of short-term memory, or (import) into a segment that exists. */
  z.strictObject({ op: z.literal('page_added'), page: pageSchema, segment_id: segmentIdSchema.nullable() }),
  /** A page leaves short-term memory for a segment that exists. */
  z.strictObject({
    op: z.literal('page_migrated'),
    page_id: pageIdSchema,
    segment_id: segmentIdSchema,
    chain_id: chainIdSchema,
    meta_info: z.string(),
  }),
  /** Pages of a segment went into long-term memory; N_visit goes to 0. */
  z.strictObject({
    op: z.literal('pages_analysed'),
    segment_id: segmentIdSchema,
    page_ids: z.array(pageIdSchema),
  }),
  /** The built-in reader has read these pages, wherever they are. */
  z.strictObject({ op: z.literal('pages_read'), page_ids: z.array(pageIdSchema) }),
  /** The host has noted what these pages say, wherever they are: they need no other analysis. */
  z.strictObject({ op: z.literal('pages_noted'), page_ids: z.array(pageIdSchema) }),
  z.strictObject({ op: z.literal('page_forgotten'), page_id: pageIdSchema }),
  /** A page's chain summary is written anew, because a page it drew from was forgotten. */
  z.strictObject({ op: z.literal('page_summarised'), page_id: pageIdSchema, meta_info: z.string() }),
  /** Opens a segment or replaces what is known of one; its pages stay. */
  z.strictObject({ op: z.literal('segment_put'), head: segmentHeadSchema }),
  z.strictObject({
    op: z.literal('segment_visited'),
    segment_id: segmentIdSchema,
    visits: z.number().int().positive(),
    at: instantSchema,
  }),
  /** Evicts a segment: its pages are in the archive already. */
  z.strictObject({ op: z.literal('segment_archived'), segment_id: segmentIdSchema }),
  /** Removes a segment that has no page left. */
  z.strictObject({ op: z.literal('segment_removed'), segment_id: segmentIdSchema }),
  /** Forgetting took this much out of the archive. */
  z.strictObject({
    op: z.literal('archive_reduced'),
    segments: z.number().int().nonnegative(),
    pages: z.number().int().nonnegative(),
  }),
  z.strictObject({ op: z.literal('trait_put'), trait: traitSchema }),
  z.strictObject({ op: z.literal('trait_removed'), group: z.string(), dimension: z.string() }),
  z.strictObject({ op: z.literal('fact_put'), fact: factSchema }),
  z.strictObject({
    op: z.literal('fact_removed'),
    fact_id: factIdSchema,
    assistant_id: assistantIdSchema.nullable(),
    /** `capacity`: the oldest left and is kept in the archive. `forgotten`: the user wants it gone. */
    reason: z.enum(['capacity', 'forgotten']),
  }),
  /** Somebody changed something by hand; the operations beside it do so. */
  z.strictObject({ op: z.literal('change_logged'), change: loggedChangeSchema }),
  /** The words of these facts go out of the log of changes. */
  z.strictObject({ op: z.literal('changes_blanked'), fact_ids: z.array(factIdSchema) }),
  z.strictObject({ op: z.literal('analysis_failed'), trouble: analysisTroubleSchema }),
  z.strictObject({ op: z.literal('analysis_recovered'), job: z.string() }),
  /** Keeps what was forgotten from coming back; see tombstones.ts. */
  tombstonesSchema.extend({ op: z.literal('tombstones_put') }),
  /** Something of the memory is gone; said in every answer until a person accepts it. */
  z.strictObject({ op: z.literal('loss_noted'), loss: lossSchema }),
  /** A person knows of all losses noted so far. */
  z.strictObject({ op: z.literal('losses_accepted') }),
]);
export type Operation = z.infer<typeof operationSchema>;

/** Which part of a memory an operation shows a change in. */
export type MemoryPart = 'short_term' | 'segment_list' | 'long_term';

/** Null: in none of them, or only in the segment that it names. */
export const partOf: Readonly<Record<Operation['op'], MemoryPart | null>> = {
  page_added: 'short_term',
  page_migrated: 'short_term',
  pages_analysed: null,
  pages_read: null,
  pages_noted: null,
  page_forgotten: 'short_term',
  page_summarised: 'short_term',
  segment_put: 'segment_list',
  segment_visited: null,
  segment_archived: 'segment_list',
  segment_removed: 'segment_list',
  archive_reduced: null,
  trait_put: 'long_term',
  trait_removed: 'long_term',
  fact_put: 'long_term',
  fact_removed: 'long_term',
  change_logged: 'long_term',
  changes_blanked: 'long_term',
  analysis_failed: null,
  analysis_recovered: null,
  tombstones_put: null,
  loss_noted: null,
  losses_accepted: null,
};

/** The segment that an operation names; null: none. */
export function segmentNamed(operation: Operation): SegmentId | null {
  if (operation.op === 'segment_put') return operation.head.id;
  return 'segment_id' in operation ? operation.segment_id : null;
}

/** The stored pages that an operation names. */
export function pagesNamed(operation: Operation): readonly PageId[] {
  if ('page_ids' in operation) return operation.page_ids;
  return 'page_id' in operation ? [operation.page_id] : [];
}
