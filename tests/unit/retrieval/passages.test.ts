import { describe, expect, it } from 'vitest';
import { tokensOfText } from '../../../src/lib/text/tokens.js';
import { beginningOf, omission, passagesOf } from '../../../src/retrieval/passages.js';

const about = new Map([
  ['kettl', 5],
  ['leak', 3],
]);
const filler = Array.from({ length: 40 }, (_, i) => `Sentence number ${i} is about the weather of the day.`);

describe('passages', () => {
  it('show the complete exchange when it fits', () => {
    const sides = { user_input: 'Does the kettle leak?', agent_response: 'It does.' };
    expect(passagesOf(sides, about)(100)).toBe(sides);
  });

  it('contain the words of the question, with marks for omissions', () => {
    const sides = {
      user_input: 'What is new?',
      agent_response: [...filler.slice(0, 20), 'The kettle leaks at the bottom.', ...filler.slice(20)].join(
        ' ',
      ),
    };
    const shown = passagesOf(sides, about)(60);
    expect(shown.agent_response).toContain('The kettle leaks at the bottom.');
    expect(shown.agent_response.split(omission).length).toBeGreaterThan(1);
    expect(tokensOfText(shown.user_input + shown.agent_response)).toBeLessThanOrEqual(66);
  });

  it('keep their order; without a word of the question, the beginning is shown', () => {
    const text = `${filler[0]} The leak is old. ${filler.slice(1).join(' ')} The kettle is new.`;
    const both = passagesOf({ user_input: '', agent_response: text }, about)(40).agent_response;
    expect(both.indexOf('leak is old')).toBeGreaterThan(-1);
    expect(both.indexOf('kettle is new')).toBeGreaterThan(both.indexOf('leak is old'));
    const plain = passagesOf({ user_input: filler.join(' '), agent_response: '' }, about)(40).user_input;
    expect(plain.startsWith('Sentence number 0')).toBe(true);
  });

  it('surround the word of the question in a text without ends of sentences', () => {
    const text = `${'x'.repeat(10)} ${'word '.repeat(5000)}kettle ${'word '.repeat(5000)}`;
    const shown = passagesOf({ user_input: text, agent_response: '' }, about)(50).user_input;
    expect(shown).toContain('kettle');
    expect(tokensOfText(shown)).toBeLessThanOrEqual(60);
  });

  it('end between words when the beginning is cut', () => {
    expect(beginningOf('one two three four five six seven eight nine ten', 8)).toMatch(
      /^one two [a-z ]+ \[…\]$/,
    );
    expect(beginningOf('short', 8)).toBe('short');
  });
});
