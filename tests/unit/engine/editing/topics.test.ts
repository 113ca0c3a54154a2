import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { heldStore } from '../../../../src/adapters/held/held-memory.js';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { mergeSegments } from '../../../../src/engine/editing/merge-segments.js';
import { splitSegment } from '../../../../src/engine/editing/split-segment.js';
import { heatByDay } from '../../../../src/engine/presenting/heat-by-day.js';
import type { UserMemory } from '../../../../src/engine/user-memory.js';
import { type SegmentId, toUserId } from '../../../../src/model/ids.js';
import type { Operation } from '../../../../src/model/operation.js';
import type { Page } from '../../../../src/model/page.js';
import { engineNowMs, engineOnFacts } from '../../../support/engine-on-facts.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { makeHead, makePage, someAssistant } from '../../../support/records.js';

const bees = makeHead('Bees', { summary: 'The user keeps bees.', keywords: ['bees'], n_visit: 2 });
const hives = makeHead('Hives', { summary: 'Hive 3 is full.', keywords: ['hive'], n_visit: 1 });
const page = (text: string, change: Partial<Page> = {}) =>
  makePage(text, { agent_response: 'Good.', analysed: true, read: true, ...change });
const beePages = [page('I keep bees in the garden.'), page('The sonata by Brahms is on tonight.')];
const hivePages = [page('Hive 3 is full of honey.')];

const stored: readonly Operation[] = [
  { op: 'segment_put', head: bees },
  { op: 'segment_put', head: hives },
  ...beePages.map((one) => ({ op: 'page_added' as const, page: one, segment_id: bees.id })),
  ...hivePages.map((one) => ({ op: 'page_added' as const, page: one, segment_id: hives.id })),
];

let engine: UserMemory;

beforeEach(async () => {
  const opened = await engineOnFacts(stored);
  engine = opened.engine;
});
afterEach(() => engine.close());

const inSegment = async (id: SegmentId) =>
  (await engine.segment(id)).page_list.map(({ user_input }) => user_input);

describe('merging topics', () => {
  it('moves all exchanges unchanged, keeps the name, and adds visits up', async () => {
    const merged = await engine.mergeSegments(bees.id, [hives.id], 'ui');
    expect(merged).toMatchObject({
      theme: 'Bees',
      summary: 'The user keeps bees. Hive 3 is full.',
      keywords: ['bees', 'hive'],
      pages: 3,
      n_visit: 3,
    });
    expect((await engine.segments()).map(({ segment_id }) => segment_id)).toEqual([bees.id]);
    const { page_list } = await engine.segment(bees.id);
    expect(page_list).toEqual([...beePages, ...hivePages]);
  });

  it('is found by what was said, under the topic it is in now', async () => {
    await engine.mergeSegments(bees.id, [hives.id]);
    await engine.flush();
    const { retrieved_pages } = await engine.retrieve({
      query: 'Which hive is full of honey?',
      explain: true,
      relevanceMin: 0,
    });
    const found = retrieved_pages.filter(({ page_id }) => page_id === hivePages[0]?.id);
    expect(found).toMatchObject([{ segment_id: bees.id }]);
  });

  it('is logged without a word of what was said', async () => {
    await engine.mergeSegments(bees.id, [hives.id], 'ui');
    expect(await engine.log()).toMatchObject([
      { action: 'merged', by: 'ui', segment_id: bees.id, before: null, after: null },
    ]);
  });

  it('is refused for one topic, for one that has gone, and for more than a topic holds; nothing changes', async () => {
    await expect(engine.mergeSegments(bees.id, [bees.id])).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(engine.mergeSegments(bees.id, [makeHead('gone').id])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const many = await engineOnFacts([
      { op: 'segment_put', head: bees },
      { op: 'segment_put', head: hives },
      ...Array.from({ length: 65 }, (_, i) => ({
        op: 'page_added' as const,
        page: page(`Entry ${i}.`),
        segment_id: i === 0 ? bees.id : hives.id,
      })),
    ]);
    await expect(many.engine.mergeSegments(bees.id, [hives.id])).rejects.toThrow(/have 65 exchanges.*64/);
    expect(await many.engine.segments()).toHaveLength(2);
    await many.engine.close();
    expect(await inSegment(bees.id)).toHaveLength(2);
    expect(await engine.log()).toEqual([]);
  });
});

describe('topics on disk', () => {
  it('are unchanged after a restart', async () => {
    const place = await makeFolderInMemory();
    const alice = toUserId('alice');
    const store = await heldStore(createFileStore({ dataDir: place.folder })).open(alice);
    await store.transact({}, () => stored);
    const parts = { store, clock: { now: () => engineNowMs }, assistantId: someAssistant };
    await mergeSegments(bees.id, [hives.id], 'ui', parts);
    const analyser = createBuiltinAnalyser();
    const pageIds = hivePages.map(({ id }) => id);
    const split = await splitSegment(
      { id: bees.id, pageIds, theme: 'Honey', by: 'ui' },
      { ...parts, analyser },
    );
    await store.close();
    const again = await createFileStore({ dataDir: place.folder }).open(alice);
    expect(again.notices).toEqual([]);
    expect([...again.state.segments.values()].map(({ head, pages }) => [head.id, head.theme, pages])).toEqual(
      [
        [bees.id, 'Bees', beePages],
        [split, 'Honey', hivePages],
      ],
    );
    expect(again.state.changes.map(({ action }) => action)).toEqual(['merged', 'split']);
    await again.close();
    await place.remove();
  });
});

describe('splitting a topic', () => {
  const odd = beePages[1] as Page;

  it('makes a topic of chosen exchanges, and describes both topics from their exchanges', async () => {
    const split = await engine.splitSegment(bees.id, { pageIds: [odd.id], by: 'ui' });
    expect(split.pages).toBe(1);
    expect(`${split.theme} ${split.summary}`).toMatch(/Brahms|sonata/i);
    expect(await inSegment(split.segment_id)).toEqual([odd.user_input]);
    expect(await inSegment(bees.id)).toEqual([beePages[0]?.user_input]);
    const rest = await engine.segment(bees.id);
    expect(rest.theme).toBe('Bees');
    expect(`${rest.summary} ${rest.keywords.join(' ')}`).not.toMatch(/Brahms|sonata/i);
    expect(await engine.log()).toMatchObject([{ action: 'split', by: 'ui', segment_id: bees.id }]);
  });

  it('gives the name that was chosen', async () => {
    const split = await engine.splitSegment(bees.id, { pageIds: [odd.id], theme: ' Music  at home ' });
    expect(split.theme).toBe('Music at home');
  });

  it('is refused for all exchanges, for those of another topic, and for a name of no characters', async () => {
    const all = beePages.map(({ id }) => id);
    await expect(engine.splitSegment(bees.id, { pageIds: all })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    const strange = hivePages.map(({ id }) => id);
    await expect(engine.splitSegment(bees.id, { pageIds: strange })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(engine.splitSegment(bees.id, { pageIds: [odd.id], theme: ' ' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    expect(await inSegment(bees.id)).toHaveLength(2);
  });
});

describe('renaming a topic', () => {
  it('is logged', async () => {
    await engine.renameSegment(bees.id, 'The apiary', 'cli');
    expect(await engine.log()).toMatchObject([{ action: 'renamed', by: 'cli', segment_id: bees.id }]);
  });
});

describe('the exchanges', () => {
  it('are listed by project and by who said it', async () => {
    const opened = await engineOnFacts([]);
    const at = (minutes: number) => new Date(engineNowMs - minutes * 60_000).toISOString();
    await opened.engine.addAll([
      { userInput: 'Use tabs.', agentResponse: 'Noted.', project: 'shop', timestamp: at(3) },
      { userInput: '', agentResponse: 'The tabs are done.', project: 'shop', timestamp: at(2) },
      { userInput: 'Use spaces, no tabs.', agentResponse: 'Noted.', timestamp: at(1) },
    ]);
    const said = async (input: Parameters<UserMemory['timeline']>[0]) =>
      (await opened.engine.timeline(input)).exchanges.map((one) => one.user_input);
    expect(await said({ project: 'shop' })).toEqual(['', 'Use tabs.']);
    expect(await said({ text: 'tabs', side: 'user' })).toEqual(['Use spaces, no tabs.', 'Use tabs.']);
    expect(await said({ text: 'tabs', side: 'agent' })).toEqual(['']);
    expect(await said({ side: 'user', project: 'shop' })).toEqual(['Use tabs.']);
    expect(await said({ project: 'sho' })).toEqual([]);
    await opened.engine.close();
  });
});

describe('heat by day', () => {
  it('is computed from the exchanges of the day, and falls after the last one', () => {
    const pages = [
      page('one', { timestamp: '2026-03-02T00:00:00.000Z' }),
      page('two', { timestamp: '2026-03-02T12:00:00.000Z' }),
    ];
    const weights = { alpha: 1, beta: 1, gamma: 1, recencyTauMs: 24 * 3600 * 1000 };
    const [before, day, after] = heatByDay(pages, ['2026-03-01', '2026-03-02', '2026-03-03'], weights);
    expect(before).toBe(0);
    expect(day).toBeCloseTo(2 + Math.exp(-0.5), 9);
    expect(after).toBeCloseTo(Math.exp(-1.5), 9);
  });
});
