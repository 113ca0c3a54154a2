import { expect, test } from 'vitest';
import { newSegmentId } from '../../../../src/model/ids.js';
import { SegmentIndex } from '../../../../src/retrieval/index/segment-index.js';
import { makeHead } from '../../../support/records.js';

test('segments keep their pages after compaction', () => {
  const segments = new SegmentIndex();
  const [garden, kitchen] = [newSegmentId(1), newSegmentId(2)];
  [0, 1, 2].forEach((row) => {
    segments.place(row, garden);
  });
  [3, 4].forEach((row) => {
    segments.place(row, kitchen);
  });
  segments.take(1);
  segments.place(2, kitchen);
  expect(segments.pagesIn(garden)).toEqual([0]);
  segments.compact(Int32Array.from([0, -1, 1, 2, 3]));
  expect(segments.pagesIn(garden)).toEqual([0]);
  expect(segments.pagesIn(kitchen)).toEqual([1, 2, 3]);
  expect([0, 1, 2, 3, 4].map((row) => segments.idOf(row))).toEqual([
    garden,
    kitchen,
    kitchen,
    kitchen,
    undefined,
  ]);
});

test('replaced summaries are not found and do not use memory forever', () => {
  const segments = new SegmentIndex();
  const head = makeHead('garden');
  for (let i = 0; i < 1500; i++) segments.describe({ ...head, summary: `summary number${i}` });
  expect(segments.textRows).toBeLessThan(110);
  expect(segments.words.terms).toBeLessThan(120);
  expect(segments.words.pages).toBe(1);
  expect(segments.words.find('number1499')).toBeDefined();
  expect(segments.words.find('number1498')).toBeUndefined();
  segments.forget(head.id);
  expect(segments.words.find('number1499')).toBeUndefined();
  expect(segments.pagesIn(head.id)).toEqual([]);
});
