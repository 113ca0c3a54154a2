import { performance } from 'node:perf_hooks';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { startFakeOpenAi } from '../../tests/support/fake-openai/server.js';
import { makeFolder } from '../../tests/support/folders.js';
import { openMemory } from '../../tests/support/watched-memory.js';
import { usualSettings } from './calls.js';
import type { PlainPage } from './original-procedure.js';

/** Between two adds: short for a person, and long enough for the background work to begin. */
const pauseMs = 20;

/** Calls `run` with the real engine on files, and an endpoint that takes so long for every completion. */
async function withMemory<T>(completionMs: number, run: (engine: MemoryEngine) => Promise<T>): Promise<T> {
  const { folder, remove } = await makeFolder();
  const fake = await startFakeOpenAi({ completionMs });
  const { engine } = await openMemory(folder, { fake, settings: usualSettings });
  try {
    return await run(engine);
  } finally {
    await engine.close();
    await fake.stop();
    await remove();
  }
}

function add(engine: MemoryEngine, page: PlainPage) {
  return engine.add({
    userInput: page.user_input,
    agentResponse: page.agent_response,
    timestamp: page.timestamp,
  });
}

/**
 * Milliseconds of each `add` while earlier pages are analysed in the background. Each page is added to one memory for
 * each completion time, in turn, so that other load on the machine affects both alike.
 */
export async function addTimes(
  completionMs: readonly [number, number],
  pages: readonly PlainPage[],
): Promise<readonly [number[], number[]]> {
  const times: readonly [number[], number[]] = [[], []];
  const [one, other] = completionMs;
  await withMemory(one, (first) =>
    withMemory(other, async (second) => {
      const memories = [
        { engine: first, took: times[0] },
        { engine: second, took: times[1] },
      ];
      for (const page of pages) {
        for (const { engine, took } of memories) {
          const begin = performance.now();
          await add(engine, page);
          took.push(performance.now() - begin);
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        memories.reverse();
      }
    }),
  );
  return times;
}

/**
 * Milliseconds from an add that exceeds the capacity of short-term memory until a query finds the migrated batch by
 * the words of its new summary.
 */
export function searchableTimes(
  completionMs: number,
  pages: readonly PlainPage[],
  batches: number,
): Promise<number[]> {
  return withMemory(completionMs, async (engine) => {
    const times: number[] = [];
    const rest = pages[Symbol.iterator]();
    while (times.length < batches) {
      const next = rest.next();
      if (next.done === true) break;
      const known = new Set(
        (await engine.segments()).map(({ updated_at, segment_id }) => segment_id + updated_at),
      );
      await add(engine, next.value);
      const begin = performance.now();
      if ((await engine.stats()).analysis.pages_waiting === 0) continue;
      for (let found = false; !found; await new Promise((resolve) => setTimeout(resolve, 2))) {
        const { analysis, index } = await engine.stats();
        if (analysis.pages_waiting > 0 || index.vectors_missing > 0) continue;
        const filed = (await engine.segments()).find(
          ({ updated_at, segment_id }) => !known.has(segment_id + updated_at),
        );
        if (filed === undefined) continue;
        const { retrieved_pages } = await engine.retrieve({ query: filed.summary });
        found = retrieved_pages.some(({ segment_id }) => segment_id === filed.segment_id);
      }
      times.push(performance.now() - begin);
      await engine.flush();
    }
    return times;
  });
}

/** The value that this share of the values is below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
