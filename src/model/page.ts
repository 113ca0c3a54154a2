import { z } from 'zod';
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
export const jsonObjectSchema = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;

/**
 * A dialogue page: one exchange between the user and the assistant. One side may be empty, not both.
 * The records of this project look the same on disk, over MCP and in the library, hence snake_case.
 */
export const pageSchema = z.strictObject({
  id: pageIdSchema,
  user_input: z.string(),
  agent_response: z.string(),
  /** When the exchange took place. */
  timestamp: instantSchema,
  /** How far the speaker's clock was ahead of UTC then; left out where it was not, or is not known. */
  utc_offset_minutes: z.number().int().min(-1440).max(1440).optional(),
  meta_data: jsonObjectSchema,
  /** The assistant that was talked to; facts about it go to its own knowledge. */
  assistant_id: assistantIdSchema,
  /** The dialogue chain; null as long as the page is in short-term memory. */
  chain_id: chainIdSchema.nullable(),
  /** Running summary of the chain up to and with this page; '' in short-term memory. */
  meta_info: z.string(),
  /** Whether the page went into profile and knowledge already. */
  analysed: z.boolean(),
  /** Whether the built-in reader has taken from it what one exchange tells. */
  read: z.boolean().default(false),
  /** True: the host has said what it means. */
  noted: z.boolean().optional(),
});
export type Page = z.infer<typeof pageSchema>;

/** What the speaker's clock showed, as milliseconds as if it showed UTC: "tomorrow" is the day after this one. */
export function wallTimeOfPage(page: Pick<Page, 'timestamp' | 'utc_offset_minutes'>): number {
  return Date.parse(page.timestamp) + (page.utc_offset_minutes ?? 0) * 60_000;
}

/** The speaker's day, `2026-03-01`. */
export function dayOfPage(page: Pick<Page, 'timestamp' | 'utc_offset_minutes'>): string {
  return new Date(wallTimeOfPage(page)).toISOString().slice(0, 10);
}

/** Where a page was said: `project` of its meta data; null where it has none. */
export function projectOf(page: Pick<Page, 'meta_data'>): string | null {
  const { project } = page.meta_data;
  return typeof project === 'string' && project !== '' ? project : null;
}

/** Where a page that a hook or an import brought comes from: kept for the record, not searched. */
export const originKey = 'origin';
