import { expect, it, vi } from 'vitest';
import { relationsTo, saidIn } from '../../../../src/analysis/builtin/changes/pair-features.js';
import { chanceOfEnd } from '../../../../src/analysis/builtin/changes/pair-scorer.js';
import { loadEnglishReader } from '../../../../src/analysis/builtin/english.js';
import { toldOfText } from '../../../../src/analysis/builtin/known-facts.js';
import { tokensOf } from '../../../../src/analysis/builtin/statements.js';
import { toldOf } from '../../../../src/analysis/builtin/told.js';
import { userFacts } from '../../../../src/analysis/builtin/user-facts.js';
import { SentenceVectors } from '../../../../src/lib/meaning/sentence-vectors.js';
import { makePage } from '../../../support/records.js';
import { statementsIn } from '../../../support/statements.js';

const reader = await loadEnglishReader();
const vectors = new SentenceVectors();
const vectorOf = (sentence: string) => vectors.vectorOf(sentence);
const on = (day: number) => ({ agent_response: 'All right.', timestamp: `2026-03-0${day}T10:00:00Z` });

function factsOf(before: string, after: string, using = vectorOf) {
  const rejected: string[] = [];
  const pages = [makePage(before, on(1)), makePage(after, on(2))];
  const facts = userFacts(pages, [], [], reader, using, (reason) => rejected.push(reason));
  return { facts, rejected };
}

it.each([
  ['I have a caravan by the sea.', "The caravan's gone, a couple from Ghent bought it."],
  ['Our search runs on Solr.', 'Moved our search over to OpenSearch last week.'],
  ['My favourite band is Radiohead.', 'These days my favourite band is Big Thief.'],
  ["I can't stand jazz.", "I've come round to jazz, I really like it now."],
])('ends a fact that no longer holds, and keeps the words: %s %s', (before, after) => {
  const { facts } = factsOf(before, after);
  expect(facts.flatMap(({ ends }) => ends)).toEqual([0]);
  expect(facts.find(({ ends }) => ends.length > 0)?.quote).toSatisfy((quote) => after.includes(quote));
});

it.each([
  ['I have a caravan by the sea.', 'The caravan needs new tyres before summer.'],
  ['My train to Bruges is at 7:40.', 'I bought the ticket for the train to Bruges.'],
  ['I live in Berlin.', 'In Berlin I live with my sister.'],
  ['I keep bees, and hive 7 is full.', 'I keep bees, and hive 8 is full.'],
])('leaves a fact that may still hold: %s %s', (before, after) => {
  expect(factsOf(before, after).facts.flatMap(({ ends }) => ends)).toEqual([]);
});

/** The facts of two messages to a friend. */
function toFriend(before: string, after: string) {
  const answer = 'So nice, my sister and I went to the sea! I miss you, my mum says hi!';
  const [first, second] = [before, after].map((says, i) =>
    makePage(says, { agent_response: answer, timestamp: `2026-03-0${i + 2}T10:00:00Z` }),
  );
  if (first === undefined || second === undefined) throw new Error('There are two pages.');
  const talk = Array.from({ length: 5 }, (_, i) =>
    makePage('How was your weekend? We were at my mum’s!', {
      agent_response: answer,
      timestamp: `2026-03-01T1${i}:00:00Z`,
    }),
  );
  return userFacts([first, second], talk, [], reader, vectorOf, () => undefined);
}

it.each([
  [
    'I volunteer at the animal shelter in Riga every Sunday.',
    'Last week I volunteered at the animal shelter in Riga and they gave me a medal!',
    [],
  ],
  ['I play drums in a band with my cousins.', 'I used to play drums in a band.', [0]],
])('ends a fact told to a friend only by a sign: %s %s', (before, after, ended) => {
  const facts = toFriend(before, after);
  expect(facts.map(({ quote }) => quote)).toContain(before);
  expect(facts.flatMap(({ ends }) => ends)).toEqual(ended);
});

it('ends nothing, and counts it, if the sentence model cannot be used', () => {
  const broken = () => {
    throw new Error('damaged');
  };
  const { facts, rejected } = factsOf('I have a caravan by the sea.', "The caravan's gone.", broken);
  expect(facts.flatMap(({ ends }) => ends)).toEqual([]);
  expect(rejected).toContain('sentence model unusable');
});

function saidOf(text: string) {
  const told = statementsIn(text, reader).map((one) => toldOf(one, one.core));
  return saidIn(text, tokensOf(text, reader), told, 1);
}

function toldIn(text: string) {
  return toldOfText(text, reader);
}

function relationOf(said: string, fact: string) {
  return relationsTo(saidOf(said), [{ told: toldIn(fact) }])[0]?.relation ?? null;
}

it('computes no vector if the likeness cannot matter', () => {
  const counted = vi.fn(vectorOf);
  const [before, after] = ['I have a caravan by the sea.', 'My caravan has a red door.'];
  const relation = relationOf(after, before);
  if (relation === null) throw new Error('not related');
  expect(chanceOfEnd(saidOf(after), toldIn(before), relation, before, counted, 0.999_999)).toBe(0);
  expect(counted).not.toHaveBeenCalled();
});

it('relates sentences with a term in common or a sign of an end, and says whether both are about one person', () => {
  const cello = 'My son Jonas plays the cello.';
  expect(relationOf('Jonas has given up the cello.', cello)?.isOfSameOwner).toBe(true);
  expect(relationOf('My daughter Ida has given up the cello.', cello)?.isOfSameOwner).toBe(false);
  expect(relationOf('I have a new bicycle.', cello)).toBe(null);
  expect(relationOf('I moved to Porto last month.', 'I live in Lyon.')?.signs).toEqual(new Set(['slot']));
});

function endsAfter(...messages: string[]) {
  const pages = messages.map((message, i) => makePage(message, on(i + 1)));
  const facts = userFacts(pages, [], [], reader, vectorOf, () => undefined);
  return facts.flatMap(({ quote, ends }) => ends.map((end) => [quote, facts[Number(end)]?.quote]));
}

it('finds the end in one part of a sentence if another part is known already', () => {
  expect(
    endsAfter('I work at Nokia.', 'I drive an old Golf.', 'I work at Nokia and I sold the Golf.'),
  ).toEqual([[expect.stringContaining('sold the Golf'), 'I drive an old Golf.']]);
});

it('gives each end to the part of the sentence that tells of it', () => {
  const ends = endsAfter(
    'I drive an old Golf.',
    'I smoke a pack a day.',
    'I sold the Golf and I quit smoking.',
  );
  expect(ends).toEqual([
    [expect.stringContaining('sold the Golf'), 'I drive an old Golf.'],
    [expect.stringContaining('quit smoking'), 'I smoke a pack a day.'],
  ]);
});

it('ends by the rules alone if a sign is decisive, also between friends', () => {
  expect(endsAfter('Our cat Mimi is deaf.', 'Mimi died.')).toEqual([['Mimi died.', 'Our cat Mimi is deaf.']]);
});
