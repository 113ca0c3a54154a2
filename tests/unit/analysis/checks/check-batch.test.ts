import { describe, expect, it } from 'vitest';
import { checkBatch } from '../../../../src/analysis/checks/check-batch.js';
import type { Page } from '../../../../src/model/page.js';
import type { SegmentHead } from '../../../../src/model/segment.js';
import type { BatchAnswer } from '../../../../src/prompts/analyse-batch.js';
import { errorSentence } from '../../../support/fake-openai/spoiled-answers.js';
import { makeHead, makePage } from '../../../support/records.js';

const first = makePage('The tomatoes on my balcony are ripe.');
const pages: [Page, ...Page[]] = [
  first,
  makePage('How do I dry tomatoes?'),
  makePage('My cello needs new strings.'),
];
const candidate = makeHead('balcony garden', { summary: 'The user grows herbs on the balcony.' });

const answer = (): BatchAnswer => ({
  pages: [
    { page: 'P1', continues: true, summary: 'The tomatoes on the balcony are ripe.' },
    { page: 'P2', continues: true, summary: 'Ripe tomatoes are to be dried.' },
    { page: 'P3', continues: false, summary: 'The cello needs strings.' },
  ],
  topics: [
    {
      theme: 'Tomatoes',
      keywords: ['Tomatoes', 'tomatoes ', 'None'],
      summary: 'Tomatoes from the balcony are dried.',
      pages: ['P1', 'P2'],
      merged: 'Herbs and tomatoes grow on the balcony.',
    },
    {
      theme: 'Cello',
      keywords: ['cello'],
      summary: 'New strings for the cello.',
      pages: ['P3'],
      merged: null,
    },
  ],
});

function check(
  change: (answer: BatchAnswer) => void = () => undefined,
  { previous = null, shown = candidate }: { previous?: Page | null; shown?: SegmentHead | null } = {},
) {
  const rejected: Record<string, number> = {};
  const given = answer();
  change(given);
  const reading = checkBatch(given, { pages, previous, candidates: [candidate] }, shown, (reason) => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  });
  const topics = reading.ok
    ? reading.value.topics.map((topic) =>
        topic.page_ids.map((id) => pages.findIndex((page) => page.id === id) + 1),
      )
    : null;
  return { reading, rejected, topics, problem: reading.ok ? null : reading.problem };
}

describe('a batch answer', () => {
  it('is stored with real page ids, clean keywords and merged summaries', () => {
    const { reading, rejected } = check();
    expect(reading).toMatchObject({
      ok: true,
      value: {
        pages: [{ page_id: first.id, continues: false }, { continues: true }, { continues: false }],
        topics: [
          {
            theme: 'Tomatoes',
            keywords: ['tomatoes'],
            content: 'Tomatoes from the balcony are dried.',
            merged: [{ segment_id: candidate.id, summary: 'Herbs and tomatoes grow on the balcony.' }],
          },
          { theme: 'Cello', merged: [] },
        ],
      },
    });
    expect(rejected).toEqual({ keyword_nothing: 1 });
  });

  it('lets the first page continue only when there is a page before it', () => {
    const { reading } = check(undefined, { previous: makePage('The tomatoes are growing.') });
    expect(reading).toMatchObject({ value: { pages: [{ continues: true }, {}, {}] } });
  });

  it('repairs a missing page, a page claimed twice, and unknown references', () => {
    expect(check((a) => a.topics[0]?.pages.pop()).topics).toEqual([[1, 2], [3]]);
    expect(check((a) => a.topics[0]?.pages.shift()).topics).toEqual([[1, 2], [3]]);
    expect(check((a) => a.topics.pop())).toMatchObject({
      topics: [[1, 2, 3]],
      rejected: { page_forgotten: 1 },
    });
    expect(check((a) => a.topics[1]?.pages.push('P1'))).toMatchObject({
      topics: [[1, 2], [3]],
      rejected: { page_claimed_twice: 1 },
    });
    expect(check((a) => a.topics[1]?.pages.push('P8', 'x'))).toMatchObject({
      topics: [[1, 2], [3]],
      rejected: { unknown_page: 2 },
    });
    expect(
      check((a) =>
        a.topics.push({
          theme: 'again',
          keywords: [],
          summary: errorSentence,
          pages: ['P1'],
          merged: null,
        }),
      ).topics,
    ).toEqual([[1, 2], [3]]);
  });

  it('puts every page into exactly one topic, or is refused', () => {
    const labels = ['P0', 'P1', 'P2', 'P3', 'P4'];
    for (let mask = 0; mask < 2 ** 10; mask += 1) {
      const { topics } = check((a) => {
        for (const [at, topic] of a.topics.entries())
          topic.pages = labels.filter((_, bit) => (mask >> (at * 5 + bit)) & 1);
      });
      if (topics !== null) expect(topics.flat().sort()).toEqual([1, 2, 3]);
    }
  });

  it.each<[string, (answer: BatchAnswer) => void, RegExp]>([
    ['no pages', (a) => void a.pages.splice(0), /P1 has no entry in "pages"; P2/],
    [
      'wrong page names',
      (a) =>
        a.pages.forEach((page) => {
          page.page = `P7${page.page}`;
        }),
      /P1 has no entry/,
    ],
    ['no topics', (a) => void a.topics.splice(0), /3 pages are in no topic/],
    ['most pages in no topic', (a) => void a.topics.shift(), /2 pages are in no topic/],
    [
      'an error as chain summary',
      (a) =>
        a.pages.forEach((page) => {
          page.summary = errorSentence;
        }),
      /P1 has a summary that is not about the pages/,
    ],
    [
      'a refusal as topic summary',
      (a) =>
        a.topics.forEach((topic) => {
          topic.summary = "I'm sorry, but I can't assist.";
        }),
      /topic 1 has a summary that is not about the pages/,
    ],
    [
      'None as summary',
      (a) =>
        a.pages.forEach((page) => {
          page.summary = 'None.';
        }),
      /nothing/,
    ],
    [
      'an invented summary',
      (a) =>
        a.topics.forEach((topic) => {
          topic.summary = 'Zeppelins over Ulaanbaatar.';
        }),
      /without a word of the pages/,
    ],
    [
      'an endless summary',
      (a) =>
        a.pages.forEach((page) => {
          page.summary = 'tomatoes '.repeat(500);
        }),
      /too_long/,
    ],
  ])('is sent back for %s', (_, change, problem) => {
    expect(check(change).problem).toMatch(problem);
  });

  it.each(['Cello strings.', 'The user grows herbs.', errorSentence, 'None'])(
    'drops a merged summary that fits one side at most: %j',
    (merged) => {
      const { reading, rejected } = check((a) => {
        for (const topic of a.topics) topic.merged = merged;
      });
      expect(reading).toMatchObject({ value: { topics: [{ merged: [] }, { merged: [] }] } });
      expect(rejected).toMatchObject({ merged_summary: 2 });
    },
  );

  it('drops a merged summary when no segment was shown', () => {
    const { reading, rejected } = check(undefined, { shown: null });
    expect(reading).toMatchObject({ value: { topics: [{ merged: [] }, { merged: [] }] } });
    expect(rejected).toMatchObject({ merged_summary: 1 });
  });

  it('keeps a summary that sounds like a refusal when the pages say so', () => {
    const sorry = makePage('Sorry to hear about your flooded cellar.');
    const summary = 'Sorry to hear about the flooded cellar.';
    const reading = checkBatch(
      {
        pages: [{ page: 'P1', continues: false, summary }],
        topics: [{ theme: 'cellar', keywords: [], summary, pages: ['P1'], merged: null }],
      },
      { pages: [sorry], previous: null, candidates: [] },
      null,
      () => undefined,
    );
    expect(reading).toMatchObject({ ok: true, value: { pages: [{ meta_info: summary }] } });
  });

  it('creates a theme when there is none', () => {
    const { reading } = check((a) =>
      a.topics.forEach((topic) => {
        topic.theme = 'None';
      }),
    );
    expect(reading).toMatchObject({ value: { topics: [{ theme: 'tomatoes' }, { theme: 'cello' }] } });
  });
});
