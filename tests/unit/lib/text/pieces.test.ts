import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../../../src/lib/text/pieces.js';

describe('pieces of a text', () => {
  it.each([
    ['words', 'some words and more '.repeat(5_000)],
    ['one run of characters', '\u6f22'.repeat(100_000)],
    ['pairs of surrogates', `x${'\u{1f600}'.repeat(50_000)}`],
    ['nothing', ''],
  ])('join to the same text, none too long, no pair cut: %s', (_what, text) => {
    const pieces = [...piecesOf(text)];
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(8_192);
      expect(piece.isWellFormed()).toBe(true);
    }
  });

  it('end between words when there is a gap', () => {
    const [first] = piecesOf('wordword '.repeat(5_000));
    expect(first?.endsWith(' ')).toBe(true);
  });
});
