import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../src/adapters/file-store/file-store.js';
import { toUserId } from '../../src/model/ids.js';
import { EngineProcess } from '../support/engine-process.js';
import { makeFolder } from '../support/folders.js';
import { allTexts, losses } from '../support/store-process.js';

let place: Awaited<ReturnType<typeof makeFolder>>;
let processes: EngineProcess[] = [];
beforeEach(async () => {
  place = await makeFolder();
});
afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  processes = [];
  await place.remove();
});

function start(user: string, shortTermCapacity: number): EngineProcess {
  const process = new EngineProcess({
    data_storage_path: place.folder,
    user_id: user,
    short_term_capacity: shortTermCapacity,
  });
  processes.push(process);
  return process;
}

const topics = ['gardening', 'astronomy', 'sailing', 'cooking', 'chess', 'mountains', 'pottery', 'trains'];
const textOf = (writer: number, index: number) =>
  `Exchange w${writer}n${index} about ${topics[index % topics.length]} and ${topics[writer % topics.length]}`;

async function textsOf(user: string): Promise<string[]> {
  const store = await createFileStore({ dataDir: place.folder }).open(toUserId(user));
  try {
    return await allTexts(store);
  } finally {
    await store.close();
  }
}

describe('several processes on one folder', () => {
  it('4 x 250 adds on one user while two migrate: each stored once, each found by every process', async () => {
    // Two never have more than their short-term memory holds, so they never migrate.
    const engines = [start('alice', 10), start('alice', 10), start('alice', 10_000), start('alice', 10_000)];
    await Promise.all(engines.map(({ ready }) => ready));
    const texts = engines.map((_, writer) =>
      Array.from({ length: 250 }, (_, index) => textOf(writer, index)),
    );
    await Promise.all(engines.map((engine, writer) => engine.ask('add', { texts: texts[writer] })));
    expect(losses(await textsOf('alice'), texts.flat())).toEqual({ lost: [], doubled: [] });
    expect(await textsOf('alice')).toHaveLength(1000);
    await engines[0]?.ask('flush');
    for (const [reader, engine] of engines.entries()) {
      const writer = (reader + 1) % engines.length;
      for (const index of [0, 100, 249]) {
        const query = textOf(writer, index);
        expect(await engine.ask('retrieve', { query, maxResults: 10 })).toContain(query);
      }
    }
    await Promise.all(engines.map((engine) => engine.ask('close')));
    expect(losses(await textsOf('alice'), texts.flat())).toEqual({ lost: [], doubled: [] });
  }, 120_000);

  it('8 processes on 8 users: each has its own and nothing else', async () => {
    const engines = Array.from({ length: 8 }, (_, index) => start(`user ${index}`, 10));
    await Promise.all(engines.map(({ ready }) => ready));
    const texts = engines.map((_, writer) =>
      Array.from({ length: 250 }, (_, index) => textOf(writer, index)),
    );
    await Promise.all(engines.map((engine, writer) => engine.ask('add', { texts: texts[writer] })));
    await Promise.all(engines.map((engine) => engine.ask('close')));
    for (const [index, expected] of texts.entries()) {
      expect((await textsOf(`user ${index}`)).sort()).toEqual([...expected].sort());
    }
  }, 120_000);
});
