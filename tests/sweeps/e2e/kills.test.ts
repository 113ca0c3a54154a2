import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { toUserId } from '../../../src/model/ids.js';
import { makeFolderInMemory } from '../../support/folders.js';
import { allTexts, losses, StoreProcess, suspendWithLock } from '../../support/store-process.js';

let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
beforeEach(async () => {
  place = await makeFolderInMemory();
});
afterEach(() => place.remove());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const openStore = (user: string) => createFileStore({ dataDir: place.folder }).open(toUserId(user));

describe('kill -9', () => {
  it('200 times at random moments: nothing acknowledged is lost or duplicated, no start needs repair', async () => {
    const killsWanted = 200;
    const slots = 3;
    const acknowledged: string[] = [];
    const troubles: string[] = [];
    let kills = 0;
    const slot = async (name: string) => {
      for (let from = 0; kills < killsWanted; ) {
        const child = new StoreProcess({
          dataDir: place.folder,
          user: 'alice',
          name,
          from,
          migrate: true,
          options: { checkpointAfterMs: 20 },
        });
        await child.ready;
        // Counted in adds, so that a slow machine kills at as many places as a fast one.
        const adds = Math.floor(Math.random() * 5);
        while (child.acknowledged.length < adds) await pause(1);
        await pause(Math.random() * 30);
        await child.kill();
        kills += 1;
        acknowledged.push(...child.acknowledged);
        troubles.push(...child.errors, ...child.notices);
        from += child.acknowledged.length + 1;
      }
    };
    await Promise.all(Array.from({ length: slots }, (_, index) => slot(`w${index}`)));
    const store = await openStore('alice');
    expect(losses(await allTexts(store), acknowledged)).toEqual({ lost: [], doubled: [] });
    expect(troubles).toEqual([]);
    expect(store.notices).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(killsWanted);
    await store.close();
  });
});

describe('SIGSTOP of the lock owner, then SIGCONT', () => {
  it('writes nothing twice and loses nothing', async () => {
    const options = { takeOverAfterMs: 200, leaseTakeOverAfterMs: 500, checkpointAfterMs: 20 };
    const task = { dataDir: place.folder, user: 'alice', migrate: true, options };
    const sleeper = new StoreProcess({ ...task, name: 'sleeper' });
    await sleeper.ready;
    const others: StoreProcess[] = [];
    for (let round = 0; round < 8; round += 1) {
      await suspendWithLock(sleeper);
      const other = new StoreProcess({ ...task, name: `other${round}`, adds: 15 });
      others.push(other);
      await other.ended;
      expect(other.done).toBe(true);
      const before = sleeper.acknowledged.length;
      sleeper.child.kill('SIGCONT');
      while (sleeper.acknowledged.length < before + 3) await pause(5);
    }
    await sleeper.kill();
    const store = await openStore('alice');
    const acknowledged = [sleeper, ...others].flatMap((writer) => writer.acknowledged);
    expect(losses(await allTexts(store), acknowledged)).toEqual({ lost: [], doubled: [] });
    expect([sleeper, ...others].flatMap(({ errors, notices }) => [...errors, ...notices])).toEqual([]);
    expect(others.flatMap((other) => other.acknowledged)).toHaveLength(8 * 15);
    await store.close();
  }, 60_000);
});
