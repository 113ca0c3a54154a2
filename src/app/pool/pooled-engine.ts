import type { MemoryChange, MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { AssistantId, UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';

/** The functions of the pool that a pooled engine uses. */
export interface UserSlot {
  /** Runs with the engine open; it is not closed meanwhile. */
  use<T>(run: (engine: MemoryEngine) => Promise<T>): Promise<T>;
  /** Like `use`, for work in several pieces; `release` ends it. */
  hold(): Promise<{ readonly engine: MemoryEngine; release(): void }>;
  listen(listener: (change: MemoryChange) => void): () => void;
}

/** A user's memory for callers that share it: every call borrows the engine from the pool. */
export function pooledEngine(
  userId: UserId,
  assistantId: AssistantId,
  slot: UserSlot,
  report: Reporter,
): MemoryEngine {
  const cancels = new Set<() => void>();
  return {
    userId,
    assistantId,
    add: (input) => slot.use((engine) => engine.add(input)),
    addAll: (inputs) => slot.use((engine) => engine.addAll(inputs)),
    retrieve: (input) => slot.use((engine) => engine.retrieve(input)),
    profile: (input) => slot.use((engine) => engine.profile(input)),
    longTerm: () => slot.use((engine) => engine.longTerm()),
    stats: () => slot.use((engine) => engine.stats()),
    segments: (atMs) => slot.use((engine) => engine.segments(atMs)),
    segment: (id) => slot.use((engine) => engine.segment(id)),
    forget: (input) => slot.use((engine) => engine.forget(input)),
    consolidate: (answer) => slot.use((engine) => engine.consolidate(answer)),
    update: (input) => slot.use((engine) => engine.update(input)),
    log: () => slot.use((engine) => engine.log()),
    timeline: (input) => slot.use((engine) => engine.timeline(input)),
    exchangesOf: (ids) => slot.use((engine) => engine.exchangesOf(ids)),
    days: () => slot.use((engine) => engine.days()),
    renameSegment: (id, theme, by) => slot.use((engine) => engine.renameSegment(id, theme, by)),
    mergeSegments: (into, from, by) => slot.use((engine) => engine.mergeSegments(into, from, by)),
    splitSegment: (id, input) => slot.use((engine) => engine.splitSegment(id, input)),
    heatByDay: (ids, days) => slot.use((engine) => engine.heatByDay(ids, days)),
    flush: (options) => slot.use((engine) => engine.flush(options)),

    async *respond(input) {
      const { engine, release } = await slot.hold();
      try {
        yield* engine.respond(input);
      } finally {
        release();
      }
    },

    onChange(listener) {
      const cancel = slot.listen(listener);
      cancels.add(cancel);
      // A closed memory reports no changes.
      slot.use(async () => undefined).catch((error: unknown) => report('debug', messageOf(error)));
      return () => {
        cancels.delete(cancel);
        cancel();
      };
    },

    async close() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
