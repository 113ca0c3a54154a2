import { z } from 'zod';
import { instantSchema, type Page, segmentIdSchema } from './page.js';

/** What is stored of a segment beside its pages; small, and rewritten at every change. */
export const segmentHeadSchema = z.strictObject({
  id: segmentIdSchema,
  theme: z.string(),
  summary: z.string(),
  /** Lower-cased, without duplicates. */
  keywords: z.array(z.string()),
  created_at: instantSchema,
  /** When a topic last joined. */
  updated_at: instantSchema,
  /** N_visit of the heat formula: times retrieved since the last analysis. */
  n_visit: z.number().int().nonnegative(),
  /** Last time retrieved; the creation time at first. */
  last_visit_at: instantSchema,
  /** Who wrote theme, summary and keywords: `builtin` or the name of a model. */
  analysed_by: z.string(),
});
export type SegmentHead = z.infer<typeof segmentHeadSchema>;

/** What is counted of the pages of a segment. Derived; kept because it is asked for often. */
export interface SegmentCounts {
  /** How many of the pages are not analysed yet: L_interaction. */
  unanalysed: number;
  /** How many of the pages the built-in reader has not read yet. */
  unread: number;
  /** Of both sides of all its pages, in UTF-16 units. */
  characters: number;
  /** When the earliest and the latest of its pages were said; null without pages. */
  firstAt: string | null;
  lastAt: string | null;
}

/** Pages on one topic, in the order they came. */
export interface Segment extends SegmentCounts {
  head: SegmentHead;
  pages: Page[];
}

/** What is known of a segment without its pages. */
export interface SegmentOutline extends Readonly<SegmentCounts> {
  readonly head: SegmentHead;
  /** How many there are. */
  readonly pages: number;
}

/** A segment as read from where it was kept. */
export function segmentOf(head: SegmentHead, pages: Page[]): Segment {
  return { head, pages, ...countsOf(pages) };
}

/** Counts these pages. */
export function countsOf(pages: readonly Page[]): SegmentCounts {
  const counts = { unanalysed: 0, unread: 0, characters: 0, firstAt: null, lastAt: null };
  for (const page of pages) countIn(counts, page);
  return counts;
}

/** Counts one page more, in place. */
export function countIn(counts: SegmentCounts, page: Page): void {
  if (!page.analysed) counts.unanalysed += 1;
  if (!page.read) counts.unread += 1;
  counts.characters += page.user_input.length + page.agent_response.length;
  // Instants are written alike, so their order is that of their text.
  if (counts.firstAt === null || page.timestamp < counts.firstAt) counts.firstAt = page.timestamp;
  if (counts.lastAt === null || page.timestamp > counts.lastAt) counts.lastAt = page.timestamp;
}

export function outlineOf(segment: Segment): SegmentOutline {
  // Not by rest and spread: a list of topics makes thousands of them.
  const { head, pages, unanalysed, unread, characters, firstAt, lastAt } = segment;
  return { head, pages: pages.length, unanalysed, unread, characters, firstAt, lastAt };
}
