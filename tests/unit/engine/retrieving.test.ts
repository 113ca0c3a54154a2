import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryEngine, RetrieveInput } from '../../../src/engine/memory-engine.js';
import { tokensOfText } from '../../../src/lib/text/tokens.js';
import { newPageId } from '../../../src/model/ids.js';
import type { Operation } from '../../../src/model/operation.js';
import type { UserStore } from '../../../src/ports/memory-store.js';
import { engineOnFacts } from '../../support/engine-on-facts.js';
import { makeFact, makePage } from '../../support/records.js';

let opened: { engine: MemoryEngine; store: UserStore } | undefined;
afterEach(async () => {
  await opened?.engine.close();
  opened = undefined;
});

async function open(operations: readonly Operation[] = [], timeZone = 'UTC'): Promise<MemoryEngine> {
  opened = await engineOnFacts(operations, timeZone);
  return opened.engine;
}

const pageAt = (text: string, timestamp: string, answer = '') =>
  makePage(text, { timestamp, agent_response: answer });
const added = (page: ReturnType<typeof makePage>): Operation => ({
  op: 'page_added',
  page,
  segment_id: null,
});
const texts = async (engine: MemoryEngine, input: RetrieveInput) =>
  (await engine.retrieve(input)).retrieved_pages.map((page) => page.user_input);

const household = [
  ['The kettle leaks, so I ordered a copper one from Portugal', '2026-05-04T10:00:00.000Z'],
  ['We planted seven plum trees behind the barn', '2026-05-11T10:00:00.000Z'],
  ['The accountant wants the receipts of the renovation', '2026-05-18T10:00:00.000Z'],
  ['My cousin Odile teaches pottery in Ghent', '2026-05-25T10:00:00.000Z'],
] as const;
const told = household.map(([text, at]) => added(pageAt(text, at)));

describe('results', () => {
  it('are the matching pages; when nothing matches, the answer says so in one sentence and counts nothing', async () => {
    const engine = await open(told);
    expect(await texts(engine, { query: 'Where did I order the copper kettle?' })).toEqual([household[0][0]]);
    for (const query of [
      'hi',
      'Compute the eigenvalues of a Hermitian matrix',
      'Who is the mayor of Vilnius?',
      '🙂',
      'who are you',
    ]) {
      const result = await engine.retrieve({ query });
      expect(result.retrieved_pages).toEqual([]);
      expect(result.total_pages_found).toBe(0);
      expect(result.message).toBe('Nothing in the memory matches this question.');
    }
  });

  it.each(['of the and which', 'what is it?', 'Worüber und was?'])(
    'is nothing for stop words only: %s',
    async (query) => {
      const engine = await open(told);
      expect(await engine.retrieve({ query })).toMatchObject({
        retrieved_pages: [],
        total_pages_found: 0,
        message: 'Nothing in the memory matches this question.',
      });
    },
  );

  it('are empty for an empty memory, and the answer says so', async () => {
    const engine = await open();
    for (const query of ['Where is the ladder?', '🦊', 'the']) {
      expect(await engine.retrieve({ query })).toMatchObject({
        retrieved_pages: [],
        total_pages_found: 0,
        message: expect.stringMatching(/\.$/),
      });
    }
  });

  it('are the pages with the one emoji of the question', async () => {
    const engine = await open([...told, added(pageAt('The fox came again 🦊', '2026-05-28T10:00:00.000Z'))]);
    expect(await texts(engine, { query: '🦊' })).toEqual(['The fox came again 🦊']);
    expect(await texts(engine, { query: '🦉' })).toEqual([]);
  });

  it('are the nearest pages only on request', async () => {
    const engine = await open(told);
    const nearest = await engine.retrieve({ query: 'Who is the mayor of Vilnius?', relevanceMin: 0 });
    expect(nearest.retrieved_pages.length).toBeGreaterThan(0);
    expect(nearest.message).toMatch(/^Nothing in the memory matches/);
  });

  it('may be one of the latest exchanges, and then no message says that nothing was found', async () => {
    const engine = await open();
    await engine.add({ userInput: 'The spare key is under the third flowerpot', agentResponse: 'Noted.' });
    const result = await engine.retrieve({ query: 'Where is the spare key?' });
    expect(result.retrieved_pages[0]?.user_input).toContain('flowerpot');
    expect(result.total_pages_found).toBe(1);
    expect(result.message).toBeUndefined();
  });

  it('have scores that are probabilities in descending order', async () => {
    const engine = await open(told);
    const { retrieved_pages } = await engine.retrieve({ query: 'plum trees and pottery', relevanceMin: 0 });
    const scores = retrieved_pages.map(({ score }) => score);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    for (const score of scores) expect(score).toBeLessThanOrEqual(1);
  });
});

describe('times', () => {
  it('of a question find the pages of that time; without a year, the latest such day', async () => {
    const years = ['2024', '2025'].map((year) =>
      added(pageAt(`Spring of ${year}`, `${year}-04-09T10:00:00.000Z`)),
    );
    const engine = await open([...told, ...years]);
    expect(await texts(engine, { query: 'What did we talk about on April 9th?' })).toEqual([
      'Spring of 2025',
    ]);
    expect(await texts(engine, { query: 'What did we talk about on 9 April 2024?' })).toEqual([
      'Spring of 2024',
    ]);
    expect(await texts(engine, { query: 'Worüber haben wir am 18. Mai gesprochen?' })).toEqual([
      household[2][0],
    ]);
    expect(await texts(engine, { query: 'What did we talk about on April 10th?' })).toEqual([]);
  });

  it('without pages find what was told soon after, unless what was said then is asked for', async () => {
    const engine = await open([
      ...told,
      added(pageAt('We came back from the coast', '2025-04-09T10:00:00.000Z')),
    ]);
    const ask = (query: string) => texts(engine, { query, relevanceMin: 0 });
    expect((await ask('Where was I on 7 April 2025?'))[0]).toBe('We came back from the coast');
    expect(await ask('What did we talk about on 7 April 2025?')).toEqual([]);
    expect(await ask('Where was I on 9 April 2025?')).toEqual(['We came back from the coast']);
  });

  it("are in the user's zone", async () => {
    const late = added(pageAt('The late call', '2026-05-30T23:30:00.000Z'));
    const query = 'What did we talk about on May 31st?';
    expect(await texts(await open([late], 'Europe/Berlin'), { query })).toEqual(['The late call']);
    await opened?.engine.close();
    expect(await texts(await open([late], 'UTC'), { query })).toEqual([]);
  });

  it('given as since and until exclude all others', async () => {
    const engine = await open(told);
    const query = 'kettle, plum trees, receipts, pottery';
    expect(
      await texts(engine, { query, relevanceMin: 0, since: '2026-05-11', until: '2026-05-18' }),
    ).toHaveLength(2);
    expect(await texts(engine, { query, relevanceMin: 0, since: 'last Monday' })).toHaveLength(1);
    await expect(engine.retrieve({ query, since: '2026-06-01', until: '2026-05-01' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/since .* is after until/),
    });
    await expect(engine.retrieve({ query, since: 'whenever' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});

describe('a budget', () => {
  const long = (i: number) =>
    added(
      pageAt(
        `How did we repair pump ${i}?`,
        `2026-05-0${i + 1}T10:00:00.000Z`,
        `${'It took the whole morning and we were wet. '.repeat(100)}The valve of pump ${i} was stuck. ${'We had tea. '.repeat(200)}`,
      ),
    );
  const pumps = Array.from({ length: 6 }, (_, i) => long(i));

  it.each([1, 60, 300, 800, 1200, 3000])('of %d tokens is kept', async (maxTokens) => {
    const engine = await open(pumps);
    const result = await engine.retrieve({ query: 'Why did the pump fail, was its valve stuck?', maxTokens });
    // The fields of every answer: status, query, time, counts, and the note on omitted parts.
    expect(tokensOfText(JSON.stringify(result))).toBeLessThanOrEqual(Math.max(maxTokens, 200));
    expect(result.total_pages_found).toBe(6);
    if (maxTokens >= 1000) expect(result.retrieved_pages).toHaveLength(6);
    if (maxTokens <= 60) expect(result.notices.join()).toMatch(/Omitted .*6 pages/);
  });

  it('shortens long pages to the passages that answer, and a page id shows the complete page', async () => {
    const engine = await open(pumps);
    const result = await engine.retrieve({ query: 'Was the valve of pump 3 stuck?' });
    const [first] = result.retrieved_pages;
    expect(first?.agent_response).toContain('The valve of pump 3 was stuck.');
    expect(first).toMatchObject({ shortened: true });
    expect(first?.agent_response).toContain('[…]');
    const whole = await engine.retrieve({ query: first?.page_id ?? '' });
    expect(whole.retrieved_pages).toHaveLength(1);
    expect(whole.retrieved_pages[0]?.agent_response.length).toBeGreaterThan(6000);
    expect(whole.retrieved_pages[0]?.shortened).toBeUndefined();
    await expect(engine.retrieve({ query: newPageId(Date.now()) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is kept for a question of 100,000 characters, which is echoed briefly', async () => {
    const engine = await open(pumps);
    const result = await engine.retrieve({ query: 'valve '.repeat(16_600) });
    expect(tokensOfText(JSON.stringify(result))).toBeLessThanOrEqual(1200);
    expect(result.query.length).toBeLessThan(500);
  });

  it('counts what the caller already knows without repeating it', async () => {
    const engine = await open();
    const { page_id } = await engine.add({ userInput: 'The gate squeaks', agentResponse: 'Oil it.' });
    await engine.add({ userInput: 'The lamp flickers', agentResponse: 'Change the bulb.' });
    const result = await engine.retrieve({ query: 'violin', knownPageIds: [page_id] });
    expect(result.short_term_memory.map((page) => page.user_input)).toEqual(['The lamp flickers']);
    expect(result).toMatchObject({ short_term_count: 2, short_term_known: 1 });
  });
});

describe('a page whose fact was superseded', () => {
  it('says so, and the page that superseded it comes first', async () => {
    const before = pageAt('I live in a flat in Ghent, on the third floor', '2026-03-01T10:00:00.000Z');
    const since = pageAt('The boxes are unpacked in Porto', '2026-05-20T10:00:00.000Z');
    const toldAt = { timestamp: since.timestamp, told_at: since.timestamp };
    const now = makeFact('Lives in Porto', [since.id], { slot: 'home', ...toldAt });
    const old = makeFact('Lives in Ghent', [before.id], { slot: 'home', superseded_by: now.id });
    const engine = await open([
      added(before),
      added(since),
      ...told.slice(0, 2),
      { op: 'fact_put', fact: old },
      { op: 'fact_put', fact: now },
    ]);
    const { retrieved_pages } = await engine.retrieve({
      query: 'In which flat do I live, on which floor?',
      relevanceMin: 0,
    });
    expect(retrieved_pages.map(({ page_id }) => page_id).slice(0, 2)).toEqual([since.id, before.id]);
    expect(retrieved_pages[1]?.later).toBe('2026-05-20: Lives in Porto');
    expect(retrieved_pages[0]?.later).toBeUndefined();
  });
});
