import { expect, it } from 'vitest';
import { wrapped } from '../../../src/cli/terminal.js';

it.each([
  ['a short text', 'all well', ['analysis   all well']],
  [
    'a text of several lines',
    'one two three four five',
    ['analysis   one two', '           three four', '           five'],
  ],
  [
    'a word that fits no line',
    'at abcdefghijklmnopq',
    ['analysis   at', '           abcdefghij', '           klmnopq'],
  ],
  ['signs that a terminal obeys', 'a\u001b[2Jb\u202e', ['analysis   a[2Jb']],
  [
    'letters of two units',
    '\u{1f41d}'.repeat(11),
    [`analysis   ${'\u{1f41d}'.repeat(10)}`, '           \u{1f41d}'],
  ],
  ['no text', '', ['analysis   ']],
])('wraps %s', (_what, text, lines) => {
  expect(wrapped('analysis   ', text, 21).split('\n')).toEqual(lines);
});
