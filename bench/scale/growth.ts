import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemory, type Memory } from '../../src/index.js';
import { emptyDatabase } from '../../tests/support/database.js';
import { percentile } from '../locomo/metrics.js';
import { type Material, materialFrom, syntheticPages } from '../retrieval-speed/synthetic.js';
import { copyUser, fillUser, settle } from './fill.js';

const rounds = 60;
const warmRounds = 5;
const pagesOfEach = 10;

interface Measured {
  readonly name: string;
  readonly memories: readonly Memory[];
}

/** Measures adds and retrievals for users with these numbers of pages. */
export async function measurePages(url: string, data: string, sizes: readonly number[]): Promise<void> {
  const material = await materialFrom(data);
  await withFolder(async (folder) => {
    const database = await emptyDatabase(url);
    const measured: Measured[] = [];
    for (const size of sizes) {
      const startedAt = performance.now();
      await fillUser(database.url, `user${size}`, size, material);
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(`${size} pages stored in ${seconds.toFixed(0)} s`);
    }
    await settle(database.url);
    const [{ bytes } = { bytes: 0 }] = await database.run(
      'select pg_database_size(current_database())::float8 as bytes',
    );
    const all = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`${(Number(bytes) / all / 1024).toFixed(1)} KB of the database a page`);
    for (const size of sizes) {
      measured.push({
        name: `${size} pages`,
        memories: [await open(database.url, folder, `user${size}`)],
      });
    }
    await measure(measured, material);
    await database.drop();
  });
}

/** Measures adds and retrievals with these numbers of users in the database. */
export async function measureUsers(url: string, data: string, counts: readonly number[]): Promise<void> {
  const material = await materialFrom(data);
  await withFolder(async (folder) => {
    const measured: Measured[] = [];
    const drops: (() => Promise<void>)[] = [];
    for (const count of counts) {
      const database = await emptyDatabase(url);
      drops.push(() => database.drop());
      await fillUser(database.url, 'user', pagesOfEach, material);
      await copyUser(database.url, 'user', 'user', count);
      await settle(database.url);
      const each = Array.from({ length: Math.min(count, 8) }, (_, i) =>
        open(database.url, folder, `user${1 + Math.floor((i * count) / 8)}`),
      );
      measured.push({ name: `${count} users`, memories: await Promise.all(each) });
    }
    await measure(measured, material);
    for (const drop of drops) await drop();
  });
}

/** Measures the memories in turns, so that other load on the machine affects all alike. */
async function measure(measured: readonly Measured[], material: Material): Promise<void> {
  const { questions } = material;
  const texts = [...syntheticPages(rounds + warmRounds, material, 7)].flat().flatMap((operation) => {
    return operation.op === 'page_added' ? [operation.page.user_input] : [];
  });
  const times = measured.map(() => ({ retrieve: [] as number[], add: [] as number[], work: [] as number[] }));
  for (const job of ['retrieve', 'add'] as const) {
    for (let i = 0; i < rounds + warmRounds; i += 1) {
      for (const [which, { memories }] of measured.entries()) {
        const memory = memories[i % memories.length];
        if (memory === undefined) continue;
        const from = performance.now();
        if (job === 'retrieve') await memory.retrieve({ query: questions[(i * 7) % questions.length] ?? '' });
        else await memory.add({ userInput: texts[i] ?? '', agentResponse: 'Noted.' });
        const until = performance.now();
        if (i >= warmRounds) times[which]?.[job].push(until - from);
        if (job === 'add') {
          await memory.flush();
          if (i >= warmRounds) times[which]?.work.push(performance.now() - until);
        }
      }
    }
  }
  const first = times[0];
  console.table(
    Object.fromEntries(
      measured.map(({ name }, i) => {
        const row = (job: 'retrieve' | 'add' | 'work') => {
          const p50 = percentile(times[i]?.[job] ?? [], 0.5);
          return {
            [`${job} p50 ms`]: p50.toFixed(1),
            [`${job} p99 ms`]: percentile(times[i]?.[job] ?? [], 0.99).toFixed(1),
            [`${job} growth`]: (p50 / percentile(first?.[job] ?? [], 0.5)).toFixed(2),
          };
        };
        return [name, { ...row('retrieve'), ...row('add'), ...row('work') }];
      }),
    ),
  );
  for (const { memories } of measured) for (const memory of memories) await memory.close();
}

export function open(url: string, folder: string, user: string): Promise<Memory> {
  return createMemory({
    store: 'postgres',
    database_url: url,
    data_storage_path: path.join(folder, 'data'),
    user_id: user,
  });
}

export async function withFolder(job: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-bench-scale-'));
  try {
    await job(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
