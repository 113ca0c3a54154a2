import { expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { type ChainId, newChainId } from '../../../../src/model/ids.js';
import type { Page } from '../../../../src/model/page.js';
import { traitSchema } from '../../../../src/model/profile.js';
import type { TraitDraft } from '../../../../src/ports/analyser.js';
import { makeFact, makeHead, makePage } from '../../../support/records.js';
import { silent, telling } from './trait-cases.js';

const analyser = createBuiltinAnalyser();

const dayPages = (says: readonly string[]): Page[] =>
  says.map((text, i) =>
    makePage(text, {
      agent_response: 'All right.',
      timestamp: `2026-03-${String(i + 1).padStart(2, '0')}T10:00:00Z`,
    }),
  );

async function traitsFrom(pages: readonly Page[]): Promise<readonly TraitDraft[]> {
  const { traits } = await analyser.analyseSegment({
    head: makeHead('x'),
    pages,
    profile: [],
    relatedFacts: [],
  });
  return traits;
}

it.each(telling)('follow from $says', async ({ says, traits }) => {
  const found = await traitsFrom(dayPages(says));
  expect(found.map(({ dimension, level }) => `${dimension}: ${level}`)).toEqual(traits);
});

it.each(silent.map((says) => ({ says })))('do not follow from $says', async ({ says }) => {
  expect(await traitsFrom(dayPages(says))).toEqual([]);
});

it.each(telling)('have a reason that quotes a page: $says', async ({ says }) => {
  const pages = dayPages(says);
  for (const { reason, page_ids } of await traitsFrom(pages)) {
    const quotes = [...reason.matchAll(/"([^"]+)"/g)].map(([, quote]) => quote ?? '');
    expect(quotes.length).toBeGreaterThan(0);
    for (const quote of quotes) {
      const page = pages.find(({ user_input }) => user_input.includes(quote));
      expect(page, quote).toBeDefined();
      expect(page_ids).toContain(page?.id);
    }
  }
});

it('follow from two talks on one day, but not from one talk', async () => {
  const told = (...chains: readonly ChainId[]) =>
    ['I love jazz.', 'My band has a concert in Porto.'].map((text, i) =>
      makePage(text, { timestamp: '2026-03-01T10:00:00Z', chain_id: chains[i] ?? null }),
    );
  const dimensions = async (pages: readonly Page[]) =>
    (await traitsFrom(pages)).map(({ dimension }) => dimension);
  const [first, second] = [newChainId(1), newChainId(2)];
  expect(await dimensions(told(first, second))).toEqual(['Music Interest']);
  expect(await dimensions(told(first, first))).toEqual([]);
});

it('add up over segments, with facts known from other pages', async () => {
  const [now] = dayPages(['My band has a concert in Porto.']);
  const [before] = dayPages(['I love jazz.']);
  if (now === undefined || before === undefined) throw new Error('no pages');
  const fact = makeFact('The user loves jazz.', [before.id], {
    quote: 'I love jazz.',
    told_at: '2026-02-01T10:00:00.000Z',
  });
  const { traits } = await analyser.analyseSegment({
    head: makeHead('x'),
    pages: [now],
    profile: [],
    relatedFacts: [fact],
  });
  expect(traits).toMatchObject([
    { dimension: 'Music Interest', level: 'Medium', page_ids: [before.id, now.id] },
  ]);
  expect(traits[0]?.reason).toContain('"I love jazz."');
});

it('are not lowered by a segment with less evidence', async () => {
  const pages = dayPages(['I love jazz.', 'My guitar needs new strings.']);
  const high = traitSchema.parse({
    group: 'content_interests',
    dimension: 'Music Interest',
    level: 'High',
    reason: 'plays in two bands',
    page_ids: [],
    updated_at: '2026-01-01T00:00:00.000Z',
    analysed_by: 'gpt',
  });
  const { traits } = await analyser.analyseSegment({
    head: makeHead('x'),
    pages,
    profile: [high],
    relatedFacts: [],
  });
  expect(traits).toMatchObject([{ level: 'High', reason: 'plays in two bands' }]);
});
