import { newFactId, newSegmentId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { applyTransaction } from '../../src/model/transaction.js';
import { emptyState } from '../../src/model/user-state.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import type { ArchiveEntry } from '../../src/ports/store.js';
import { snapshot } from '../conformance/memory-store.js';
import { added, makeFact, makeHead, makePage, makeTrait, migrated, put, someAssistant } from './records.js';

/** One step of a script. */
export type Act =
  | { readonly kind: 'transaction'; readonly name: string; readonly operations: readonly Operation[] }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'purge' }
  | { readonly kind: 'vectors'; readonly segmentId: ReturnType<typeof newSegmentId> };

export interface Script {
  readonly acts: readonly Act[];
  /** The state after the first n transactions, as plain data. */
  readonly states: readonly unknown[];
  readonly archives: readonly string[][];
}

/** A short use of a memory: adds, a migration, an analysis, an eviction, forgetting, with checkpoints between. */
export function lifeOfAMemory(): Script {
  const pages = Array.from({ length: 7 }, (_, index) => makePage(`page ${index} ${'x'.repeat(200)}`));
  const [p0, p1, p2, p3, p4, p5, p6] = pages;
  if (!p0 || !p1 || !p2 || !p3 || !p4 || !p5 || !p6) throw new Error('seven pages');
  const one = makeHead('one');
  const two = makeHead('two', { id: newSegmentId(Date.now() + 1) });
  const old = makeFact('lives in Bonn', [p0.id], { slot: 'home' });
  const now = makeFact('lives in Berlin', [p1.id], { slot: 'home', id: newFactId(Date.now() + 1) });
  const own = makeFact('recommended a dal', [p1.id], { assistant_id: someAssistant });
  const transaction = (name: string, ...operations: Operation[]): Act => ({
    kind: 'transaction',
    name,
    operations,
  });
  const acts: Act[] = [
    transaction('add', added(p0)),
    transaction('add', added(p1), added(p2)),
    transaction('migrate', put(one), migrated(p0.id, one.id), migrated(p1.id, one.id)),
    { kind: 'vectors', segmentId: one.id },
    { kind: 'checkpoint' },
    transaction('add', added(p3)),
    transaction(
      'analyse',
      { op: 'fact_put', fact: old },
      { op: 'fact_put', fact: now },
      { op: 'fact_put', fact: { ...old, superseded_by: now.id } },
      { op: 'fact_put', fact: own },
      { op: 'trait_put', trait: makeTrait([p0.id]) },
      { op: 'pages_analysed', segment_id: one.id, page_ids: [p0.id, p1.id] },
      { op: 'pages_read', page_ids: [p0.id, p1.id] },
    ),
    transaction('migrate', put(two), migrated(p2.id, two.id), migrated(p3.id, one.id)),
    transaction('visit', {
      op: 'segment_visited',
      segment_id: two.id,
      visits: 1,
      at: '2026-05-01T00:00:00.000Z',
    }),
    transaction('add', added(p4)),
    transaction('evict', { op: 'segment_archived', segment_id: two.id }),
    transaction('drop a fact', {
      op: 'fact_removed',
      fact_id: own.id,
      assistant_id: someAssistant,
      reason: 'capacity',
    }),
    transaction('add', added(p5)),
    { kind: 'checkpoint' },
    transaction('forget', { op: 'page_forgotten', page_id: p1.id }),
    { kind: 'purge' },
    transaction('add', added(p6)),
  ];
  const state = emptyState();
  const states: unknown[] = [structuredClone(snapshot(state))];
  const archives: string[][] = [[]];
  let archive: string[] = [];
  for (const act of acts) {
    if (act.kind !== 'transaction') continue;
    const { departed } = applyTransaction(state, structuredClone([...act.operations]));
    archive = [
      ...archive,
      ...departed.segments.map(({ head }) => head.id),
      ...departed.facts.map(({ id }) => id),
    ];
    states.push(structuredClone(snapshot(state)));
    archives.push(archive);
  }
  return { acts, states, archives };
}

export async function perform(store: UserStore, act: Act): Promise<void> {
  switch (act.kind) {
    case 'transaction':
      await store.transact(() => act.operations);
      return;
    case 'checkpoint':
      await store.checkpoint();
      return;
    case 'purge':
      await store.purge((entry) => entry);
      return;
    case 'vectors':
      await store.saveVectors(act.segmentId, {
        model: 'test',
        dimensions: 2,
        summary: { text: 'about one', vector: Float32Array.of(1, 0) },
        pages: new Map(),
        pieces: new Map(),
      });
      return;
    default:
      act satisfies never;
  }
}

/** Ids of the segments and facts in the archive. */
export async function archivedIds(store: UserStore): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of store.readArchive()) found.push(idOf(entry));
  return found;
}

function idOf(entry: ArchiveEntry): string {
  return entry.kind === 'segment' ? entry.head.id : entry.fact.id;
}
