import { expect, it } from 'vitest';
import { loadEnglishReader } from '../../../../src/analysis/builtin/english.js';
import { worthByMeaning } from '../../../../src/analysis/builtin/scorer/by-meaning.js';
import { worthOf } from '../../../../src/analysis/builtin/scorer/scorer.js';
import { SentenceVectors } from '../../../../src/lib/meaning/sentence-vectors.js';
import { statementsIn } from '../../../support/statements.js';

const reader = await loadEnglishReader();
const vectors = new SentenceVectors();

function statementIn(text: string) {
  const [statement] = statementsIn(text, reader);
  if (statement === undefined) throw new Error('There is a statement.');
  return statement;
}

it('ranks by the meaning, not only by the score', () => {
  const judge = (text: string) => worthByMeaning(statementIn(text), (one) => vectors.vectorOf(one));
  const lasting = ['My sister is a nurse in Leeds.', 'I got a job at Siemens last week.', "I'm vegetarian."];
  const vague = ['I have a class at 5.', 'My team won the game.', 'My favourites are the green ones.'];
  expect(Math.min(...lasting.map(judge))).toBeGreaterThan(Math.max(...vague.map(judge)));
});

it('uses the vector of a statement with a high score only, and without the model the score', () => {
  const asked: string[] = [];
  const without = (text: string) =>
    worthByMeaning(statementIn(text), (one) => {
      asked.push(one);
      return null;
    });
  const nurse = 'My sister is a nurse in Leeds.';
  expect(without(nurse)).toBe(worthOf(statementIn(nurse)));
  expect(without('It was such a nice day.')).toBeLessThan(0.1);
  expect(worthOf(statementIn('It was such a nice day.'))).toBeLessThan(0.5);
  expect(asked).toEqual([nurse]);
});
