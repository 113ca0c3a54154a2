import { expect, it } from 'vitest';
import type { Page } from '../../../src/model/page.js';
import {
  batchReach,
  nextBatch as nextOfOldest,
  pagesAtHand,
  pauseOfAddMs,
} from '../../../src/tiers/queue.js';
import { samplePage } from '../../support/samples.js';

/** The view of a queue that migration needs: its oldest pages and its length. */
function nextBatch(queue: readonly Page[], capacityPages: number, drain: boolean) {
  return nextOfOldest(queue.slice(0, batchReach(capacityPages)), queue.length, capacityPages, drain);
}

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

it('has the newest pages at hand', () => {
  expect(pagesAtHand(pages, 4)).toEqual(pages.slice(7));
  expect(pagesAtHand(pages, 20)).toEqual(pages);
});

it('takes larger batches while many wait, up to a number of pages and of characters', () => {
  const waiting = (count: number, text = 'short') =>
    Array.from({ length: count }, () => samplePage({ user_input: text, agent_response: '' }));
  const taken = (queue: ReturnType<typeof waiting>) => nextBatch(queue, 10, false)?.length;
  expect([11, 150, 346, 426, 1290, 100_000].map((count) => taken(waiting(count)))).toEqual([
    5, 5, 20, 40, 256, 512,
  ]);
  expect(taken(waiting(10_000, 'x'.repeat(32 * 1024)))).toBe(8);
  expect(taken(waiting(10_000, 'x'.repeat(1024 * 1024)))).toBe(5);
  const queue = waiting(1290);
  expect(nextBatch(queue, 10, false)).toEqual(queue.slice(0, 256));
});

it('keeps what waits bounded where 60 pages come while a batch is migrated', () => {
  const queue = [samplePage()];
  let most = 0;
  for (let batches = 0; batches < 500; batches += 1) {
    for (let come = 0; come < 60; come += 1) queue.push(samplePage());
    queue.splice(0, nextBatch(queue, 10, false)?.length ?? 0);
    most = Math.max(most, queue.length);
  }
  expect(most).toBeLessThan(1300);
});

it('answers adds later only where thousands of pages wait, and at most half a second', () => {
  const pause = (shortTerm: number, unread: number) => pauseOfAddMs({ shortTerm, unread }, 10);
  expect([0, 10, 2058, 2073, 2074, 3658, 1_000_000].map((waiting) => pause(waiting, 0))).toEqual([
    0, 0, 0, 0, 1, 100, 500,
  ]);
  expect([2048, 2064, 3648].map((unread) => pause(10, unread))).toEqual([0, 1, 100]);
});

it('keeps what waits bounded where 32 clients add without a pause and 100 pages a second are worked off', () => {
  let waiting = 0;
  let most = 0;
  for (let tenths = 0; tenths < 6000; tenths += 1) {
    // An add takes two milliseconds plus its pause.
    waiting = Math.max(
      0,
      waiting - 10 + (32 * 100) / (2 + pauseOfAddMs({ shortTerm: waiting, unread: waiting }, 10)),
    );
    most = Math.max(most, waiting);
  }
  expect(most).toBeLessThan(8_000);
});
