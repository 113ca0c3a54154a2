import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerAll, answersTable, readAnswers } from '../../../bench/locomo/answering.js';
import { createOpenAiChat } from '../../../src/adapters/openai/chat-model.js';
import type { LocomoConversation } from '../../../src/cli/demo/locomo.js';
import { type FakeOpenAi, startFakeOpenAi } from '../../support/fake-openai/server.js';

let folder: string;
let fake: FakeOpenAi;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'memoryos-answers-'));
  fake = await startFakeOpenAi();
});

afterEach(async () => {
  await fake.stop();
  await rm(folder, { recursive: true, force: true });
});

const question = (text: string, answer: string, category: number) => ({
  question: text,
  answer,
  category,
  evidence: ['D1:1'],
});
const conversation: LocomoConversation = {
  id: 'conv-x',
  user: 'Ann',
  assistant: 'Bob',
  turns: 0,
  pages: [],
  questions: [
    question('What did Ann fly?', 'red kite', 4),
    question('When was that?', '7 May 2023', 2),
    question('Whose boat was it?', 'nobody', 5),
  ],
};

test('answers use the pages found, are scored, and are not requested twice', async () => {
  const file = path.join(folder, 'answers.jsonl');
  const chatModel = createOpenAiChat({ baseUrl: fake.baseUrl, apiKey: 'fake-key', model: 'fake-model' });
  const excerpts = async () => ['I like ships. A red kite is what Ann did fly'];
  const progress: string[] = [];
  const options = {
    chatModel,
    file,
    onProgress: (done: number, all: number) => progress.push(`${done}/${all}`),
  };

  await answerAll(conversation, excerpts, options);
  expect(progress).toEqual(['1/2', '2/2']);
  expect(fake.unexpected).toEqual([]);
  const answers = await readAnswers(file);
  expect(answers.map(({ prediction, f1 }) => [prediction, f1.toFixed(3)])).toEqual([
    // Two of seven words are right, and both words of the truth are there. LoCoMo ignores articles.
    ['A red kite is what Ann did fly', '0.444'],
    ['not mentioned', '0.000'],
  ]);
  expect(answersTable(answers)).toContain('| single-hop | 1 | 44.44 | 28.57 |');

  const asked = fake.chatRequests.length;
  await appendFile(file, '{"half a line');
  await answerAll(conversation, excerpts, options);
  expect(fake.chatRequests.length).toBe(asked);
});

test('a question without a usable answer is skipped, and asked again in the next run', async () => {
  const file = path.join(folder, 'answers.jsonl');
  const chatModel = createOpenAiChat({ baseUrl: fake.baseUrl, apiKey: 'fake-key', model: 'fake-model' });
  const excerpts = async () => ['A red kite is what Ann did fly'];
  const options = { chatModel, file, onProgress: () => undefined };
  fake.misbehave('filter-400');
  expect(await answerAll(conversation, excerpts, options)).toBe(1);
  expect((await readAnswers(file)).map(({ truth }) => truth)).toEqual(['7 May 2023']);
  expect(await answerAll(conversation, excerpts, options)).toBe(0);
  expect((await readAnswers(file)).map(({ truth }) => truth)).toEqual(['7 May 2023', 'red kite']);
});
