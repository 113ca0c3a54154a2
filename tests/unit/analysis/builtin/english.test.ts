import { describe, expect, it } from 'vitest';
import { loadEnglishReader, spelledOut } from '../../../../src/analysis/builtin/english.js';

describe('spelledOut', () => {
  it.each([
    ["I'm here and I’ve seen it", 'I am here and I have seen it'],
    ["it's been fun, it's mine", 'it has been fun, it is mine'],
    ["I won't, can't and don't", 'I will not, can not and do not'],
    ['gonna move', 'going to move'],
    ['for a good cause', 'for a good cause'],
    ["Anna's dog", "Anna's dog"],
  ])('%s', (said, full) => {
    expect(spelledOut(said)).toBe(full);
  });
});

describe('the English reader', () => {
  it('joins hyphenated words and keeps lines apart', async () => {
    const { read } = await loadEnglishReader();
    const [first, second] = read('A well-kept secret\nAnother line');
    expect(first?.tokens.map(({ text }) => text)).toEqual(['A', 'well-kept', 'secret']);
    expect(second?.tokens).toHaveLength(2);
  });

  it('drops long runs without spaces, for which the tokeniser takes quadratic time', async () => {
    const { read } = await loadEnglishReader();
    for (const run of ['aA0-', "'", 'www.', 'x']) {
      const tokens = read(`${run.repeat(4_000)} and I live in Rome`).flatMap((sentence) => sentence.tokens);
      expect(tokens.every(({ text }) => text.length <= 40)).toBe(true);
      expect(tokens.at(-1)?.text).toBe('Rome');
    }
  });
});
