import { expect, it } from 'vitest';
import { PageIndex } from '../../../src/retrieval/index/page-index.js';
import { PageSearch } from '../../../src/retrieval/page-search.js';
import { fromOnePlace, ofProject, placesOfMostNames } from '../../../src/retrieval/project.js';
import { readQuery } from '../../../src/retrieval/query.js';
import { relevanceModel } from '../../../src/retrieval/relevance.js';
import { makePage } from '../../support/records.js';

const places = ['harbor', 'garden', null];
const projectOf = (row: number) => places[row % places.length] ?? null;
const asPages = (scores: readonly number[]) => scores.map((score, row) => ({ row, score }));

/** The kept pages of `harbor`, `garden`, none, `harbor`, `garden`, none … with their scores. */
function kept(scores: readonly number[], asked: string | null): Record<number, number> {
  const pages = fromOnePlace(asPages(scores), projectOf, asked);
  return Object.fromEntries(pages.map(({ row, score }) => [row, Math.round(score * 100) / 100]));
}

it('prefers the current project, and removes weaker pages of others', () => {
  expect(kept([1, 1, 0.99, 0.5], 'harbor')).toEqual({ 0: 1, 1: 0.95 });
  expect(kept([1, 0.99, 0.99, 0.5], 'harbor')).toEqual({ 0: 1, 3: 0.5 });
});

it('shows pages of another project when they match far better', () => {
  expect(kept([0.1, 2, 0.1, 0.1, 1], 'harbor')).toEqual({ 1: 1.9, 4: 0.95 });
});

it('does not let weak pages of the current project displace an answer from elsewhere', () => {
  expect(kept([0.6, 0.2, 1], 'harbor')).toEqual({ 2: 0.95 });
  expect(kept([0.6, 1, 0.2], 'harbor')).toEqual({ 1: 0.95 });
});

it('keeps the project of the best page when no project is known', () => {
  expect(kept([1, 0.5, 0.4, 0.3], null)).toEqual({ 0: 1, 3: 0.3 });
  expect(kept([0.2, 0.3, 1], null)).toEqual({ 2: 1 });
});

it('keeps only the pages that match about as well when two places do', () => {
  expect(kept([1, 0.96, 0.9, 0.9, 0.9, 0.3], null)).toEqual({ 0: 1, 1: 0.96 });
});

it('answers a time alone from the current project, or from all places if it has nothing of that time', () => {
  expect(ofProject(asPages([0.5, 1, 1]), projectOf, 'harbor')).toEqual([{ row: 0, score: 0.5 }]);
  expect(ofProject(asPages([0.5, 1, 1]), projectOf, 'orchard')).toHaveLength(3);
  expect(ofProject(asPages([0.5, 1, 1]), projectOf, null)).toHaveLength(3);
});

const nowMs = Date.parse('2026-03-10T12:00:00.000Z');

/** A memory of three places, and what it answers in `project`, without a floor. */
function opened(told: readonly (readonly [project: string | null, text: string])[]) {
  const index = new PageIndex();
  const pages = told.map(([project, text], i) =>
    makePage(text, {
      agent_response: '',
      timestamp: new Date(nowMs - (told.length - i) * 86_400_000).toISOString(),
      meta_data: project === null ? {} : { project },
    }),
  );
  for (const page of pages) index.add(page);
  const ask = (text: string, project: string | null = null) => {
    const { best } = new PageSearch(index).search(readQuery(text, nowMs, 'UTC', index), {
      meaning: null,
      pagesMax: 10,
      model: relevanceModel('words'),
      relevanceMin: 0,
      project,
    });
    return best.map(({ id }) => pages.find((page) => page.id === id)?.user_input);
  };
  return { index, pages, ask };
}

const server = 'Lena has a server at home';
const cellar = 'The nightly backups go to the cellar';
const vault = 'The server keeps its nightly backups in the vault for thirty days';
const gauge = 'Lena reads the gauge';
const ofLena = 'For how many days does the server of Lena keep its nightly backups?';

it.each([null, 'harbor'])('a name that one place has tells the place (asked in %s)', (asked) => {
  const { ask } = opened([
    [null, server],
    [null, cellar],
    ['harbor', vault],
  ]);
  expect(ask('For how many days does the server keep its nightly backups?', asked)).toEqual([vault]);
  expect(ask(ofLena, asked).sort()).toEqual([server, cellar]);
  expect(ask(ofLena.replace('Lena', 'Quentin'), asked)).toEqual([vault]);
});

it('of several places with the name the best matches, and a removed page counts no more', () => {
  const { index, pages, ask } = opened([
    [null, server],
    [null, cellar],
    ['harbor', vault],
    ['harbor', gauge],
  ]);
  expect(ask(ofLena)[0]).toBe(vault);
  const toCellar = 'Do the nightly backups of Lena go to the cellar?';
  expect(ask(toCellar)[0]).toBe(cellar);
  const [first] = pages;
  if (first === undefined) throw new Error('There are four pages.');
  index.remove(first.id);
  expect(ask(toCellar)).not.toContain(cellar);
});

it('the places with the most of the names are meant', () => {
  expect(placesOfMostNames([new Set(['a', null]), new Set(['a'])])).toEqual(new Set(['a']));
  expect(placesOfMostNames([new Set(['a']), new Set([null])])).toEqual(new Set(['a', null]));
  expect(placesOfMostNames([new Set(), new Set()])).toBeNull();
  expect(placesOfMostNames([])).toBeNull();
});
