import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { verifyMemory } from '../../../src/adapters/files/recovery/verify.js';
import { toUserId } from '../../../src/model/ids.js';
import { makeFolderInMemory } from '../../support/folders.js';
import { allTexts, losses, StoreProcess, type StoreTask } from '../../support/store-process.js';

const suspendedMs = 60_000;

let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
let processes: StoreProcess[] = [];
beforeEach(async () => {
  place = await makeFolderInMemory();
});
afterEach(async () => {
  for (const one of processes) await one.kill();
  processes = [];
  await place.remove();
});

async function stored(user: string) {
  const store = await createFileStore({ dataDir: place.folder }).open(toUserId(user));
  try {
    return { texts: await allTexts(store), notices: store.notices, archived: store.state.archivedPages };
  } finally {
    await store.close();
  }
}

/** Suspends one process for a minute while it holds the lock. Another one continues all the time. */
async function sleepOver([user, stopAt]: readonly [string, StoreTask['stopAt'] & object]): Promise<void> {
  const task = { dataDir: place.folder, user, migrate: true };
  const start = (name: string, delayMs: number, rest: Partial<StoreTask> = {}) => {
    const one = new StoreProcess({ ...task, name, delayMs, ...rest });
    processes.push(one);
    return one;
  };
  const suspended = start('suspended', 1, { stopAt });
  await suspended.stops;
  // The other process starts only now, so that the suspended one migrates and writes to the archive.
  const other = start('other', 100);
  await other.ready;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [suspendedBefore, othersBefore] = [suspended.acknowledged.length, other.acknowledged.length];
  await new Promise((resolve) => setTimeout(resolve, suspendedMs));
  expect(suspended.acknowledged.length).toBe(suspendedBefore);
  expect(other.acknowledged.length).toBeGreaterThan(othersBefore + 20);
  const before = await stored(user);
  expect(losses(before.texts, other.acknowledged.slice(0, othersBefore + 20))).toEqual({
    lost: [],
    doubled: [],
  });
  // Pages went through all tiers while the process was suspended.
  expect(before.archived).toBeGreaterThan(0);

  suspended.child.kill('SIGCONT');
  await expect.poll(() => suspended.acknowledged.length).toBeGreaterThan(suspendedBefore + 20);
  await Promise.all([suspended.kill(), other.kill()]);
  const after = await stored(user);
  const acknowledged = [...suspended.acknowledged, ...other.acknowledged];
  expect(losses(after.texts, [...before.texts, ...acknowledged])).toEqual({ lost: [], doubled: [] });
  expect([...suspended.errors, ...other.errors, ...suspended.notices, ...other.notices]).toEqual([]);
  expect([before.notices, after.notices]).toEqual([[], []]);
  expect((await verifyMemory(place.folder, toUserId(user))).defects).toEqual([]);
}

describe('SIGSTOP of the lock owner for 60 s, then SIGCONT', () => {
  it('writes nothing twice, loses nothing, and overwrites nothing that others wrote meanwhile', async () => {
    const moments = [
      ['alice', { kind: 'write', name: 'journal.', after: 60 }],
      ['bob', { kind: 'sync', name: 'journal.', after: 60 }],
      ['carol', { kind: 'write', name: 'archive', after: 2 }],
    ] as const;
    await Promise.all(moments.map(sleepOver));
  });
});
