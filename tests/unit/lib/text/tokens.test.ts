import { encode } from 'gpt-tokenizer';
import { expect, test } from 'vitest';
import { fitsTokens, tokensOfText } from '../../../../src/lib/text/tokens.js';

test.each([
  [
    'talk',
    'We moved to the coast last spring, and the children love the beach. Next year we want a bigger boat.',
  ],
  [
    'JSON',
    JSON.stringify({
      page_id: 'pg_0mx0l5xb07150440d4a44',
      timestamp: '2026-05-08T13:56:00.000Z',
      score: 0.83,
    }),
  ],
  [
    'code',
    'export function sum(values: readonly number[]): number {\n  return values.reduce((a, b) => a + b, 0);\n}\n',
  ],
  ['German', 'Die Werkstatt hat gestern die Bremsen repariert, und nächste Woche fahren wir in die Berge.'],
  ['Russian', 'Вчера мы говорили о даче и о том, что посадить весной.'],
  ['Chinese', '我们昨天谈到了搬家和新的工作。'],
])('the estimate for %s is within half of what a tokenizer counts', (_, text) => {
  const counted = encode(text).length;
  expect(tokensOfText(text)).toBeGreaterThan(counted * 0.67);
  expect(tokensOfText(text)).toBeLessThan(counted * 1.51);
});

test('the empty text has no tokens', () => {
  expect(tokensOfText('')).toBe(0);
});

test('checks the limit without reading all of a text that is far too long', () => {
  expect(fitsTokens('We moved to the coast.', 6)).toBe(true);
  expect(fitsTokens('We moved to the coast last spring.', 6)).toBe(false);
  // The text has no token, and only a check of the whole text can show this.
  expect(fitsTokens(' '.repeat(1600), 100)).toBe(true);
  expect(fitsTokens(' '.repeat(1601), 100)).toBe(false);
});
