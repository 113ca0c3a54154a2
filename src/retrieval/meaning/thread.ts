import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../model/errors.js';
import type { QuestionReading, TextReading } from '../../ports/meaning-reader.js';
import { TextReader } from './text-reader.js';

/** A message to the thread. */
export interface ThreadJob {
  readonly id: number;
  readonly kind: 'text' | 'question';
  readonly text: string;
}

/** A message from the thread. `unusable`: the model cannot be loaded, so every job would fail. */
export interface ThreadAnswer {
  readonly id: number;
  readonly text?: TextReading;
  readonly question?: QuestionReading;
  readonly unusable?: string;
}

const questions: ThreadJob[] = [];
const texts: ThreadJob[] = [];
let working = false;

function answer(answered: ThreadAnswer): void {
  parentPort?.postMessage(answered);
}

function load(): TextReader | string {
  try {
    return new TextReader(String(workerData.assets));
  } catch (error) {
    return messageOf(error);
  }
}

/** Questions come first. A question waits at most until the current passage has been read. */
async function work(): Promise<void> {
  working = true;
  for (;;) {
    answerQuestions();
    const job = texts.shift();
    if (job === undefined) break;
    if (typeof reader === 'string') {
      answer({ id: job.id, unusable: reader });
      continue;
    }
    const steps = reader.readText(job.text);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        answer({ id: job.id, text: step.value });
        break;
      }
      await nextTurn();
      answerQuestions();
    }
    await nextTurn();
  }
  working = false;
}

function answerQuestions(): void {
  for (let job = questions.shift(); job !== undefined; job = questions.shift()) {
    if (typeof reader === 'string') answer({ id: job.id, unusable: reader });
    else answer({ id: job.id, question: reader.readQuestion(job.text) });
  }
}

const reader = load();
parentPort?.on('message', (job: ThreadJob) => {
  (job.kind === 'question' ? questions : texts).push(job);
  if (!working) void work();
});
