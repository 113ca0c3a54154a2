import { describe, expect, it } from 'vitest';
import { namedInput } from '../../../src/engine/named-input.js';

interface Input {
  readonly userInput?: string;
  readonly maxResults?: number;
  readonly metaData?: object;
}
const kinds = { userInput: 'text', maxResults: 'number', metaData: 'object' } as const;
const named = (given: unknown) => namedInput(given as Input, 'add', kinds);

describe('an input from a caller without types', () => {
  it('may have keys in the spelling of the tools', () => {
    expect(named({ user_input: 'I keep bees', max_results: 3 })).toEqual({
      userInput: 'I keep bees',
      maxResults: 3,
    });
  });

  it('may have null and undefined for missing values', () => {
    expect(named({ userInput: 'I keep bees', maxResults: null, metaData: undefined })).toEqual({
      userInput: 'I keep bees',
    });
  });

  it.each([
    [{ usrInput: 'x' }, 'add has no option "usrInput". It takes userInput, maxResults, metaData.'],
    [{ constructor: 'x' }, 'add has no option "constructor"'],
    [{ userInput: 5 }, 'userInput of add must be a text.'],
    [{ max_results: '5' }, 'max_results of add must be a number.'],
    ['I keep bees', 'add takes an object such as { userInput: … }.'],
    [null, 'add takes an object'],
  ])('refuses %j', (given, message) => {
    expect(() => named(given)).toThrow(message);
  });
});
