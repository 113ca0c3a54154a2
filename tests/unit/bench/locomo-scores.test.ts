import { expect, test } from 'vitest';
import { bootstrap, figuresOf, recallAt, reciprocalRank } from '../../../bench/locomo/metrics.js';
import { porterStem } from '../../../bench/locomo/porter-stemmer.js';
import { bleu1, f1, multiAnswerF1, normalised, scoreOf } from '../../../bench/locomo/scores.js';

test('answers are normalised as the LoCoMo paper does', () => {
  expect(normalised('The 7th of May, 2023!')).toEqual(['7th', 'of', 'may', '2023']);
  expect(normalised("a dog AND the cat's")).toEqual(['dog', 'cats']);
});

test('words between other signs are articles too', () => {
  expect(normalised('the “a” – and—the end')).toEqual(['“', '”', '–', '—', 'end']);
});

// These are the stems of NLTK 3.9.
test.each([
  ['caresses', 'caress'],
  ['ponies', 'poni'],
  ['dies', 'die'],
  ['dying', 'die'],
  ['died', 'die'],
  ['agreed', 'agre'],
  ['feed', 'feed'],
  ['hopping', 'hop'],
  ['falling', 'fall'],
  ['filing', 'file'],
  ['birthday', 'birthday'],
  ['happy', 'happi'],
  ['cry', 'cri'],
  ['relational', 'relat'],
  ['carefully', 'care'],
  ['emotionally', 'emot'],
  ['biology', 'biolog'],
  ['possibly', 'possibl'],
  ['triplicate', 'triplic'],
  ['adoption', 'adopt'],
  ['replacement', 'replac'],
  ['rate', 'rate'],
  ['ages', 'age'],
  ['controlling', 'control'],
  ['skies', 'sky'],
  ['news', 'news'],
  ['as', 'as'],
])('the stem of %s is %s', (word, stem) => {
  expect(porterStem(word)).toBe(stem);
});

test('F1 over stems, with known values', () => {
  expect(f1('adoption agencies', 'Adoption agency')).toBe(1);
  expect(f1('she researched adoption agencies', 'adoption agencies')).toBeCloseTo(2 / 3);
  expect(f1('no idea', 'adoption agencies')).toBe(0);
  expect(f1('dog dog', 'dog')).toBeCloseTo(2 / 3);
  expect(f1('', 'dog')).toBe(0);
});

test('a list is scored part by part', () => {
  expect(multiAnswerF1('painting, pottery', 'pottery, camping')).toBe(0.5);
  expect(multiAnswerF1('camping and pottery', 'pottery')).toBeCloseTo(2 / 3);
});

test('BLEU-1 clips repeats and punishes short answers', () => {
  expect(bleu1('the cat sat', 'the cat sat')).toBe(1);
  expect(bleu1('cat cat cat cat', 'cat sat')).toBe(0.25);
  expect(bleu1('cat', 'cat sat on mats')).toBeCloseTo(Math.exp(1 - 4));
  expect(bleu1('', 'cat')).toBe(0);
});

test('categories: 1 is a list, of 3 counts what stands before a semicolon, 5 is a refusal', () => {
  expect(scoreOf(1, 'pottery', 'pottery, camping').f1).toBe(0.5);
  expect(scoreOf(3, 'likely no', 'Likely no; she likes reading').f1).toBe(1);
  expect(scoreOf(2, '7 May 2023', '7 May 2023')).toEqual({ f1: 1, bleu1: 1 });
  expect(scoreOf(5, 'Not mentioned in the conversation', 'anything').f1).toBe(1);
  expect(scoreOf(5, 'A dog', 'anything').f1).toBe(0);
});

test('recall counts the evidence pages found among the first k', () => {
  expect(recallAt(5, [0, 7, null, 3])).toBe(0.5);
  expect(reciprocalRank([4, 1, null])).toBe(0.5);
  expect(reciprocalRank([null])).toBe(0);
  const result = (ranks: (number | null)[]) => ({
    conversation: 'c',
    question: 'q',
    category: 4,
    ranks,
    tokens: 0,
    latencyMs: 0,
  });
  expect(figuresOf([result([0]), result([12, null])])).toEqual({
    questions: 2,
    recall: { 1: 0.5, 5: 0.5, 10: 0.5, 20: 0.75 },
    anyHit10: 0.5,
    mrr: (1 + 1 / 13) / 2,
  });
});

test('the bootstrap interval holds the mean and is the same every time', () => {
  const values = Array.from({ length: 200 }, (_, i) => i % 2);
  const [low, high] = bootstrap(values);
  expect(low).toBeGreaterThan(0.4);
  expect(high).toBeLessThan(0.6);
  expect(low).toBeLessThan(0.5);
  expect(bootstrap(values)).toEqual([low, high]);
});
