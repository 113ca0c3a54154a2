import * as z from 'zod';
import { type AssistantId, type ChainId, isGeneratedId, type PageId, type SegmentId } from './ids.js';
import type { JsonObject } from './json.js';

export const pageIdSchema = z.custom<PageId>(
  (v) => typeof v === 'string' && isGeneratedId(v, 'pg'),
  'not a page id',
);
export const segmentIdSchema = z.custom<SegmentId>(
  (v) => typeof v === 'string' && isGeneratedId(v, 'sg'),
  'not a segment id',
);
export const chainIdSchema = z.custom<ChainId>(
  (v) => typeof v === 'string' && isGeneratedId(v, 'ch'),
  'not a chain id',
);
export const assistantIdSchema = z.custom<AssistantId>(
  (v) => typeof v === 'string' && v !== '',
  'not an assistant id',
);
/** ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const instantSchema = z.iso.datetime({ precision: 3 });
/** Length of the name of a project. */
export const projectCharactersMax = 200;
export const jsonObjectSchema = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;

/**
 * A dialogue page: one exchange between the user and the assistant. One side may be empty, but not both.
 * Records have the same form on disk, over MCP and in the library, hence snake_case.
 */
export const pageSchema = z.strictObject({
  id: pageIdSchema,
  user_input: z.string(),
  agent_response: z.string(),
  /** When the exchange took place. */
  timestamp: instantSchema,
  /** Offset of the speaker's clock from UTC at that time; absent when it was zero or is unknown. */
  utc_offset_minutes: z.number().int().min(-1440).max(1440).optional(),
  meta_data: jsonObjectSchema,
  /** The assistant in the conversation. Facts about it go to its own knowledge. */
  assistant_id: assistantIdSchema,
  /** The page's dialogue chain; null while the page is in short-term memory. */
  chain_id: chainIdSchema.nullable(),
  /** Running summary of the chain up to and including this page; '' in short-term memory. */
  meta_info: z.string(),
  /** Whether the page has been analysed into profile and knowledge. */
  analysed: z.boolean(),
  /** Whether the built-in reader has extracted the facts that this exchange states on its own. */
  read: z.boolean().default(false),
  /** True: the host has recorded what the page says. */
  noted: z.boolean().optional(),
});
export type Page = z.infer<typeof pageSchema>;

/**
 * The speaker's local time in milliseconds, as if that clock showed UTC. "Tomorrow" means the day after this
 * local day.
 */
export function wallTimeOfPage(page: Pick<Page, 'timestamp' | 'utc_offset_minutes'>): number {
  return Date.parse(page.timestamp) + (page.utc_offset_minutes ?? 0) * 60_000;
}

/** The speaker's local day, such as `2026-03-01`. */
export function dayOfPage(page: Pick<Page, 'timestamp' | 'utc_offset_minutes'>): string {
  return new Date(wallTimeOfPage(page)).toISOString().slice(0, 10);
}

/** The page's project, from `project` in its meta data; null when it has none. */
export function projectOf(page: Pick<Page, 'meta_data'>): string | null {
  const { project } = page.meta_data;
  return typeof project === 'string' && project !== '' ? project : null;
}

/**
 * Meta data key for the source of a page that a hook or an import brought. Kept for the record, not searched.
 */
export const originKey = 'origin';
