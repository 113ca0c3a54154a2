import { HeldMemory } from '../../src/adapters/held/held-memory.js';
import { slicesOf } from '../../src/adapters/held/slices.js';
import { Timeline } from '../../src/adapters/held/timeline.js';
import type { UserState } from '../../src/model/user-state.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import type { Answer, Need } from '../../src/ports/store.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import type { RetrieverParts } from '../../src/retrieval/retriever.js';

/** The parts of an engine that use a memory which is completely in the process. */
export function onStore(held: UserStore) {
  return {
    store: stored(held),
    openRetriever: (parts: RetrieverParts) => new MemoryRetriever({ ...parts, store: held }),
  };
}

/** The store port over a memory that is completely in the process. */
export function stored(held: UserStore): HeldMemory {
  return new HeldMemory(held);
}

/** The slices of a state that answer a need. */
export function slices<const N extends Need>(state: UserState, need: N): Answer<N> {
  return slicesOf({ state, seq: 0, timeline: new Timeline() }, need);
}
