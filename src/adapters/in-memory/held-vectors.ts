import type { Segment } from '../../model/segment.js';
import type { SegmentVectors } from '../../ports/memory-store.js';

/**
 * The vectors of pages and of the summary that the segment still has; the same object when that is all of
 * them.
 */
export function heldVectors(segment: Segment, vectors: SegmentVectors): SegmentVectors {
  const present = new Set<string>(segment.pages.map((page) => page.id));
  const pages = new Map([...vectors.pages].filter(([id]) => present.has(id)));
  const summary = vectors.summary?.text === segment.head.summary ? vectors.summary : null;
  if (pages.size === vectors.pages.size && summary === vectors.summary) return vectors;
  const pieces = new Map([...vectors.pieces].filter(([id]) => present.has(id)));
  return { ...vectors, summary, pages, pieces };
}
