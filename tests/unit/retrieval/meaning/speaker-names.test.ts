import { describe, expect, test } from 'vitest';
import { SpeakerNames } from '../../../../src/retrieval/meaning/speaker-names.js';
import { makePage } from '../../../support/records.js';

const ids = { user: 'default_user', agent: 'default_assistant_profile' };

function namesOf(pages: readonly (readonly [string, string])[]): SpeakerNames {
  const names = new SpeakerNames();
  names.learn(
    pages.map(([said, answer]) => makePage(said, { agent_response: answer })),
    pages.length,
  );
  return names;
}

const greetings = [
  ['Hi Bruno! The roof is done.', 'Well done, Anna!'],
  ['Thanks, Bruno.', 'Hello Anna, any news?'],
  ['Good morning Bruno, I slept well.', 'Good to hear, Anna.'],
] as const;

describe('a question that names one of the two speakers', () => {
  test.each([
    ["Where does Anna's dog sleep?", 'Where does my dog sleep?'],
    ['What did Bruno suggest to Anna?', 'What did you suggest to I?'],
    ['Who is Annabel?', 'Who is Annabel?'],
    ['an anna is a coin', 'an anna is a coin'],
  ])('is read as the user would ask it: %s', (question, read) => {
    expect(namesOf(greetings).asked(question, ids)).toBe(read);
  });

  test('may use the id as a name, even if nobody says a name', () => {
    expect(new SpeakerNames().asked('Which city does Carla’s User like?', { ...ids, user: 'carla' })).toBe(
      'Which city does my I like?',
    );
  });
});

test('a page is read with the names before each side', () => {
  const page = makePage('The roof is done', { agent_response: '' });
  expect(namesOf(greetings).textOf(page)).toBe('Anna: The roof is done');
  expect(new SpeakerNames().textOf(page)).toBe('User: The roof is done');
});
