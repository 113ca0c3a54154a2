import { expect, it } from 'vitest';
import { toAssistantId, toUserId } from '../../../src/model/ids.js';
import type { Page } from '../../../src/model/page.js';
import { likelyPages } from '../../../src/retrieval/likely-pages.js';
import { searchByWords } from '../../../src/retrieval/search-by-words.js';
import { samplePage, sampleSegment } from '../../support/samples.js';

const things = ['parser', 'invoice', 'login', 'search', 'mail', 'price', 'map', 'upload', 'audit', 'billing'];

/** `count` exchanges about work, with one about a ferry among them. */
function manyPages(count: number, at: number): Page[] {
  return Array.from({ length: count }, (_, i) => {
    const timestamp = new Date(Date.parse('2026-01-01T00:00:00Z') + i * 60_000).toISOString();
    if (i === at) {
      return samplePage({
        timestamp,
        user_input: 'The ferries to Tallinn leave at seven in the morning.',
        agent_response: 'Then we should book the hotel by the harbour.',
        meta_data: { project: 'journey' },
      });
    }
    const thing = things[i % things.length];
    return samplePage({
      timestamp,
      user_input: `Why does the ${thing} fail in case ${i}?`,
      agent_response: `The ${thing} was empty; number ${i} is done.`,
      meta_data: { project: 'work' },
    });
  });
}

function search(pages: readonly Page[], text: string) {
  const inSegments = pages.slice(0, -5);
  return searchByWords(
    {
      segments: [
        sampleSegment({ theme: 'one' }, inSegments.slice(0, 1000)),
        sampleSegment({ theme: 'two' }, inSegments.slice(1000)),
      ],
      shortTerm: pages.slice(-5),
      userFacts: [],
    },
    {
      text,
      nowMs: Date.parse('2026-02-01T00:00:00Z'),
      timeZone: 'UTC',
      userId: toUserId('alice'),
      assistantId: toAssistantId('helper'),
      project: null,
      pagesMax: 3,
      factsMax: 3,
      relevanceMin: 0.1,
    },
  );
}

it.each([
  ['in a segment', 1234],
  ['in short-term memory', 2998],
])('finds the only matching page among thousands, %s, also by another form of its words', (_where, at) => {
  const pages = manyPages(3000, at);
  expect(search(pages, 'When does the ferry to Tallinn leave?').pages[0]?.id).toBe(pages[at]?.id);
});

it('finds nothing when nothing matches', () => {
  expect(search(manyPages(3000, -1), 'Which orchids did grandmother like?').pages).toEqual([]);
});

it('examines a sample of many pages: matching ones, their neighbours, and some of the whole', () => {
  const pages = manyPages(3000, 1234);
  const likely = likelyPages(pages, 'When does the ferry to Tallinn leave?', 200);
  expect(likely.length).toBeLessThan(320);
  expect(likely).toEqual(pages.filter((page) => likely.includes(page)));
  for (const row of [1233, 1234, 1235]) expect(likely).toContain(pages[row]);
  expect(likely.filter((page) => pages.indexOf(page) < 1000).length).toBeGreaterThan(25);
  expect(likelyPages(pages.slice(0, 200), 'anything', 200)).toHaveLength(200);
});
