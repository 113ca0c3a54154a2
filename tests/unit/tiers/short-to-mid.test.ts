import { describe, expect, it } from 'vitest';
import { applyOperation } from '../../../src/model/apply-operation.js';
import type { Page } from '../../../src/model/page.js';
import type { Segment } from '../../../src/model/segment.js';
import { emptyState, type UserState } from '../../../src/model/user-state.js';
import type { Analyser } from '../../../src/ports/analyser.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import {
  commitMigration,
  needOfMigration,
  needOfMigrationCommit,
  planMigration,
} from '../../../src/tiers/short-to-mid.js';
import { slices } from '../../support/on-store.js';
import { samplePage } from '../../support/samples.js';
import { oneTopic, scriptedAnalyser } from '../../support/scripted-analyser.js';

const embedder = createBuiltinEmbedder();
const nowMs = Date.parse('2026-01-02T00:00:00Z');

function stateWith(pages: readonly Page[]): UserState {
  const state = emptyState();
  for (const page of pages) applyOperation(state, { op: 'page_added', page, segment_id: null });
  return state;
}

async function migrate(
  state: UserState,
  analyser: Analyser,
  count: number,
  vectorOf: (id: string) => Float32Array | undefined = () => undefined,
): Promise<void> {
  const [first, ...rest] = state.shortTerm.slice(0, count);
  if (first === undefined) throw new Error('There is no page to migrate.');
  const context = {
    analyser,
    embedder,
    vectorOf,
    similarityMin: 0.6,
    signal: new AbortController().signal,
  };
  const plan = await planMigration(slices(state, needOfMigration), [first, ...rest], context);
  for (const operation of commitMigration(slices(state, needOfMigrationCommit(plan)), plan, context, nowMs))
    applyOperation(state, operation);
}

const segmentsOf = (state: UserState): Segment[] => [...state.segments.values()];

describe('migration', () => {
  it('moves a batch into a new segment, in order, leaving the rest', async () => {
    const pages = [samplePage(), samplePage(), samplePage()];
    const state = stateWith(pages);
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('garden')]), 2);
    expect(state.shortTerm).toEqual(pages.slice(2));
    const [segment] = segmentsOf(state);
    expect(segment?.pages.map((page) => page.id)).toEqual(pages.slice(0, 2).map((page) => page.id));
    expect(segment?.head).toMatchObject({
      theme: 'garden',
      summary: 'All about garden.',
      keywords: ['garden'],
    });
    expect(new Set(segment?.pages.map((page) => page.chain_id)).size).toBe(1);
    expect(segment?.pages[0]?.meta_info).toBe('chain of garden');
    expect(state.lastMigrated).toBe(pages[1]?.id);
  });

  it('joins the segment a topic belongs to, whose summary then covers both', async () => {
    const state = stateWith([samplePage(), samplePage()]);
    const analyser = scriptedAnalyser('scripted', [oneTopic('garden')]);
    await migrate(state, analyser, 1);
    await migrate(state, analyser, 1);
    expect(analyser.asked.batches[1]?.candidates).toHaveLength(1);
    expect(segmentsOf(state)).toHaveLength(1);
    expect(segmentsOf(state)[0]?.pages).toHaveLength(2);
    expect(segmentsOf(state)[0]?.head.summary).toBe('All about garden. And garden.');
  });

  it("uses the index's vector of a segment", async () => {
    const state = stateWith([samplePage(), samplePage()]);
    const analyser = scriptedAnalyser('scripted', [oneTopic('garden', []), oneTopic('garden', [])]);
    const [elsewhere] = await embedder.embed(['Quarterly taxes and invoices']);
    await migrate(state, analyser, 1);
    await migrate(state, analyser, 1, () => elsewhere);
    expect(segmentsOf(state)).toHaveLength(2);
  });

  it('opens another segment for another topic', async () => {
    const state = stateWith([samplePage(), samplePage()]);
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('garden')]), 1);
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('taxes')]), 1);
    expect(segmentsOf(state).map((segment) => segment.head.theme)).toEqual(['garden', 'taxes']);
  });

  it('continues a chain across batches, and starts one when nothing continues', async () => {
    const state = stateWith([samplePage(), samplePage(), samplePage()]);
    const continuing = oneTopic('garden');
    const analyser = scriptedAnalyser('scripted', [
      continuing,
      (input) => {
        const analysis = continuing(input);
        if (analysis instanceof Error) return analysis;
        return { ...analysis, pages: analysis.pages.map((page) => ({ ...page, continues: true })) };
      },
      continuing,
    ]);
    for (let i = 0; i < 3; i += 1) await migrate(state, analyser, 1);
    const chains = segmentsOf(state).flatMap((segment) => segment.pages.map((page) => page.chain_id));
    expect(chains[0]).toBe(chains[1]);
    expect(chains[2]).not.toBe(chains[1]);
    expect(analyser.asked.batches[1]?.previous?.meta_info).toBe('chain of garden');
  });

  it.each([
    ['forgets a page', (ids: string[]) => ids.slice(1)],
    ['claims a page twice', (ids: string[]) => [...ids, ids[0]]],
  ])('refuses an analysis that %s, and changes nothing', async (_, spoil) => {
    const pages = [samplePage(), samplePage()];
    const state = stateWith(pages);
    const analyser = scriptedAnalyser('scripted', [
      (input) => {
        const analysis = oneTopic('garden')(input);
        if (analysis instanceof Error) return analysis;
        return {
          ...analysis,
          topics: analysis.topics.map((topic) => ({
            ...topic,
            page_ids: spoil([...topic.page_ids]) as never,
          })),
        };
      },
    ]);
    await expect(migrate(state, analyser, 2)).rejects.toMatchObject({ code: 'MODEL_CONTENT' });
    expect(state).toEqual(stateWith(pages));
  });

  it('does not commit a plan for pages that were removed meanwhile', async () => {
    const pages = [samplePage(), samplePage()] as const;
    const state = stateWith(pages);
    const analyser = scriptedAnalyser('scripted', [oneTopic('garden')]);
    const context = {
      analyser,
      embedder,
      vectorOf: () => undefined,
      similarityMin: 0.6,
      signal: new AbortController().signal,
    };
    const plan = await planMigration(slices(state, needOfMigration), [pages[0]], context);
    applyOperation(state, { op: 'page_forgotten', page_id: pages[0].id });
    expect(() =>
      commitMigration(slices(state, needOfMigrationCommit(plan)), plan, context, nowMs),
    ).toThrowError(expect.objectContaining({ code: 'CONFLICT' }));
  });

  it('does not store a merged summary when the segment was summarised again meanwhile', async () => {
    const state = stateWith([samplePage(), samplePage()]);
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('garden')]), 1);
    const [segment] = segmentsOf(state);
    if (segment === undefined) throw new Error('There is no segment.');
    const [vector] = await embedder.embed([segment.head.summary]);
    const context = {
      analyser: scriptedAnalyser('scripted', [oneTopic('garden')]),
      embedder,
      vectorOf: () => vector,
      similarityMin: 0.6,
      signal: new AbortController().signal,
    };
    const plan = await planMigration(
      slices(state, needOfMigration),
      [state.shortTerm[0] ?? samplePage()],
      context,
    );
    const anew = { ...segment.head, summary: 'Nothing secret.' };
    applyOperation(state, { op: 'segment_put', head: anew });
    for (const operation of commitMigration(slices(state, needOfMigrationCommit(plan)), plan, context, nowMs))
      applyOperation(state, operation);
    expect(segmentsOf(state).map(({ head }) => head.summary)).toEqual(['All about garden. Nothing secret.']);
  });

  it('discards a plan when the summary of the page before it has changed', async () => {
    const state = stateWith([samplePage(), samplePage()]);
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('garden')]), 1);
    const last = state.lastMigrated;
    if (last === null) throw new Error('No page was migrated.');
    const context = {
      analyser: scriptedAnalyser('scripted', [oneTopic('garden')]),
      embedder,
      vectorOf: () => undefined,
      similarityMin: 0.6,
      signal: new AbortController().signal,
    };
    const plan = await planMigration(
      slices(state, needOfMigration),
      [state.shortTerm[0] ?? samplePage()],
      context,
    );
    applyOperation(state, { op: 'page_summarised', page_id: last, meta_info: 'nothing secret' });
    expect(() => commitMigration(slices(state, needOfMigrationCommit(plan)), plan, context, nowMs)).toThrow(
      /analysed again/,
    );
  });

  it('continues after the page migrated last has moved to the archive', async () => {
    const state = stateWith([samplePage(), samplePage()]);
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('garden')]), 1);
    for (const { head } of segmentsOf(state))
      applyOperation(state, { op: 'segment_archived', segment_id: head.id });
    await migrate(state, scriptedAnalyser('scripted', [oneTopic('violin')]), 1);
    expect(segmentsOf(state).map(({ pages }) => pages.length)).toEqual([1]);
  });
});
