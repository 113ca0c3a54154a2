import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { toUserId } from '../../../src/model/ids.js';
import { EngineProcess } from '../../support/engine-process.js';
import { makeFolder } from '../../support/folders.js';
import { allTexts, losses } from '../../support/store-process.js';

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

async function migratedPages(engine: EngineProcess | undefined): Promise<number> {
  return z.object({ mid_term: z.object({ pages: z.number() }) }).parse(await engine?.ask('stats')).mid_term
    .pages;
}

/** The texts that the engine does not find. */
async function missing(engine: EngineProcess, texts: readonly string[]): Promise<string[]> {
  const lost: string[] = [];
  for (const query of texts) {
    const found = await engine.ask('retrieve', { query, maxResults: 10 });
    if (!Array.isArray(found) || !found.includes(query)) lost.push(query);
  }
  return lost;
}

describe('several processes on one folder', () => {
  it('4 x 250 and more adds on one user while pages migrate: each stored once, each found by every process', async () => {
    // One process at a time does the background work, and keeps it as long as there is any. With two capacities the
    // others see a different amount of it; each of them migrates when it has the work.
    const engines = [start('alice', 10), start('alice', 10), start('alice', 20), start('alice', 20)];
    await Promise.all(engines.map(({ ready }) => ready));
    const texts: string[] = [];
    const add = async (from: number, to: number) => {
      const parts = engines.map((_, writer) =>
        Array.from({ length: to - from }, (_, index) => textOf(writer, from + index)),
      );
      texts.push(...parts.flat());
      await Promise.all(engines.map((engine, writer) => engine.ask('add', { texts: parts[writer] })));
    };
    // The first few adds load the analyser, so that it works during the others.
    await add(0, 10);
    for (const engine of engines.slice(0, 2)) await engine.ask('flush');
    const before = await migratedPages(engines[3]);
    await add(10, 250);
    // On a busy machine the analyser, whose thread has a low priority, may need more adds.
    for (let from = 250; from < 1250 && (await migratedPages(engines[3])) <= before + 20; from += 50) {
      await add(from, from + 50);
    }
    expect(await migratedPages(engines[3])).toBeGreaterThan(before + 20);
    expect(losses(await textsOf('alice'), texts)).toEqual({ lost: [], doubled: [] });
    expect(await textsOf('alice')).toHaveLength(texts.length);
    await engines[0]?.ask('flush');
    const notFound = await Promise.all(engines.map((engine) => missing(engine, texts)));
    expect(notFound.flat()).toEqual([]);
    await Promise.all(engines.map((engine) => engine.ask('close')));
    expect(losses(await textsOf('alice'), texts)).toEqual({ lost: [], doubled: [] });
  });

  it('8 processes on 8 users: each has its own memory and nothing else', async () => {
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
  });
});
