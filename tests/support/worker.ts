import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { createVisits } from '../../src/engine/visits.js';
import { AnalysisWorker } from '../../src/engine/worker/analysis-worker.js';
import { ModelFitness } from '../../src/engine/worker/model-fitness.js';
import { createPause } from '../../src/engine/worker/pause.js';
import { toUserId } from '../../src/model/ids.js';
import type { Analyser, PageReader } from '../../src/ports/analyser.js';
import type { Embedder } from '../../src/ports/embedder.js';
import type { ReportLevel } from '../../src/ports/reporter.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { engineSettings } from './engine-settings.js';
import { stored } from './on-store.js';
import { samplePage } from './samples.js';
import { scriptedAnalyser } from './scripted-analyser.js';

export const startMs = Date.parse('2026-01-01T00:00:00Z');

/** The background worker of a user with an empty memory, on a store in memory and a clock that does not advance. */
export async function worker(
  analyser: Analyser,
  change: { segments?: number; heatMin?: number; fallback?: Analyser & PageReader; embedder?: Embedder } = {},
) {
  const store = await createInMemoryStore().open(toUserId('alice'));
  const time = { nowMs: startMs };
  const reports: string[] = [];
  const report = (level: ReportLevel, message: string) => void reports.push(`${level}: ${message}`);
  const configured = { count: 0, check: () => undefined };
  const worker = new AnalysisWorker({
    store: stored(store),
    pause: createPause(report, configured),
    fitness: new ModelFitness(),
    analyser,
    fallback: change.fallback ?? scriptedAnalyser('builtin', []),
    embedder: change.embedder ?? createBuiltinEmbedder(),
    vectorOf: () => undefined,
    visits: createVisits(stored(store)),
    clock: { now: () => time.nowMs },
    settings: engineSettings({
      midTermCapacitySegments: change.segments ?? 100,
      heatMin: change.heatMin ?? 1000,
    }),
    report,
  });
  const add = (count: number) =>
    store.transact(() =>
      Array.from({ length: count }, (_, i) => ({
        op: 'page_added' as const,
        page: samplePage({ user_input: `sentence ${i}`, read: true }),
        segment_id: null,
      })),
    );
  const migrated = () => [...store.state.segments.values()].flatMap((segment) => segment.pages);
  return { store, worker, time, configured, reports, add, migrated };
}
