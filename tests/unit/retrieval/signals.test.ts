import { expect, test } from 'vitest';
import type { Language } from '../../../src/lib/text/languages.js';
import { wordsIn } from '../../../src/lib/text/words.js';
import type { Page } from '../../../src/model/page.js';
import { type Weights, weights } from '../../../src/retrieval/fusion.js';
import { PageIndex } from '../../../src/retrieval/index/page-index.js';
import { TermReader } from '../../../src/retrieval/index/term-reader.js';
import { WordIndex } from '../../../src/retrieval/index/word-index.js';
import { PageSearch } from '../../../src/retrieval/page-search.js';
import { readQuery } from '../../../src/retrieval/query.js';
import { relevanceModel } from '../../../src/retrieval/relevance.js';
import { standingOut } from '../../../src/retrieval/signals/vectors.js';
import { makePage } from '../../support/records.js';

const nowMs = Date.parse('2023-10-20T12:00:00.000Z');
const at = (day: number, minute = 0) => new Date(nowMs + (day * 1440 + minute) * 60_000 - 9e9).toISOString();
const page = (text: string, day: number, minute = 0, agent_response = ''): Page =>
  makePage(text, { timestamp: at(day, minute), agent_response });

/** The order by all signals except vectors, and without one more. */
function orders(pages: readonly Page[], question: string, signal?: keyof Weights): string[][] {
  const index = new PageIndex();
  for (const each of pages) index.add(each);
  return [weights, signal === undefined ? weights : { ...weights, [signal]: 0 }].map((chosen) =>
    new PageSearch(index)
      .search(readQuery(question, nowMs, 'UTC', index), {
        meaning: null,
        model: relevanceModel('words'),
        relevanceMin: 0,
        pagesMax: 10,
        weights: chosen,
      })
      .best.map(({ id }) => pages.find((each) => each.id === id)?.user_input ?? ''),
  );
}

test('a question for a time prefers a page that names one', () => {
  const plain = 'We planted the cherry tree behind the sheds';
  const dated = 'We planted the cherry tree on Monday, kindly';
  const [all, without] = orders(
    [page(plain, 0), page(dated, 9)],
    'When did you plant the cherry tree?',
    'when',
  );
  expect(all?.[0]).toBe(dated);
  expect(without?.[0]).toBe(plain);
});

test('a page of a session about the subject comes before an equal page of another session', () => {
  const elsewhere = page('The hotel was loud and quite cheap', 0);
  const there = page('The hotel was quiet and quite cheap', 9, 20);
  const pages = [
    elsewhere,
    page('Kettles need descaling now', 0, -5),
    page('We flew to Lisbon', 9, 0),
    page('Something about socks and shoes', 9, 10),
    page('Windows want cleaning now', 9, 15),
    there,
  ];
  const [all, without] = orders(pages, 'The hotel in Lisbon?', 'session');
  const before = (list: string[] | undefined) =>
    (list?.indexOf(there.user_input) ?? 0) < (list?.indexOf(elsewhere.user_input) ?? 0);
  expect([before(all), before(without)]).toEqual([true, false]);
});

test('a long answer of the person asked about ranks higher', () => {
  const short = page('Pottery!', 0, 0, 'That is quite a long answer about clay, kilns, glazes and colours');
  const long = page('Pottery is my hobby, with clay, kilns, glazes and bright colours', 9, 0, 'Well');
  const [all] = orders([short, long], 'What do I do with pottery?', 'substance');
  expect(all?.[0]).toBe(long.user_input);
});

test('a related word finds a page that the word itself does not', () => {
  const pages = [page('My bike is brown', 0), page('My dog is brown', 9)];
  expect(orders(pages, 'Which pet?')[0]?.[0]).toBe('My dog is brown');
});

test('a name that one side calls the other counts less than another word', () => {
  const pages = [
    ...[0, 5, 10].map((day) => page(`Well number${day}`, day, 0, 'Dear Caroline')),
    ...[20, 25, 30].map((day) => page(`Vases number${day}`, day, 0, 'Fine, good')),
    ...[40, 45, 50].map((day) => page(`Rain number${day}`, day, 0, 'Fine')),
  ];
  const [first] = orders(pages, 'Caroline vases');
  expect(first?.slice(0, 3).every((text) => text.startsWith('Vases'))).toBe(true);
});

test('all words of a question count, not only the rarest', () => {
  const pages = [page('A kayak, a kayak', 0), page('The red kayak', 9), page('The red door', 18)];
  expect(orders(pages, 'the red kayak')[0]?.[0]).toBe('The red kayak');
});

test('an outstanding vector is near 1, an unrelated one 0, and a missing one is average', () => {
  const nearness = [0.9, 0.3, 0.31, 0.29, 0.3, 0.28, null];
  const values = standingOut(nearness);
  expect(values[0]).toBeGreaterThan(0.6);
  expect(values[1]).toBe(0);
  const known = values.slice(0, -1);
  expect(values.at(-1)).toBeCloseTo(known.reduce((sum, value) => sum + value, 0) / known.length, 6);
  expect(standingOut([null, null])).toEqual([0, 0]);
  // With another model, unrelated vectors are nearer, which changes nothing.
  const raised = standingOut(nearness.map((value) => (value === null ? null : value + 0.5)));
  raised.forEach((value, i) => {
    expect(value).toBeCloseTo(values[i] ?? 0, 6);
  });
});

test('texts of several languages give the terms of a question', () => {
  const index = new WordIndex();
  const reader = new TermReader(index);
  const texts: [Language, string][] = [
    ['german', 'Ich habe gestern die Häuser gesehen und war in den Gärten'],
    ['english', 'The houses and the gardens are nice, and die Häuser too'],
    ['french', 'Je suis dans les maisons avec mon frère et les enfants'],
    ['german', 'Die Kinder sind in den Häusern und die Gärten sind groß'],
  ];
  for (const [language, text] of texts) {
    const { value: read } = reader.read(text, '').next();
    expect(read?.language).toBe(language);
    expect(read?.user).toEqual(wordsIn(text, language).map((term) => index.idOf(term)));
  }
});

test('only beginning and end of a long question are read', () => {
  const index = new PageIndex();
  index.add(page('We planted the cherry tree', 1));
  const words = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `word${(from + i).toString(36)}`).join(' ');
  const asked = (middle: string) =>
    readQuery(`${words(0, 1000)} ${middle} ${words(9000, 400)}`, nowMs, 'UTC', index);
  const [longer, longest] = [
    asked(words(2000, 3000)),
    asked(`${words(2000, 3000)} cherry ${words(5000, 3000)}`),
  ];
  expect({ ...longest, termsOf: null }).toEqual({ ...longer, termsOf: null });
});
