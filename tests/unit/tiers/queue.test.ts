import { expect, it } from 'vitest';
import { nextBatch, pagesAtHand, pagesWaiting } from '../../../src/tiers/queue.js';
import { samplePage } from '../../support/samples.js';

const pages = Array.from({ length: 11 }, () => samplePage());

it('takes the oldest half of the capacity once there is one page too many', () => {
  expect(nextBatch(pages.slice(0, 10), 10, false)).toBeNull();
  expect(nextBatch(pages, 10, false)).toEqual(pages.slice(0, 5));
  expect(nextBatch(pages.slice(0, 2), 1, false)).toEqual(pages.slice(0, 1));
});

it('drains what is within the capacity only when asked to', () => {
  expect(nextBatch(pages.slice(0, 3), 10, true)).toEqual(pages.slice(0, 3));
  expect(nextBatch([], 10, true)).toBeNull();
});

it('splits the queue into pages at hand and pages that wait, losing none', () => {
  expect(pagesWaiting(pages, 4)).toEqual(pages.slice(0, 7));
  expect(pagesAtHand(pages, 4)).toEqual(pages.slice(7));
  expect(pagesWaiting(pages, 20)).toEqual([]);
  expect(pagesAtHand(pages, 20)).toEqual(pages);
});
