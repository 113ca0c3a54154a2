import { expect, it } from 'vitest';
import { repeatsItself } from '../../../../src/lib/text/repetition.js';

it.each([
  ['It is good. '.repeat(40), true],
  [`First something else. ${'the user likes the user, '.repeat(20)}the us`, true],
  ['a'.repeat(500), true],
  [`${'A longer sentence that a model repeats when it has lost its way, with a comma. '.repeat(4)}`, true],
  ['ha ha ha ha', false],
  ['It is good. '.repeat(3), false],
  [Array.from({ length: 200 }, (_, i) => `${i}. item`).join('\n'), false],
  ['', false],
])('distinguishes a loop from normal text: %#', (text, loops) => {
  expect(repeatsItself(text)).toBe(loops);
});
