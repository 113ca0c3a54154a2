import { z } from 'zod';
import { loggedChangeSchema } from './change-log.js';
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

/** What is known of analysis that failed; kept in the state, so that it survives a restart. */
export const analysisTroubleSchema = z.strictObject({
  /** The job: `read:<first page id>`, `migrate:<first page id>` or `analyse:<segment id>`. */
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
