import { expect, test } from 'vitest';
import { Coverage } from '../../../src/retrieval/features.js';
import { PageIndex } from '../../../src/retrieval/index/page-index.js';
import { VectorTable } from '../../../src/retrieval/index/vector-table.js';
import { readQuery } from '../../../src/retrieval/query.js';
import { besideIn } from '../../../src/retrieval/signals/beside.js';
import { makePage } from '../../support/records.js';

const startMs = Date.parse('2026-03-10T12:00:00.000Z');

/** Three pages of one session. The second continues the first, the third has another subject. */
function memory() {
  const index = new PageIndex();
  const texts = ['We adopted a cat', 'It is called Miso', 'The build needs Node 20'];
  texts.forEach((text, i) => {
    index.add(
      makePage(text, { agent_response: '', timestamp: new Date(startMs + i * 60_000).toISOString() }),
    );
  });
  index.order.link();
  const table = new VectorTable(2);
  table.set(0, Float32Array.of(1, 0));
  table.set(1, Float32Array.of(0.8, 0.6));
  table.set(2, Float32Array.of(-0.6, 0.8));
  return { index, table };
}

test('a page has the neighbours that continue its subject', () => {
  const { index, table } = memory();
  const beside = besideIn(index.order, table);
  expect([0, 1, 2].map((row) => beside(row))).toEqual([[1], [0], []]);
  const { informative, form } = readQuery('Which cat?', startMs, 'UTC', index);
  const coverage = new Coverage(informative, index, form);
  expect(coverage.of(1, beside(1)).near).toBeGreaterThan(0.5);
  expect(coverage.of(2, beside(2)).near).toBe(0);
});

test('every neighbour counts where vectors cannot tell: no vectors, or a page without one', () => {
  const { index, table } = memory();
  const all = [[1], [0, 2], [1]];
  expect([0, 1, 2].map(besideIn(index.order, null))).toEqual(all);
  table.clear(2);
  expect([0, 1, 2].map(besideIn(index.order, table))).toEqual(all);
});

test('the cosine of two rows is that of their vectors', () => {
  const { table } = memory();
  expect(table.cosine(0, 1)).toBeCloseTo(0.8, 2);
  expect(table.cosine(1, 2)).toBeCloseTo(0, 2);
  expect(table.cosine(0, 7)).toBe(0);
});
