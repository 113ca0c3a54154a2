import * as z from 'zod';
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

/** Names a job, so that repeated failures are counted together: by its first page, or by its segment. */
export const jobKey = {
  read: (first: PageId) => `read:${first}`,
  migrate: (first: PageId) => `migrate:${first}`,
  isMigration: (key: string) => key.startsWith('migrate:'),
  analyse: (segment: SegmentId) => `analyse:${segment}`,
};

/** A failed analysis job. Part of the state, so it survives a restart. */
export const analysisTroubleSchema = z.strictObject({
  /** The job: one of {@link jobKey}; in the state also that of a purge (see purge.ts). */
  job: z.string(),
  attempts: z.number().int().positive(),
  /** Failed attempts in which the model answered with unusable content. */
  content_failures: z.number().int().nonnegative(),
  last_error: z.string(),
  failed_at: instantSchema,
  /** Null: retried only after a restart or a change of the configuration. */
  next_try_at: instantSchema.nullable(),
});
export type AnalysisTrouble = z.infer<typeof analysisTroubleSchema>;

/** Keyed hashes of what was forgotten. */
export const tombstonesSchema = z.strictObject({
  /** 16 random bytes in base64url. */
  key: z.string().min(1),
  /** Content said up to this time counts as forgotten; null: content said later counts too. */
  until: instantSchema.nullable(),
  /** 96 bits of HMAC-SHA-256 in base64url. */
  hashes: z.array(z.string()),
});

/** A recorded loss of data. The message contains nothing a user said. */
export const lossSchema = z.strictObject({ at: instantSchema, message: z.string() });
export type Loss = z.infer<typeof lossSchema>;

/**
 * The smallest changes of a user's memory. A transaction is a list of operations and is applied entirely or
 * not at all. The commit log stores operations, so each is complete: applying one needs no clock, no
 * randomness and no file.
 */
export const operationSchema = z.discriminatedUnion('op', [
  /** Adds a page at the end of short-term memory, or (import) to an existing segment. */
  z.strictObject({ op: z.literal('page_added'), page: pageSchema, segment_id: segmentIdSchema.nullable() }),
  /** Moves a page from short-term memory to an existing segment. */
  z.strictObject({
    op: z.literal('page_migrated'),
    page_id: pageIdSchema,
    segment_id: segmentIdSchema,
    chain_id: chainIdSchema,
    meta_info: z.string(),
  }),
  /** Marks pages of a segment as analysed into long-term memory; N_visit becomes 0. */
  z.strictObject({
    op: z.literal('pages_analysed'),
    segment_id: segmentIdSchema,
    page_ids: z.array(pageIdSchema),
  }),
  /** Marks pages as read by the built-in reader, in any tier. */
  z.strictObject({ op: z.literal('pages_read'), page_ids: z.array(pageIdSchema) }),
  /** Marks pages whose content the host has recorded, in any tier. They need no other analysis. */
  z.strictObject({ op: z.literal('pages_noted'), page_ids: z.array(pageIdSchema) }),
  z.strictObject({ op: z.literal('page_forgotten'), page_id: pageIdSchema }),
  /** Replaces a page's chain summary because one of the summarised pages was forgotten. */
  z.strictObject({ op: z.literal('page_summarised'), page_id: pageIdSchema, meta_info: z.string() }),
  /** Opens a segment or replaces its head; its pages stay. */
  z.strictObject({ op: z.literal('segment_put'), head: segmentHeadSchema }),
  z.strictObject({
    op: z.literal('segment_visited'),
    segment_id: segmentIdSchema,
    visits: z.number().int().positive(),
    at: instantSchema,
  }),
  /** Evicts a segment. Its pages are already in the archive. */
  z.strictObject({ op: z.literal('segment_archived'), segment_id: segmentIdSchema }),
  /** Removes an empty segment. */
  z.strictObject({ op: z.literal('segment_removed'), segment_id: segmentIdSchema }),
  /** Records how much a purge removed from the archive. */
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
    /**
     * `capacity`: the oldest fact was removed and is kept in the archive. `forgotten`: the user had it
     * removed.
     */
    reason: z.enum(['capacity', 'forgotten']),
  }),
  /** Logs a change by hand. The other operations of the transaction make the change. */
  z.strictObject({ op: z.literal('change_logged'), change: loggedChangeSchema }),
  /** Removes the texts of these facts from the log of changes. */
  z.strictObject({ op: z.literal('changes_blanked'), fact_ids: z.array(factIdSchema) }),
  z.strictObject({ op: z.literal('analysis_failed'), trouble: analysisTroubleSchema }),
  z.strictObject({ op: z.literal('analysis_recovered'), job: z.string() }),
  /** Prevents forgotten content from coming back; see tombstones.ts. */
  tombstonesSchema.extend({ op: z.literal('tombstones_put') }),
  /** Records a loss of data. Every answer mentions it until a person accepts it. */
  z.strictObject({ op: z.literal('loss_noted'), loss: lossSchema }),
  /** A person has accepted all losses recorded so far. */
  z.strictObject({ op: z.literal('losses_accepted') }),
]);
export type Operation = z.infer<typeof operationSchema>;

/** The part of a memory that an operation visibly changes. */
export type MemoryPart = 'short_term' | 'segment_list' | 'long_term';

/** Null: no part, or only the segment that the operation names. */
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

/** The segment that an operation names, or null. */
export function segmentNamed(operation: Operation): SegmentId | null {
  if (operation.op === 'segment_put') return operation.head.id;
  return 'segment_id' in operation ? operation.segment_id : null;
}

/** The stored pages that an operation names. */
export function pagesNamed(operation: Operation): readonly PageId[] {
  if ('page_ids' in operation) return operation.page_ids;
  return 'page_id' in operation ? [operation.page_id] : [];
}
