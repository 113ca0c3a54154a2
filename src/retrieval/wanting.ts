import type { PageId, SegmentId } from '../model/ids.js';
import type { Page } from '../model/page.js';
import { findPage, type UserState } from '../model/user-state.js';
import type { TextReading } from '../ports/meaning-reader.js';
import type { VectorMemory } from './index/vector-memory.js';

/** A text that needs a vector, and a function that stores the result. */
export interface Wanting<T> {
  readonly text: string;
  take(made: T): void;
}

/** Called with the segment whose vectors have changed. */
type Changed = (id: SegmentId) => void;

/** The texts of a page that need vectors. Empty for a removed page. */
export function pageWanting(
  id: PageId,
  state: UserState,
  textOf: (page: Page) => string,
  vectors: VectorMemory,
  changed: Changed,
): readonly Wanting<TextReading>[] {
  const page = findPage(state, id);
  if (page === undefined) return [];
  const take = (reading: TextReading) => {
    vectors.setPage(id, reading);
    const segment = state.segmentOfPage.get(id);
    if (segment !== undefined) changed(segment);
  };
  return [{ text: textOf(page), take }];
}

/** The texts of a segment that need vectors. Empty for a removed segment. */
export function summaryWanting(
  id: SegmentId,
  state: UserState,
  vectors: VectorMemory,
  changed: Changed,
): readonly Wanting<Float32Array>[] {
  const text = state.segments.get(id)?.head.summary;
  if (text === undefined) return [];
  const take = (vector: Float32Array) => {
    vectors.setSummary(id, text, vector);
    changed(id);
  };
  return [{ text, take }];
}
