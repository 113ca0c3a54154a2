import { expect, it } from 'vitest';
import { applyOperation } from '../../../../src/model/apply-operation.js';
import { newPageId, toAssistantId } from '../../../../src/model/ids.js';
import type { Operation } from '../../../../src/model/operation.js';
import { emptyState } from '../../../../src/model/user-state.js';
import type { Need, PlacedPage } from '../../../../src/ports/store.js';
import { slices } from '../../../support/on-store.js';
import {
  added,
  makeFact,
  makeHead,
  makePage,
  migrated,
  put,
  someAssistant,
} from '../../../support/records.js';

const hourMs = 3_600_000;
const startMs = Date.parse('2026-03-01T10:00:00.000Z');
const at = (hours: number) => new Date(startMs + hours * hourMs).toISOString();

const topic = makeHead('first');
const next = makeHead('second');
const pages = Array.from({ length: 8 }, (_, i) => makePage(`Page ${i}`, { timestamp: at(i * 12) }));
const [p0, p1, p2, p3, p4, p5, p6, p7] = pages as [
  (typeof pages)[0],
  (typeof pages)[0],
  (typeof pages)[0],
  (typeof pages)[0],
  (typeof pages)[0],
  (typeof pages)[0],
  (typeof pages)[0],
  (typeof pages)[0],
];
const unknown = newPageId(0);
const own = makeFact('likes tea', [p0.id]);
const said = makeFact('recommended tea', [p0.id], { assistant_id: someAssistant });

/** Pages 0 and 2 in the first segment, 1 in the second, 3 evicted, 4 to 7 in short-term memory. */
const state = emptyState();
const evicted = makeHead('evicted');
const operations: Operation[] = [
  ...[p0, p1, p2, p3, p4, p5, p6, p7].map((page) => added(page)),
  put(topic),
  put(next),
  put(evicted),
  migrated(p2.id, topic.id),
  migrated(p0.id, topic.id),
  migrated(p1.id, next.id),
  migrated(p3.id, evicted.id),
  { op: 'segment_archived', segment_id: evicted.id },
  { op: 'pages_analysed', segment_id: topic.id, page_ids: [p0.id] },
  { op: 'pages_noted', page_ids: [p5.id] },
  { op: 'pages_read', page_ids: [p2.id, p4.id] },
  { op: 'fact_put', fact: own },
  { op: 'fact_put', fact: said },
];
for (const operation of operations) applyOperation(state, operation);

const cut = <const N extends Need>(need: N) => slices(state, need);
const texts = (list: Iterable<{ user_input: string }>) =>
  [...list].map((page) => page.user_input.slice(5)).join('');
const places = (list: Iterable<PlacedPage>) =>
  [...list].map(
    ({ page, segmentId }) =>
      `${texts([page])}${segmentId === null ? '' : segmentId === topic.id ? 'a' : 'b'}`,
  );

it('counts pages, segments and facts', () => {
  expect(cut({ counts: true }).counts).toEqual({
    shortTerm: 4,
    segments: 2,
    midTerm: 3,
    unanalysed: 5,
    unread: 5,
    traits: 0,
    facts: 2,
    archivedSegments: 1,
    archivedPages: 1,
    seq: 0,
  });
});

it('finds pages by id in the requested order, with their places', () => {
  const found = cut({ pages: [p5.id, unknown, p1.id, p0.id, p3.id] }).pages;
  expect([...found.keys()]).toEqual([p5.id, p1.id, p0.id]);
  expect(places(found.values())).toEqual(['5', '1b', '0a']);
});

it('finds pages by time: short-term memory first, then segments from their last page', () => {
  const around = (...spans: [number, number][]) =>
    texts(
      cut({
        around: spans.map(([from, until]) => ({
          fromMs: startMs + from * hourMs,
          untilMs: startMs + until * hourMs,
        })),
      }).around,
    );
  expect(around([0, 24])).toBe('021');
  expect(around([47, 49], [12, 12])).toBe('41');
  expect(around([0, 60], [12, 48])).toBe('45021');
  expect(around([1, 11])).toBe('');
  expect(around()).toBe('');
});

it('returns the ends of short-term memory, and the pages said before a page, in either tier', () => {
  expect(texts(cut({ oldest: 2 }).oldest)).toBe('45');
  expect(texts(cut({ newest: 2 }).newest)).toBe('67');
  expect(texts(cut({ newest: 9 }).newest)).toBe('4567');
  expect(texts(cut({ before: { pageId: p7.id, most: 2, characters: 999 } }).before)).toBe('56');
  expect(texts(cut({ before: { pageId: p4.id, most: 2, characters: 999 } }).before)).toBe('12');
  const ofOne = p2.user_input.length + p2.agent_response.length;
  expect(texts(cut({ before: { pageId: p4.id, most: 2, characters: ofOne } }).before)).toBe('2');
  expect(texts(cut({ before: { pageId: p0.id, most: 2, characters: 999 } }).before)).toBe('');
  expect(texts(cut({ before: { pageId: p3.id, most: 2, characters: 999 } }).before)).toBe('');
});

it('returns pages that have not been read, analysed or noted', () => {
  expect(texts(cut({ unread: 3 }).unread)).toBe('015');
  expect(texts(cut({ unread: 99 }).unread)).toBe('01567');
  expect(places(cut({ waiting: 'notAnalysed' }).waiting)).toEqual(['2a', '1b', '4', '6', '7']);
  expect(places(cut({ waiting: 'notNoted' }).waiting)).toEqual(['2a', '0a', '1b', '4', '6', '7']);
});

it('knows the page that left short-term memory last, even after its eviction', () => {
  expect(cut({ lastMigrated: true }).lastMigrated).toEqual({ id: p3.id, page: null });
});

it('returns outlines and complete segments, in the order they were opened', () => {
  const outline = cut({ heads: 'all' }).heads.get(topic.id);
  expect(outline).toMatchObject({ size: 2, unanalysed: 1, unread: 1, firstAt: at(0), lastAt: at(24) });
  expect(outline?.characters).toBe(2 * 'Page 0answer to Page 0'.length);
  expect([...cut({ heads: [next.id, topic.id, evicted.id] }).heads.keys()]).toEqual([topic.id, next.id]);
  const { segments } = cut({ segments: [next.id, topic.id] });
  expect([...segments.values()].map((segment) => texts(segment.pages))).toEqual(['20', '1']);
});

it('returns what a target touches: segments, segments of its chains, and short-term pages', () => {
  const chain = state.segments.get(next.id)?.pages[0]?.chain_id ?? null;
  if (chain === null) throw new Error('a migrated page is in a chain');
  const touched = (target: Parameters<typeof cut>[0]['touched']) => {
    const slice = slices(state, {
      touched: target ?? { target: { kind: 'before', ms: 0 }, chains: [] },
    }).touched;
    return [...slice.segments.map((segment) => texts(segment.pages)), texts(slice.shortTerm)];
  };
  expect(touched({ target: { kind: 'pages', ids: new Set([p0.id, p6.id]) }, chains: [] })).toEqual([
    '20',
    '6',
  ]);
  expect(touched({ target: { kind: 'before', ms: startMs + 13 * hourMs }, chains: [] })).toEqual([
    '20',
    '1',
    '',
  ]);
  expect(touched({ target: { kind: 'pages', ids: new Set([p6.id]) }, chains: [chain] })).toEqual(['1', '6']);
  expect(touched({ target: { kind: 'pages', ids: new Set() }, chains: [] })).toEqual(['']);
});

it('returns facts by owner', () => {
  expect([...cut({ facts: 'all' }).facts]).toEqual([
    [null, [own]],
    [someAssistant, [said]],
  ]);
  const stranger = toAssistantId('stranger');
  expect([...cut({ facts: [stranger, null] }).facts]).toEqual([
    [stranger, []],
    [null, [own]],
  ]);
});

it('lists exchanges newest first, by text, time, segment and place', () => {
  const list = (more: object) => {
    const all = { text: '', sinceMs: -Infinity, untilMs: Infinity, limit: 3, ...more };
    const slice = cut({ timeline: all }).timeline;
    return slice === null ? null : [texts(slice.exchanges.map(({ page }) => page)), slice.total, slice.more];
  };
  expect(list({})).toEqual(['765', 7, true]);
  expect(list({ after: p4.id })).toEqual(['210', 7, false]);
  expect(list({ after: p3.id })).toBeNull();
  expect(list({ text: 'page 6' })).toEqual(['6', 1, false]);
  expect(list({ text: 'to page 1' })).toEqual(['1', 1, false]);
  expect(list({ sinceMs: startMs + 12 * hourMs, untilMs: startMs + 48 * hourMs })).toEqual(['21', 2, false]);
  expect(list({ segmentId: topic.id })).toEqual(['20', 2, false]);
});

it('counts exchanges for each of the latest days', () => {
  expect([...cut({ days: 2 }).days]).toEqual([
    ['2026-03-04', 2],
    ['2026-03-03', 2],
  ]);
});

it('returns every page, those of segments first', () => {
  expect(places(cut({ everyPage: true }).everyPage)).toEqual(['2a', '0a', '1b', '4', '5', '6', '7']);
});
