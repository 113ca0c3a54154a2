import { expect, it } from 'vitest';
import { Timeline } from '../../../../src/adapters/held/timeline.js';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { newPageId, type PageId, toUserId } from '../../../../src/model/ids.js';
import type { Operation } from '../../../../src/model/operation.js';
import type { TimelineNeed } from '../../../../src/ports/store.js';
import { added, makeHead, makePage, migrated, put } from '../../../support/records.js';

const all: TimelineNeed = {
  text: '',
  sinceMs: Number.NEGATIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
  limit: 3,
};
const at = (hour: number) =>
  new Date(Date.parse('2026-03-01T10:00:00.000Z') + hour * 3_600_000).toISOString();
const page = (hour: number) => makePage(`Page ${hour}`, { timestamp: at(hour) });

/** A memory, a timeline that follows it from the start, and a new one for comparison. */
async function followed() {
  const store = await createInMemoryStore().open(toUserId('ida'));
  const timeline = new Timeline();
  store.subscribe((change) => timeline.follow(change));
  const commit = (...operations: Operation[]) => store.transact(() => operations);
  const seen = (need: Partial<TimelineNeed> = {}) => {
    const wanted = { ...all, ...need };
    const listed = timeline.list(store.state, wanted);
    expect(listed).toEqual(new Timeline().list(store.state, wanted));
    expect(timeline.days(store.state, 2)).toEqual(new Timeline().days(store.state, 2));
    return (
      listed && { ...listed, exchanges: listed.exchanges.map(({ page: one }) => one.user_input.slice(5)) }
    );
  };
  return { commit, seen };
}

it('lists exchanges part by part', async () => {
  const { commit, seen } = await followed();
  const pages = [0, 1, 2, 3, 4].map(page);
  const id = (hour: number) => pages[hour]?.id ?? newPageId(0);
  await commit(...pages.map((one) => added(one)));
  expect(seen()).toEqual({ exchanges: ['4', '3', '2'], total: 5, more: true });
  expect(seen({ after: id(2) })).toEqual({ exchanges: ['1', '0'], total: 5, more: false });
  expect(seen({ after: id(0) })).toEqual({ exchanges: [], total: 5, more: false });
  const middle = { sinceMs: Date.parse(at(1)), untilMs: Date.parse(at(4)) };
  expect(seen(middle)).toEqual({ exchanges: ['3', '2', '1'], total: 3, more: false });
  expect(seen({ ...middle, after: id(2) })).toEqual({ exchanges: ['1'], total: 3, more: false });
  for (const outside of [id(0), id(4), newPageId(0)]) expect(seen({ ...middle, after: outside })).toBeNull();
});

it('follows added, moved and removed pages', async () => {
  const { commit, seen } = await followed();
  const [first, second, third] = [page(20), page(21), page(50)];
  const [topic, other] = [makeHead('one'), makeHead('two')];
  await commit(added(first), added(second), added(third));
  expect(seen()?.exchanges).toEqual(['50', '21', '20']);
  await commit(added(page(1)), added(page(60)), added(page(30)));
  expect(seen({ limit: 9 })?.exchanges).toEqual(['60', '50', '30', '21', '20', '1']);
  await commit(put(topic), put(other), migrated(first.id, topic.id), migrated(second.id, other.id));
  expect(seen({ segmentId: topic.id })?.exchanges).toEqual(['20']);
  // Merging two topics moves a page in this way.
  await commit({ op: 'page_forgotten', page_id: second.id as PageId }, added(second, topic.id), {
    op: 'segment_removed',
    segment_id: other.id,
  });
  expect(seen({ segmentId: topic.id })?.exchanges).toEqual(['21', '20']);
  expect(seen({ limit: 9 })?.exchanges).toEqual(['60', '50', '30', '21', '20', '1']);
  await commit({ op: 'page_forgotten', page_id: third.id });
  expect(seen({ limit: 9, text: 'page' })?.exchanges).toEqual(['60', '30', '21', '20', '1']);
  await commit({ op: 'segment_archived', segment_id: topic.id });
  expect(seen({ limit: 9, text: 'page' })?.exchanges).toEqual(['60', '30', '1']);
  expect(seen({ limit: 9, text: 'page 3' })?.exchanges).toEqual(['30']);
});

it.each([
  ['kiln', 'The KILN is hot.', true],
  ['kiln', 'The \u212ailn is hot.', true],
  ['i', '\u0130', true],
  ['in', '\u0130n', false],
  ['s', '\u017f', false],
  ['ss', 'Stra\u00dfe', false],
  ['\u00e4pfel', 'Zwei \u00c4PFEL', true],
  ['a.c', 'abc', false],
  ['[x]-(y)', 'so: [X]-(Y)', true],
  ['c++ / $1 \\d', 'C++ / $1 \\D', true],
])('finds %j in %j: %s, as their lower case says', async (text, said, found) => {
  expect(said.toLowerCase().includes(text)).toBe(found);
  const { commit, seen } = await followed();
  await commit(added(makePage(said, { agent_response: '', timestamp: at(0) })));
  expect(seen({ text })?.total).toBe(found ? 1 : 0);
});
