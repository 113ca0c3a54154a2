import { describe, expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import type { Page } from '../../../../src/model/page.js';
import type { SegmentHead } from '../../../../src/model/segment.js';
import type { BatchAnalysis } from '../../../../src/ports/analyser.js';
import { makeHead, makePage } from '../../../support/records.js';

const analyser = createBuiltinAnalyser();
const startMs = Date.parse('2024-03-04T09:00:00.000Z');

/** Pages a minute apart, or at the given minutes. */
function pagesOf(turns: readonly (readonly [string, string, number?])[]): [Page, ...Page[]] {
  const pages = turns.map(([user_input, agent_response, minute], i) =>
    makePage(user_input, {
      user_input,
      agent_response,
      timestamp: new Date(startMs + (minute ?? i) * 60_000).toISOString(),
    }),
  );
  const [first, ...others] = pages;
  if (first === undefined) throw new Error('no pages');
  return [first, ...others];
}

function analyse(
  turns: Parameters<typeof pagesOf>[0],
  candidates: readonly SegmentHead[] = [],
  previous: Page | null = null,
): Promise<BatchAnalysis> {
  return analyser.analyseBatch({ pages: pagesOf(turns), previous, candidates });
}

function expectEachPageOnce(result: BatchAnalysis): void {
  const inTopics = result.topics.flatMap((topic) => topic.page_ids);
  expect([...inTopics].sort()).toEqual(result.pages.map((page) => page.page_id).sort());
}

describe('continuity', () => {
  it('follows shared words and references, and stops at another subject', async () => {
    const result = await analyse([
      ['Our washing machine leaks under the door.', 'Check the rubber seal of the door for cracks.'],
      ['The seal of the washing machine has a crack indeed.', 'Then replace the seal; it takes an hour.'],
      ['Is it expensive?', 'No, about 20 euros.'],
      ['By the way, which novel did Tolstoy write first?', 'Childhood, published in 1852.'],
    ]);
    expect(result.pages.map((page) => page.continues)).toEqual([false, true, true, false]);
  });

  it('needs stronger signs after days than after a minute', async () => {
    const said: [string, string] = [
      'The basil on my balcony has yellow leaves.',
      'It may get too much water.',
    ];
    const soon = await analyse([said, ['And the parsley?', 'The same.', 2]]);
    const late = await analyse([said, ['And the parsley?', 'The same.', 5 * 24 * 60]]);
    const lateButSame = await analyse([
      said,
      [
        'As I said, the basil on my balcony has yellow leaves, now the stems too.',
        'Let the soil dry.',
        5 * 24 * 60,
      ],
    ]);
    expect(soon.pages[1]?.continues).toBe(true);
    expect(late.pages[1]?.continues).toBe(false);
    expect(lateButSame.pages[1]?.continues).toBe(true);
  });

  it('continues from the page before the batch, with its running summary', async () => {
    const [previous] = pagesOf([['I am restoring a wooden rowing boat.', 'Start with the hull.']]);
    const result = await analyse(
      [['The hull of the rowing boat needs new planks.', 'Larch is a good wood for it.']],
      [],
      { ...previous, meta_info: 'The user restores a wooden rowing boat.' },
    );
    expect(result.pages[0]?.continues).toBe(true);
    expect(result.pages[0]?.meta_info).toContain('restores a wooden rowing boat');
    expect(result.pages[0]?.meta_info).toContain('new planks');
  });

  it('keeps the running summary short however long the chain is', async () => {
    const turns = Array.from({ length: 30 }, (_, i): [string, string] => [
      `The rowing boat repair goes on, today plank number ${i} of the boat got new screws and two coats of paint.`,
      'Well done, let the boat dry.',
    ]);
    const { pages } = await analyse(turns);
    for (const page of pages) expect(page.meta_info.length).toBeLessThanOrEqual(420);
    expect(pages.at(-1)?.meta_info).toContain('number 29');
    expect(pages.at(-1)?.meta_info).toContain('number 0');
    expect(new Set(pages.map((page) => page.meta_info)).size).toBe(30);
  });
});

describe('topics', () => {
  it('puts each page into one topic, and joins separated pages on one subject', async () => {
    const result = await analyse([
      ['My sourdough starter smells of acetone.', 'Feed the sourdough starter more often.', 0],
      [
        'The gearbox of my motorcycle makes a grinding noise.',
        'Check the gearbox oil of the motorcycle.',
        600,
      ],
      [
        'I fed the sourdough starter twice and the smell is gone.',
        'Then the starter is ready to bake.',
        1200,
      ],
    ]);
    expectEachPageOnce(result);
    expect(result.topics.map((topic) => topic.page_ids.length)).toEqual([2, 1]);
    expect(result.topics[0]?.theme).toContain('sourdough starter');
    expect(result.topics[0]?.content).toContain('acetone');
  });

  it('returns keywords in lower case and singular, complete names, and no stop words', async () => {
    const { topics } = await analyse([
      [
        'We visited Da Mario in Trastevere and ate fried artichokes.',
        'Da Mario is famous for its artichokes, and Trastevere for its bars.',
      ],
    ]);
    const keywords = topics[0]?.keywords ?? [];
    expect(keywords).toContain('da mario');
    expect(keywords.join(' ')).toContain('artichoke');
    expect(keywords.join(' ')).not.toContain('artichokes');
    expect(keywords).toEqual(keywords.map((word) => word.toLowerCase()));
    expect(new Set(keywords).size).toBe(keywords.length);
    for (const stop of ['the', 'and', 'its', 'for', 'we']) expect(keywords).not.toContain(stop);
  });

  it('updates the summary of a segment for every topic that joins, within limits', async () => {
    let summary = '';
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const head = makeHead('bees', { summary: summary || 'Beekeeping begins.', keywords: ['bee', 'hive'] });
      const result = await analyse(
        [[`Hive number ${i} has a new queen and the bees are calm.`, 'Leave the hive alone for a week.']],
        [head],
      );
      const merged = result.topics[0]?.merged[0];
      expect(merged?.segment_id).toBe(head.id);
      expect(merged?.summary).toContain(`number ${i}`);
      expect(merged?.summary.length).toBeLessThanOrEqual(950);
      summary = merged?.summary ?? '';
      seen.add(summary);
    }
    expect(seen.size).toBe(40);
    expect(summary).not.toContain('number 0 ');
  });
});

describe('other languages', () => {
  it('groups and summarises Chinese', async () => {
    const result = await analyse([
      ['我最近在学做川菜，第一道菜是麻婆豆腐。', '麻婆豆腐要用郫县豆瓣酱和花椒。'],
      ['豆瓣酱在哪里买？', '超市的调料区就有郫县豆瓣酱。'],
      ['我的自行车链条断了，需要修理。', '可以带去自行车店换一条新链条。', 900],
    ]);
    expectEachPageOnce(result);
    expect(result.pages.map((page) => page.continues)).toEqual([false, true, false]);
    expect(result.topics).toHaveLength(2);
    expect(result.topics[0]?.keywords.some((word) => word.includes('豆瓣'))).toBe(true);
    expect(result.topics[1]?.keywords).toContain('链条');
    expect(result.topics[0]?.content).toContain('麻婆豆腐');
  });

  it('groups and summarises Arabic', async () => {
    const result = await analyse([
      ['أريد أن أتعلم العزف على العود.', 'ابدأ بتعلم دوزان العود والمقامات البسيطة.'],
      ['كم يستغرق تعلم العزف على العود؟', 'عادة سنة من التدريب اليومي على العود.'],
      ['سيارتي تحتاج إلى إطارات جديدة قبل الشتاء.', 'اختر إطارات شتوية مناسبة.', 900],
    ]);
    expectEachPageOnce(result);
    expect(result.pages.map((page) => page.continues)).toEqual([false, true, false]);
    expect(result.topics).toHaveLength(2);
    expect(result.topics[0]?.keywords.length).toBeGreaterThan(0);
  });

  it('handles a conversation in mixed languages', async () => {
    const result = await analyse([
      ['Ich suche ein Fahrrad für meine Tochter.', 'Ein 24-Zoll-Fahrrad passt gut.'],
      ['Is a 24 inch Fahrrad too big?', 'No, it fits children of ten.'],
      ['我喜欢红色的。', '红色很好看。'],
    ]);
    expectEachPageOnce(result);
    for (const topic of result.topics) expect(topic.theme).not.toBe('');
  });
});

describe('odd pages', () => {
  it('handles an empty side, emoji, control characters, lone surrogates and code', async () => {
    const result = await analyse([
      ['', 'A reminder: the bins go out tonight.'],
      ['😀😀😀', ''],
      ['\u0000\u0007\ud800 broken', 'ok'],
      ['```js\nconst x = 1;\n```', '`x`'],
      ['???', '!!!'],
    ]);
    expectEachPageOnce(result);
    for (const topic of result.topics) {
      expect(topic.theme).not.toBe('');
      expect(topic.theme.isWellFormed()).toBe(true);
      expect(topic.content.isWellFormed()).toBe(true);
    }
  });

  it.each([
    'a',
    "'",
    'aA0-',
    'www.',
    '(" ',
    '[x](',
    'I ',
    'my my ',
    '@.',
    '中',
    '😀',
    '\n',
    'in May of the ',
    '“',
    '*_~',
    'e\u0301',
  ])('returns from a megabyte of %j', async (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const result = await analyse([[text, text]]);
    expectEachPageOnce(result);
    const [page] = pagesOf([[text, text]]);
    const segment = { head: makeHead('x'), pages: [page], profile: [], relatedFacts: [] };
    expect((await analyser.analyseSegment(segment)).facts).toEqual([]);
  });

  it('refuses work that was cancelled', async () => {
    const pages = pagesOf([['hello there', 'hi']]);
    const cancelled = analyser.analyseBatch({ pages, previous: null, candidates: [] }, AbortSignal.abort());
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
