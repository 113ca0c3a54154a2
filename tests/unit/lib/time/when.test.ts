import { describe, expect, it } from 'vitest';
import type { Direction } from '../../../../src/lib/time/named-times.js';
import { findWhen } from '../../../../src/lib/time/when.js';

/** A Wednesday. */
const writtenAtMs = Date.parse('2023-05-17T14:00:00Z');

function phraseOf(text: string, direction: Direction = 'past'): string | undefined {
  return findWhen(text, writtenAtMs, direction)?.phrase;
}

describe('findWhen', () => {
  it.each([
    ['I saw him yesterday', 'on 16 May 2023'],
    ['we met last night', 'on 16 May 2023'],
    ['the day before yesterday it rained', 'on 15 May 2023'],
    ['last Friday we went out', 'on 12 May 2023'],
    ['on Sunday', 'on 14 May 2023'],
    ['two weeks ago', 'around 3 May 2023'],
    ['a few days ago', 'around 14 May 2023'],
    ['half a year ago', 'around November 2022'],
    ['10 years ago', 'around 2013'],
    ['last week', 'in the week of 8 May 2023'],
    ['last weekend', 'on the weekend of 13 May 2023'],
    ['last month', 'in April 2023'],
    ['last year', 'in 2022'],
    ['last summer', 'in summer 2022'],
    ['in May 2019', 'in May 2019'],
    ['since 2016', 'since 2016'],
    ['on the 3rd of July', 'on 3 July 2022'],
    ['on March 5, 2021', 'on 5 March 2021'],
    ['in October', 'in October 2022'],
    ['at Christmas', 'on 25 December 2022'],
    ['2023-06-01', 'on 1 June 2023'],
  ])('reads past times: %s', (text, phrase) => {
    expect(phraseOf(text)).toBe(phrase);
  });

  it.each([
    ['tomorrow at 5pm', 'on 18 May 2023'],
    ['on Monday', 'on 22 May 2023'],
    ['next week', 'in the week of 22 May 2023'],
    ['next month', 'in June 2023'],
    ['in two weeks', 'around 31 May 2023'],
    ['on 3 July', 'on 3 July 2023'],
    ['in October', 'in October 2023'],
    ['by June', 'by June 2023'],
    ['a table for next Monday', 'for 22 May 2023'],
  ])('reads future times: %s', (text, phrase) => {
    expect(phraseOf(text, 'future')).toBe(phrase);
  });

  it.each([
    'I may go',
    'I sat down in the sun',
    'my second dog',
    'we march on',
    'for 5 years',
    'in the morning',
    'on Mondays I swim',
    'one of two',
    'chapter 2019',
  ])('finds no time in: %s', (text) => {
    expect(phraseOf(text)).toBeUndefined();
  });

  it('reports the position of the time and its span', () => {
    const text = 'We moved in May 2021 to Berlin';
    const when = findWhen(text, writtenAtMs, 'past');
    expect(text.slice(when?.from, when?.to)).toBe('in May 2021');
    expect(new Date(when?.startMs ?? 0).toISOString()).toBe('2021-05-01T00:00:00.000Z');
    expect(new Date(when?.endMs ?? 0).toISOString()).toBe('2021-05-31T23:59:59.999Z');
  });

  it('returns in bounded time for hostile text', () => {
    for (const piece of ['in ', 'the the ', '1', 'on 3 ', 'last last ', 'may ']) {
      expect(() => findWhen(piece.repeat(20_000), writtenAtMs, 'past')).not.toThrow();
    }
  });

  it.each(['on 31 June', 'on 29 February', 'on February 30, 2021'])(
    'finds no day that there is not: %s',
    (text) => {
      expect(phraseOf(text) ?? '').not.toMatch(/^on \d/);
    },
  );
});
