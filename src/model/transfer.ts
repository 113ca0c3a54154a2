import { z } from 'zod';
import { loggedChangeSchema } from './change-log.js';
import { factSchema } from './knowledge.js';
import { tombstonesSchema } from './operation.js';
import { instantSchema, pageIdSchema, pageSchema, segmentIdSchema } from './page.js';
import { traitSchema } from './profile.js';
import { segmentHeadSchema } from './segment.js';

/** Of the export stream. A stream with a higher number is refused. Described in docs/backup-and-transfer.md. */
export const transferVersion = 2;
export const transferKind = 'memoryos-export';

const count = z.number().int().nonnegative();

/** The first line of an export. */
export const transferHeaderSchema = z.strictObject({
  kind: z.literal(transferKind),
  version: z.union([z.literal(1), z.literal(transferVersion)]),
  user_id: z.string().min(1),
  exported_at: instantSchema,
  /** The page that left short-term memory last: what the next one may continue. */
  last_migrated: pageIdSchema.nullable(),
  /** Transactions the memory had seen; tells a memory that was set back. Not in version 1, nor the next. */
  seq: count.optional(),
  /** Losses nobody had accepted: with one the export is not whole. */
  losses: count.optional(),
});
export type TransferHeader = z.infer<typeof transferHeaderSchema>;

/** A segment; the pages that are in it follow at once. `archived`: it was evicted. */
const transferSegmentSchema = z.strictObject({
  kind: z.literal('segment'),
  archived: z.boolean(),
  segment: segmentHeadSchema,
});
/** A page, of the segment before it or (null) of short-term memory. */
const transferPageSchema = z.strictObject({
  kind: z.literal('page'),
  segment_id: segmentIdSchema.nullable(),
  page: pageSchema,
});
const transferTraitSchema = z.strictObject({ kind: z.literal('trait'), trait: traitSchema });
/** A fact, current or superseded. `archived`: it left for want of room. */
const transferFactSchema = z.strictObject({
  kind: z.literal('fact'),
  archived: z.boolean(),
  fact: factSchema,
});
/** Something that was changed by hand. Not in version 1. */
const transferChangeSchema = z.strictObject({ kind: z.literal('change'), change: loggedChangeSchema });
/** Keyed hashes of what was forgotten, so that it does not come back where this is imported. Not in version 1. */
const transferTombstonesSchema = tombstonesSchema.extend({ kind: z.literal('tombstones') });
/** The last line: without it the stream was cut. */
export const transferEndSchema = z.strictObject({
  kind: z.literal('end'),
  /** Lines before this one. */
  lines: count,
});

/** A line of an export after the first. */
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
/** A line that carries a part of the memory. */
export type TransferRecord = Exclude<TransferLine, { kind: 'end' }>;
