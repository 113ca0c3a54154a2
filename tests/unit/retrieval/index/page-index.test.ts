import { expect, test } from 'vitest';
import { PageIndex } from '../../../../src/retrieval/index/page-index.js';
import { VectorTable } from '../../../../src/retrieval/index/vector-table.js';
import { PageSearch } from '../../../../src/retrieval/page-search.js';
import { readQuery } from '../../../../src/retrieval/query.js';
import { relevanceModel } from '../../../../src/retrieval/relevance.js';
import { makePage } from '../../../support/records.js';

const nowMs = Date.parse('2026-03-10T12:00:00.000Z');
const texts = ['violin', 'garden', 'tomato', 'cello', 'oven', 'bicycle', 'kayak', 'lighthouse'];

/** Pages a day apart, so that none are neighbours. */
function pagesOf(count: number) {
  return Array.from({ length: count }, (_, i) =>
    makePage(`the ${texts[i % texts.length]} number${i} is here`, {
      agent_response: '',
      timestamp: new Date(nowMs - (count - i) * 86_400_000).toISOString(),
    }),
  );
}

const asked = { meaning: null, pagesMax: 3, model: relevanceModel('words'), relevanceMin: 0 };

function find(index: PageIndex, text: string) {
  const { best, found } = new PageSearch(index).search(readQuery(text, nowMs, 'UTC', index), asked);
  return { ids: best.slice(0, found).map(({ id }) => id), found };
}

test('removed pages are not found, and compaction changes no answer', () => {
  const index = new PageIndex();
  const pages = pagesOf(4000);
  for (const page of pages) index.add(page);
  const kept = pages.filter((_, i) => i % 3 === 0);
  for (const page of pages) if (!kept.includes(page)) index.remove(page.id);
  expect(index.wasteful).toBe(true);
  const before = ['violin', 'number3', 'number4', 'kayak number 999'].map((text) => find(index, text));
  index.compact();
  expect(index.wasteful).toBe(false);
  expect(index.rows).toBe(kept.length);
  expect(['violin', 'number3', 'number4', 'kayak number 999'].map((text) => find(index, text))).toEqual(
    before,
  );
  expect(before[1]?.ids).toEqual([pages[3]?.id]);
  expect(before[2]?.found).toBe(0);

  const late = makePage('a zeppelin');
  index.add(late);
  expect(find(index, 'zeppelin').ids[0]).toBe(late.id);
});

test('with as many pages removed as added, the index keeps its size and answers like a new one', () => {
  const index = new PageIndex();
  const pages = pagesOf(5000);
  const kept = 300;
  pages.forEach((page, i) => {
    index.add(page);
    const leaving = pages[i - kept];
    if (leaving !== undefined) index.remove(leaving.id);
    if (index.wasteful) index.compact();
    expect(index.rows).toBeLessThanOrEqual(kept + 202);
    // Every row has one word of its own and words that all share.
    expect(index.words.terms).toBeLessThanOrEqual(kept + 202 + texts.length + 3);
  });
  const fresh = new PageIndex();
  for (const page of pages.slice(-kept)) fresh.add(page);
  for (const text of ['violin', 'number4999', 'number100', 'kayak number4766']) {
    expect(find(index, text), text).toEqual(find(fresh, text));
  }
});

test('vectors keep their pages after compaction', () => {
  const table = new VectorTable(4);
  const unit = (i: number) => Float32Array.from([0, 1, 2, 3], (k) => (k === i % 4 ? 1 : 0));
  const rows = 9000;
  for (let row = 0; row < rows; row++) table.set(row, unit(row));
  const renumbered = new Int32Array(rows).fill(-1);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    if (row % 4 === 1) renumbered[row] = next++;
    else table.clear(row);
  }
  table.compact(renumbered);
  expect(table.count).toBe(next);
  const cosines = new Float32Array(next + 10);
  table.scan(unit(1), next + 10, cosines);
  expect(cosines.slice(0, next).every((cosine) => Math.abs(cosine - 1) < 0.01)).toBe(true);
  expect(cosines.slice(next).every((cosine) => cosine === 0)).toBe(true);
});

test('pages added out of order are sorted by time', () => {
  const index = new PageIndex();
  const at = (minute: number) => new Date(nowMs + minute * 60_000).toISOString();
  const [third, first, second, other] = [20, 0, 10, 500].map((minute) =>
    index.add(makePage(`page of minute ${minute}`, { timestamp: at(minute) })),
  );
  index.order.link();
  expect(index.order.rows).toEqual([first, second, third, other]);
  expect(index.order.previous.values[second ?? 0]).toBe(first);
  expect(index.order.next.values[second ?? 0]).toBe(third);
  expect(index.order.next.values[third ?? 0]).toBe(-1);
  expect(index.order.sessions).toBe(2);
});
