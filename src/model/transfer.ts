import * as z from 'zod';
import { loggedChangeSchema } from './change-log.js';
import { factSchema } from './knowledge.js';
import { tombstonesSchema } from './operation.js';
import { instantSchema, pageIdSchema, pageSchema, segmentIdSchema } from './page.js';
import { traitSchema } from './profile.js';
import { segmentHeadSchema } from './segment.js';

/**
 * Version of the export stream, described in docs/backup-and-transfer.md. Import refuses a higher version.
 */
export const transferVersion = 2;
export const transferKind = 'memoryos-export';

const count = z.number().int().nonnegative();

/** The first line of an export. */
export const transferHeaderSchema = z.strictObject({
  kind: z.literal(transferKind),
  version: z.union([z.literal(1), z.literal(transferVersion)]),
  user_id: z.string().min(1),
  exported_at: instantSchema,
  /** The page that left short-term memory last; the next page may continue its chain. */
  last_migrated: pageIdSchema.nullable(),
  /**
   * Number of transactions of the memory; a lower number shows that the memory was set back. Not in version
   * 1, as is the next field.
   */
  seq: count.optional(),
  /** Losses that nobody had accepted. When there are any, the export is incomplete. */
  losses: count.optional(),
});
export type TransferHeader = z.infer<typeof transferHeaderSchema>;

/** A segment, followed directly by its pages. `archived`: it was evicted. */
const transferSegmentSchema = z.strictObject({
  kind: z.literal('segment'),
  archived: z.boolean(),
  segment: segmentHeadSchema,
});
/** A page of the preceding segment or (null) of short-term memory. */
const transferPageSchema = z.strictObject({
  kind: z.literal('page'),
  segment_id: segmentIdSchema.nullable(),
  page: pageSchema,
});
const transferTraitSchema = z.strictObject({ kind: z.literal('trait'), trait: traitSchema });
/** A fact, current or superseded. `archived`: it was removed because of the capacity limit. */
const transferFactSchema = z.strictObject({
  kind: z.literal('fact'),
  archived: z.boolean(),
  fact: factSchema,
});
/** A change made by hand. Not in version 1. */
const transferChangeSchema = z.strictObject({ kind: z.literal('change'), change: loggedChangeSchema });
/**
 * Keyed hashes of forgotten content, so that the importing memory does not bring it back. Not in version 1.
 */
const transferTombstonesSchema = tombstonesSchema.extend({ kind: z.literal('tombstones') });
/** The last line. A stream without it is truncated. */
export const transferEndSchema = z.strictObject({
  kind: z.literal('end'),
  /** Number of lines before this one. */
  lines: count,
});

/** Any line of an export after the first. */
export const transferLineSchema = z.discriminatedUnion('kind', [
  transferSegmentSchema,
  transferPageSchema,
  transferTraitSchema,
  transferFactSchema,
  transferChangeSchema,
  transferTombstonesSchema,
  transferEndSchema,
]);
export type TransferLine = z.infer<typeof transferLineSchema>;
/** A line that holds a part of the memory. */
export type TransferRecord = Exclude<TransferLine, { kind: 'end' }>;
