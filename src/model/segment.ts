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

/** Pages on one topic, in the order they came. */
export interface Segment {
  head: SegmentHead;
  pages: Page[];
  /** How many of the pages are not analysed yet: L_interaction. Derived, kept because heat is asked for often. */
  unanalysed: number;
  /** How many of the pages the built-in reader has not read yet. Derived, too. */
  unread: number;
}

/** What is known of a segment without its pages. */
export interface SegmentOutline {
  readonly head: SegmentHead;
  /** How many there are. */
  readonly pages: number;
  readonly unanalysed: number;
  readonly unread: number;
  /** Of both sides of all its pages, in UTF-16 units. */
  readonly characters: number;
  /** When the earliest and the latest of its pages were said; null without pages. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

/** A segment as read from where it was kept. */
export function segmentOf(head: SegmentHead, pages: Page[]): Segment {
  return {
    head,
    pages,
    unanalysed: pages.filter((page) => !page.analysed).length,
    unread: pages.filter((page) => !page.read).length,
  };
}
