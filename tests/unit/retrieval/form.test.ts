import { expect, test } from 'vitest';
import { formOf } from '../../../src/retrieval/form.js';

test.each([
  ['Where did I leave the ladder?', { person: 1, you: 0, others: 0, asks: 1, past: 1, bare: 0, idle: 0 }],
  ['What is the longest river?', { person: 0, you: 0, others: 0, asks: 1, past: 0, bare: 0, idle: 0 }],
  ['Write it in the style of a poem', { person: 0, you: 0, others: 0, asks: 0, past: 0, bare: 0, idle: 0 }],
  ['tomatoes in the garden', { person: 0, you: 0, others: 0, asks: 0, past: 0, bare: 1, idle: 0 }],
  [
    'In which year was the bridge built?',
    { person: 0, you: 0, others: 0, asks: 1, past: 1, bare: 0, idle: 0 },
  ],
  ['How do I sharpen a chisel?', { person: 0, you: 0, others: 0, asks: 1, past: 0, bare: 0, idle: 0 }],
  ['How do I get to my ladder?', { person: 1, you: 0, others: 0, asks: 1, past: 0, bare: 0, idle: 0 }],
  ['What do you recommend?', { person: 0, you: 1, others: 0, asks: 1, past: 0, bare: 0, idle: 0 }],
  ['What is her job?', { person: 0, you: 0, others: 1, asks: 1, past: 0, bare: 0, idle: 0 }],
  ['Where can you buy a chisel?', { person: 0, you: 0, others: 0, asks: 1, past: 0, bare: 0, idle: 0 }],
  ['ladder garage', { person: 0, you: 0, others: 0, asks: 0, past: 0, bare: 1, idle: 0 }],
])('how "%s" is put', (text, form) => {
  expect(formOf(text, true, false)).toEqual(form);
});

test("a speaker's name counts as a person, and questions in other languages have no form", () => {
  expect(formOf('What does Odile like?', true, true).person).toBe(1);
  expect(formOf('Wo habe ich die Leiter gelassen?', false, false)).toEqual({
    person: 0,
    you: 0,
    others: 0,
    asks: 0,
    past: 0,
    bare: 1,
    idle: 0,
  });
});

test.each(['hi', 'Thank you so much!', 'good night', 'can you help me?', 'ok, go on please', '🙂', '?!'])(
  'asks for nothing: %s',
  (text) => {
    expect(formOf(text, true, false).idle).toBe(1);
  },
);

test.each(['ladder', 'Where did we go on?', 'thanks, and where is my ladder?', 'How was the night?', '谢谢'])(
  'asks for something: %s',
  (text) => {
    expect(formOf(text, true, false).idle).toBe(0);
  },
);
