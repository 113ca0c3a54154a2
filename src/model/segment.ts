import * as z from 'zod';
import { instantSchema, type Page, segmentIdSchema } from './page.js';

/** The stored description of a segment, without its pages. It is small and rewritten at every change. */
export const segmentHeadSchema = z.strictObject({
  id: segmentIdSchema,
  theme: z.string(),
  summary: z.string(),
  /** Lower-cased, without duplicates. */
  keywords: z.array(z.string()),
  created_at: instantSchema,
  /** When a topic last joined. */
  updated_at: instantSchema,
  /** N_visit of the heat formula: retrievals since the last analysis. */
  n_visit: z.number().int().nonnegative(),
  /** When the segment was last retrieved; initially its creation time. */
  last_visit_at: instantSchema,
  /** What wrote theme, summary and keywords: `builtin` or the name of a model. */
  analysed_by: z.string(),
});
export type SegmentHead = z.infer<typeof segmentHeadSchema>;

/** Counts over the pages of a segment. Derived; kept because they are read often. */
export interface SegmentCounts {
  /** Number of pages. */
  size: number;
  /** Pages not analysed yet: L_interaction. */
  unanalysed: number;
  /** Pages the built-in reader has not read yet. */
  unread: number;
  /** Length of both sides of all pages, in UTF-16 units. */
  characters: number;
  /** Times of the earliest and the latest page; null when there are no pages. */
  firstAt: string | null;
  lastAt: string | null;
}

/** Pages on one topic, in the order they were added. */
export interface Segment extends SegmentCounts {
  head: SegmentHead;
  pages: Page[];
}

/** A segment without its pages: head and counts. */
export interface SegmentOutline extends Readonly<SegmentCounts> {
  readonly head: SegmentHead;
}

/** Builds a segment from its stored head and pages. */
export function segmentOf(head: SegmentHead, pages: Page[]): Segment {
  return { head, pages, ...countsOf(pages) };
}

/** Computes the counts of these pages. */
export function countsOf(pages: readonly Page[]): SegmentCounts {
  const counts = { size: 0, unanalysed: 0, unread: 0, characters: 0, firstAt: null, lastAt: null };
  for (const page of pages) countIn(counts, page);
  return counts;
}

/** Adds one page to the counts, in place. */
export function countIn(counts: SegmentCounts, page: Page): void {
  counts.size += 1;
  if (!page.analysed) counts.unanalysed += 1;
  if (!page.read) counts.unread += 1;
  counts.characters += page.user_input.length + page.agent_response.length;
  // All instants have the same format, so comparing their texts compares their times.
  if (counts.firstAt === null || page.timestamp < counts.firstAt) counts.firstAt = page.timestamp;
  if (counts.lastAt === null || page.timestamp > counts.lastAt) counts.lastAt = page.timestamp;
}

export function outlineOf(segment: Segment): SegmentOutline {
  // Not by rest and spread: a list of topics makes thousands of them.
  const { head, size, unanalysed, unread, characters, firstAt, lastAt } = segment;
  return { head, size, unanalysed, unread, characters, firstAt, lastAt };
}
