import { expect, it } from 'vitest';
import { TermReader } from '../../../../src/retrieval/index/term-reader.js';
import { WordIndex } from '../../../../src/retrieval/index/word-index.js';

it('keeps every different token of a very long side, but few of its repetitions', () => {
  const words = new WordIndex();
  const reading = new TermReader(words).read(`${'sourdough '.repeat(200_000)} rhubarb`, 'Noted.');
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  const { user, agent } = step.value;
  expect(user.length).toBeGreaterThan(65_536);
  expect(user.length).toBeLessThan(66_000);
  expect(user.at(-1)).toBe(words.idOf('rhubarb'));
  expect(agent).toHaveLength(1);
});
