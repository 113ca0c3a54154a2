import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Memory } from '../../src/index.js';
import { emptyDatabase } from '../../tests/support/database.js';
import { httpCaller } from '../http/callers.js';
import { percentile } from '../locomo/metrics.js';
import { materialFrom } from '../retrieval-speed/synthetic.js';
import { copyUser, fillUser, settle } from './fill.js';
import { Fleet } from './fleet.js';
import { open, withFolder } from './growth.js';

const users = 40;
const megabyte = 1024 * 1024;
const coldRuns = 5;
const warmQuestions = 30;

/** Measures the memory that a process needs for each open user with so many pages, after a question was answered. */
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

/** Measures the first answer of a ready new server for a user with so many pages, and its later answers. */
export async function measureCold(url: string, data: string, pages: number): Promise<void> {
  const material = await materialFrom(data);
  await withFolder(async (folder) => {
    const database = await emptyDatabase(url);
    await fillUser(database.url, 'user', pages, material);
    await settle(database.url);
    const fleet = new Fleet(folder);
    await fleet.configure(database.url);
    const runs: { ready: number; first: number; warm: number }[] = [];
    for (let i = 0; i < coldRuns; i += 1) runs.push(await firstAnswer(fleet, material.questions));
    const median = (name: 'ready' | 'first' | 'warm') =>
      percentile(
        runs.map((run) => run[name]),
        0.5,
      ).toFixed(0);
    const ratio = percentile(
      runs.map(({ first, warm }) => first / warm),
      0.5,
    );
    console.log(
      `${pages} pages, ${coldRuns} servers, medians: ready after ${median('ready')} ms, first answer ${median('first')} ms, later ones ${median('warm')} ms, ratio ${ratio.toFixed(1)}`,
    );
    await database.drop();
  });
}

async function firstAnswer(fleet: Fleet, questions: readonly string[]) {
  const [token = ''] = await fleet.tokensOf(['user']);
  const startedAt = performance.now();
  const { port } = await fleet.server();
  for (;;) {
    const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
    if (status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ready = performance.now() - startedAt;
  const caller = await httpCaller(`http://127.0.0.1:${port}/mcp`, token);
  const times: number[] = [];
  for (let i = 0; i <= warmQuestions; i += 1) {
    const from = performance.now();
    const problem = await caller.call('retrieve_memory', {
      query: questions[(i * 7) % questions.length] ?? '',
    });
    if (problem !== null) throw new Error(problem);
    times.push(performance.now() - from);
  }
  caller.close();
  await fleet.end();
  const [first = 0, ...later] = times;
  return { ready, first, warm: percentile(later, 0.5) };
}
