import { beforeAll, describe, expect, it } from 'vitest';
import { checkOffers } from '../../../../bench/knowledge/offered-facts.js';
import { type EnglishReader, loadEnglishReader } from '../../../../src/analysis/builtin/english.js';
import { faultOfFact } from '../../../../src/analysis/checks/check-fact.js';
import { numbersIn } from '../../../../src/analysis/checks/numbers.js';
import { findQuote } from '../../../../src/analysis/checks/quote.js';

let reader: EnglishReader;
beforeAll(async () => {
  reader = await loadEnglishReader();
});

const fault = (said: string, fact: string, quote = said, about: 'user' | 'assistant' = 'user') =>
  faultOfFact(
    {
      about,
      fact,
      quote,
      page: {
        user_input: about === 'user' ? said : '',
        agent_response: about === 'user' ? '' : said,
        timestamp: '2026-03-01T10:00:00.000Z',
      },
    },
    reader,
  );

describe('a fact checked against its page', () => {
  it('is refused when false and accepted when true: the list of bench/knowledge', async () => {
    const { lies, honest } = await checkOffers();
    expect(lies.length).toBeGreaterThanOrEqual(60);
    expect(honest.length).toBeGreaterThanOrEqual(60);
    const stored = lies.filter((one) => one.fault === null);
    const refused = honest.filter((one) => one.fault !== null);
    expect(stored.length, JSON.stringify(stored)).toBeLessThanOrEqual(lies.length * 0.03);
    expect(refused.length, JSON.stringify(refused)).toBeLessThanOrEqual(honest.length * 0.05);
  });

  it.each([
    ["I don't own a car.", 'The user owns a car.', 'negation'],
    ['Do I own a boat?', 'The user owns a boat.', 'question'],
    ['I might buy a boat.', 'The user bought a boat.', 'not real'],
    ['My aunt owns a boat.', 'The user owns a boat.', 'another person'],
    ['I used to own a boat.', 'The user owns a boat.', 'past or present'],
    ['I own two boats.', 'The user owns three boats.', 'numbers'],
    ['I own a boat.', "The user's boat is called Esmeralda.", 'names'],
    ['I coughed today.', 'The user has pneumonia.', 'quote does not say it'],
  ])('%s as %s is refused: %s', (said, fact, reason) => {
    expect(fault(said, fact)).toBe(reason);
  });

  it('is checked in reasonable time against an hour of text', () => {
    const long = `${'I walked on and on, and so it went. '.repeat(20_000)}I own a boat.`;
    expect(fault(long, 'The user owns a boat.', 'I own a boat.')).toBeNull();
  });
});

describe('a quote', () => {
  it('may differ only in white space and in the form of quotation marks', () => {
    expect(findQuote('It’s  my\nboat.', "It's my boat")?.words).toBe('It’s  my\nboat');
    expect(findQuote('It is my boat.', 'it is my boat')).toBeNull();
    expect(findQuote('There it is.', 'her')).toBeNull();
    expect(findQuote('a+b (c) [d]?', 'b (c) [d]?')?.words).toBe('b (c) [d]?');
  });

  it('is returned with the complete sentences around it', () => {
    const text = 'First. Do you think I should move to Bern? Last one. And more.';
    expect(findQuote(text, 'move to Bern')?.sentences).toBe('Do you think I should move to Bern?');
    expect(findQuote(text, 'Bern? Last')?.sentences).toBe('Do you think I should move to Bern? Last one.');
    expect(findQuote('我住在北京。你呢？', '北京')?.sentences).toBe('我住在北京。');
  });
});

it('reads numbers in digits and words, with what they count', () => {
  expect(numbersIn('twenty-one years, 3 cats, the 14th and a couple of old boats')).toEqual([
    { value: 21, noun: 'year' },
    { value: 3, noun: 'cat' },
    { value: 14, noun: 'and' },
    { value: 2, noun: 'boat' },
  ]);
});
