import type { PageId, SegmentId } from '../model/ids.js';
import { findPage, type UserState } from '../model/user-state.js';
import { embeddedText } from './index/page-index.js';
import type { VectorMemory } from './index/vector-memory.js';

/** A text that wants a vector, and where to put it. */
export interface Wanting {
  readonly text: string;
  take(vector: Float32Array): void;
}

/** Told of the segment whose vectors have changed. */
type Changed = (id: SegmentId) => void;

/** Empty for a page that is gone. */
export function pageWanting(
  id: PageId,
  state: UserState,
  vectors: VectorMemory,
  changed: Changed,
): readonly Wanting[] {
  const page = findPage(state, id);
  if (page === undefined) return [];
  const take = (vector: Float32Array) => {
    vectors.setPage(id, vector);
    const segment = state.segmentOfPage.get(id);
    if (segment !== undefined) changed(segment);
  };
  return [{ text: embeddedText(page), take }];
}

/** Empty for a segment that is gone. */
export function summaryWanting(
  id: SegmentId,
  state: UserState,
  vectors: VectorMemory,
  changed: Changed,
): readonly Wanting[] {
  const text = state.segments.get(id)?.head.summary;
  if (text === undefined) return [];
  const take = (vector: Float32Array) => {
    vectors.setSummary(id, text, vector);
    changed(id);
  };
  return [{ text, take }];
}
