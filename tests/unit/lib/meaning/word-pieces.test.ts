import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { WordPieces } from '../../../../src/lib/meaning/word-pieces.js';

const vocabulary = await readFile(
  new URL('../../../../assets/sentence-model/word-pieces.txt', import.meta.url),
  'utf8',
);
const pieces = new WordPieces(vocabulary);
/** The word pieces of texts in many scripts, from the Python package `tokenizers` 0.22 with the model's tokenizer.json. */
const reference: { text: string; ids: number[] }[] = JSON.parse(
  await readFile(new URL('./word-pieces.json', import.meta.url), 'utf8'),
);

const idsOf = (text: string) => [...pieces.piecesOf(text)].map(({ id }) => id);

test.each(reference)('cuts $text like the reference', ({ text, ids }) => {
  expect(idsOf(text)).toEqual(ids);
});

test('reports the word of a piece', () => {
  const words = [...pieces.piecesOf('Kickboxing!')].map(({ word }) => word);
  expect(new Set(words)).toEqual(new Set(['kickboxing', '!']));
});

test('cuts a long text into the same pieces as its parts', () => {
  const sentence = 'The caretaker unlocked the greenhouse, and nobody noticed. ';
  const once = idsOf(sentence);
  expect(idsOf(sentence.repeat(500))).toEqual(Array.from({ length: 500 }, () => once).flat());
});

test('reads no further than requested', () => {
  const text = 'word '.repeat(5_000_000);
  const first = pieces.piecesOf(text).next();
  expect(first.value).toMatchObject({ word: 'word' });
});

test('handles unpaired surrogates and a word without an end', () => {
  expect(idsOf('\ud800 a')).toEqual(idsOf('a'));
  expect(idsOf('z'.repeat(100_000)).every((id) => id === pieces.unknown)).toBe(true);
});

test('refuses a vocabulary of another format', () => {
  expect(() => new WordPieces('a\nb\n')).toThrow('[UNK]');
});
