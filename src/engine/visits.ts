import type { SegmentId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { StoredMemory } from '../ports/store.js';

/** Counts visits of segments in memory and saves them from time to time, so that a query writes nothing. */
export interface Visits {
  note(segments: Iterable<SegmentId>, nowMs: number): void;
  save(): Promise<void>;
}

export function createVisits(store: StoredMemory): Visits {
  let counted = new Map<SegmentId, { visits: number; atMs: number }>();

  return {
    note(segments, nowMs) {
      for (const id of new Set(segments)) {
        const before = counted.get(id)?.visits ?? 0;
        counted.set(id, { visits: before + 1, atMs: nowMs });
      }
    },

    async save() {
      if (counted.size === 0) return;
      const saving = counted;
      counted = new Map();
      try {
        await store.transact({ heads: [...saving.keys()] }, ({ heads }) =>
          [...saving].flatMap(([id, { visits, atMs }]): Operation[] =>
            heads.has(id)
              ? [{ op: 'segment_visited', segment_id: id, visits, at: new Date(atMs).toISOString() }]
              : [],
          ),
        );
      } catch (error) {
        for (const [id, { visits, atMs }] of saving) {
          const since = counted.get(id);
          counted.set(id, { visits: visits + (since?.visits ?? 0), atMs: since?.atMs ?? atMs });
        }
        throw error;
      }
    },
  };
}
