import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Memory } from '../../src/index.js';
import { emptyDatabase } from '../../tests/support/database.js';
import { percentile } from '../locomo/metrics.js';
import { materialFrom } from '../retrieval-speed/synthetic.js';
import { copyUser, fillUser, settle } from './fill.js';
import { open, withFolder } from './growth.js';

const users = 40;
const megabyte = 1024 * 1024;
const coldRuns = 5;
const warmQuestions = 30;

/** What an open user with so many pages takes in a process that has answered a question of theirs. */
export async function measureResident(url: string, data: string, pages: number): Promise<void> {
  const material = await materialFrom(data);
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  const used = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    gc();
    gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: (heapUsed + external) / megabyte, rss: rss / megabyte };
  };
  await withFolder(async (folder) => {
    const database = await emptyDatabase(url);
    await fillUser(database.url, 'user', pages, material);
    await copyUser(database.url, 'user', 'user', users);
    await settle(database.url);
    const opened: Memory[] = [];
    const visit = async (from: number, until: number) => {
      for (let i = from; i <= until; i += 1) {
        const memory = await open(database.url, folder, `user${i}`);
        for (let n = 0; n < 5; n += 1) await memory.retrieve({ query: material.questions[i * 5 + n] ?? '' });
        opened.push(memory);
      }
    };
    await visit(1, users / 2);
    const before = await used();
    await visit(users / 2 + 1, users);
    const after = await used();
    const each = (name: 'heap' | 'rss') => ((after[name] - before[name]) / (users / 2)).toFixed(2);
    console.log(
      `an open user with ${pages} pages after 5 questions: ${each('heap')} MB in use, ${each('rss')} MB resident (the process: ${after.rss.toFixed(0)} MB)`,
    );
    for (const memory of opened) await memory.close();
    await database.drop();
  });
}

/** The first answer of a new process for a user with so many pages, against its later ones. */
export async function measureCold(url: string, data: string, pages: number): Promise<void> {
  await withFolder(async (folder) => {
    const database = await emptyDatabase(url);
    await fillUser(database.url, 'user', pages, await materialFrom(data));
    await settle(database.url);
    const runs: { start: number; first: number; warm: number }[] = [];
    for (let i = 0; i < coldRuns; i += 1) {
      const self = process.argv[1] ?? '';
      const args = ['--import', 'tsx', self, 'ask', database.url, folder, '--data', data];
      const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
      const line = child.stdout.trim().split('\n').at(-1) ?? '';
      if (child.status !== 0) throw new Error(child.stderr);
      runs.push(JSON.parse(line));
    }
    const median = (name: 'start' | 'first' | 'warm') =>
      percentile(
        runs.map((run) => run[name]),
        0.5,
      );
    console.log(
      `${pages} pages, ${coldRuns} processes, medians: ready after ${median('start').toFixed(0)} ms, first answer ${median('first').toFixed(0)} ms, later ones ${median('warm').toFixed(0)} ms, ratio ${percentile(
        runs.map(({ first, warm }) => first / warm),
        0.5,
      ).toFixed(1)}`,
    );
    await database.drop();
  });
}

/** In a process of its own. */
export async function ask(url: string, folder: string, data: string): Promise<void> {
  const { questions } = await materialFrom(data);
  const startedAt = performance.now();
  const memory = await open(url, folder, 'user');
  const start = performance.now() - startedAt;
  const times: number[] = [];
  for (let i = 0; i <= warmQuestions; i += 1) {
    const from = performance.now();
    await memory.retrieve({ query: questions[(i * 7) % questions.length] ?? '' });
    times.push(performance.now() - from);
  }
  const [first = 0, ...later] = times;
  await memory.close();
  console.log(JSON.stringify({ start, first, warm: percentile(later, 0.5) }));
}
