import * as z from 'zod';
import { loggedChangeSchema } from '../../../model/change-log.js';
import { factSchema } from '../../../model/knowledge.js';
import { analysisTroubleSchema, lossSchema, tombstonesSchema } from '../../../model/operation.js';
import { assistantIdSchema, instantSchema, pageIdSchema, pageSchema } from '../../../model/page.js';
import { traitSchema } from '../../../model/profile.js';
import { segmentHeadSchema } from '../../../model/segment.js';
import { type Header, isObject, schemaVersion, schemaVersionSchema } from '../log/journal-format.js';

const count = z.number().int().nonnegative();
const stamp = {
  schema_version: schemaVersionSchema,
  /** The epoch and the transaction that the file reflects. */
  epoch: count,
  seq: count,
};

/** short_term.json */
export const shortTermSchema = z.strictObject({
  ...stamp,
  user_id: z.string(),
  at: instantSchema,
  pages: z.array(pageSchema),
  last_migrated: pageIdSchema.nullable(),
  troubles: z.array(analysisTroubleSchema),
  archived: z.strictObject({ segments: count, pages: count }),
});

/** long_term_user.json */
export const longTermSchema = z.strictObject({
  ...stamp,
  user_id: z.string(),
  at: instantSchema,
  profile: z.array(traitSchema),
  knowledge: z.array(factSchema),
  /** Changes made by hand. */
  changes: z.array(loggedChangeSchema).optional(),
  /** Not in version 1. */
  tombstones: z.array(tombstonesSchema).optional(),
  losses: z.array(lossSchema).optional(),
});

/** assistants/<assistant>.json */
export const assistantSchema = z.strictObject({
  ...stamp,
  user_id: z.string(),
  assistant_id: assistantIdSchema,
  at: instantSchema,
  knowledge: z.array(factSchema),
});

/** mid_term/<segment>/segment.<epoch>-<seq>.json */
export const segmentFileSchema = z.strictObject({
  ...stamp,
  head: segmentHeadSchema,
  pages: z.array(pageSchema),
});
export type SegmentFile = z.infer<typeof segmentFileSchema>;

/**
 * Whether a value whose checksum is right has the shape of its schema. Of its pages only the first is checked: the
 * bytes are those that were written, and everything written has passed its schema. To check all pages would take
 * longer than to read them.
 */
export function isShapedLike<T>(schema: z.ZodType<T>, value: unknown): value is T {
  if (!isObject(value)) return false;
  const sample = Array.isArray(value.pages) ? { ...value, pages: value.pages.slice(0, 1) } : value;
  return schema.safeParse(sample).success;
}

/** The parts of a checkpoint as files for people, other tools and recovery. */
export function copiesOf(header: Header) {
  const { user_id, epoch, seq, at } = header;
  const front = { schema_version: schemaVersion, epoch, seq, user_id, at } as const;
  return {
    shortTerm: {
      ...front,
      pages: header.short_term,
      last_migrated: header.last_migrated,
      troubles: header.troubles,
      archived: header.archived,
    } satisfies z.infer<typeof shortTermSchema>,
    longTerm: {
      ...front,
      profile: header.profile,
      knowledge: header.user_knowledge,
      changes: header.changes ?? [],
      tombstones: header.tombstones ?? [],
      losses: header.losses ?? [],
    } satisfies z.infer<typeof longTermSchema>,
    assistants: header.assistant_knowledge.map(
      ({ assistant_id, facts }) =>
        ({ ...front, assistant_id, knowledge: facts }) satisfies z.infer<typeof assistantSchema>,
    ),
  };
}
