import { expect, test } from 'vitest';
import { evidenceOf, parseLocomo } from '../../../../src/cli/demo/locomo.js';

const turn = (speaker: string, dia_id: string, text: string, more = {}) => ({
  speaker,
  dia_id,
  text,
  ...more,
});
const file = (sessions: Record<string, unknown>, qa: unknown[] = []) =>
  JSON.stringify([
    { sample_id: 'conv-1', conversation: { speaker_a: 'Ann', speaker_b: 'Bob', ...sessions }, qa },
  ]);

test('pages: turns of a speaker are joined, one side may be empty, a session begins a page', () => {
  const [conversation] = parseLocomo(
    file({
      session_1_date_time: '12:05 am on 1 May, 2023',
      session_1: [
        turn('Bob', 'D1:1', 'Hello'),
        turn('Ann', 'D1:2', 'Hi'),
        turn('Ann', 'D1:3', 'Look', { blip_caption: 'a cat' }),
        turn('Bob', 'D1:4', 'Nice'),
        turn('Bob', 'D1:5', 'Cat!'),
        turn('Ann', 'D1:6', 'Bye'),
      ],
      session_10_date_time: '12:30 pm on 3 June, 2023',
      session_10: [turn('Bob', 'D10:1', 'Back again')],
      session_2_date_time: '1:15 pm on 2 May, 2023',
      session_2: [turn('Ann', 'D2:1', 'News')],
    }),
  );
  expect(conversation?.turns).toBe(8);
  expect(conversation?.pages).toEqual([
    {
      user_input: '',
      agent_response: 'Hello',
      timestamp: '2023-05-01T00:05:00.000Z',
      session: 1,
      dia_ids: ['D1:1'],
    },
    {
      user_input: 'Hi Look (image: a cat)',
      agent_response: 'Nice Cat!',
      timestamp: '2023-05-01T00:05:00.000Z',
      session: 1,
      dia_ids: ['D1:2', 'D1:3', 'D1:4', 'D1:5'],
    },
    {
      user_input: 'Bye',
      agent_response: '',
      timestamp: '2023-05-01T00:05:00.000Z',
      session: 1,
      dia_ids: ['D1:6'],
    },
    {
      user_input: 'News',
      agent_response: '',
      timestamp: '2023-05-02T13:15:00.000Z',
      session: 2,
      dia_ids: ['D2:1'],
    },
    {
      user_input: '',
      agent_response: 'Back again',
      timestamp: '2023-06-03T12:30:00.000Z',
      session: 10,
      dia_ids: ['D10:1'],
    },
  ]);
});

test('evidence is parsed leniently, and turns that do not exist are dropped', () => {
  expect(evidenceOf(['D8:6; D9:17', 'D30:05', 'D:11:26', 'D', 'D8:6'])).toEqual([
    'D8:6',
    'D9:17',
    'D30:5',
    'D11:26',
  ]);
  const [conversation] = parseLocomo(
    file({ session_1_date_time: '1:00 pm on 2 May, 2023', session_1: [turn('Ann', 'D1:1', 'x')] }, [
      { question: 'a?', answer: 2022, category: 2, evidence: ['D1:1; D9:9'] },
      { question: 'b?', adversarial_answer: 'no', category: 5, evidence: ['D9:9'] },
      { question: 'c?', answer: 'y', category: 3 },
    ]),
  );
  expect(conversation?.questions.map((q) => [q.answer, q.category, q.evidence])).toEqual([
    ['2022', 2, ['D1:1']],
    ['no', 5, []],
    ['y', 3, []],
  ]);
});

test('a file in another format is refused with its name', () => {
  expect(() => parseLocomo('{', 'x.json')).toThrow(/x\.json is not JSON/);
  expect(() => parseLocomo('[{"sample_id": 1}]', 'x.json')).toThrow(/not a LoCoMo file/);
  expect(() => parseLocomo(file({ session_1: [] }))).toThrow(/no date/);
});
