import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import type { Files } from '../../../../src/lib/io/files.js';
import { MemoryError } from '../../../../src/model/errors.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { type Fault, faultyFiles, forEveryNumber, type Step } from '../../../support/faulty-files.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { added, makePage } from '../../../support/records.js';
import { smallDisk } from '../../../support/small-disk.js';
import { archivedIds, lifeOfAMemory, perform } from '../../../support/store-script.js';

const alice = toUserId('alice');
const script = lifeOfAMemory();
const times = { takeOverAfterMs: 20, leaseTakeOverAfterMs: 20, checkpointAfterMs: 1_000_000 };

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
let runs = 0;
beforeAll(async () => {
  root = await makeFolderInMemory();
});
afterAll(() => root.remove());

const storeOn = (dataDir: string, files?: Files) =>
  createFileStore({ dataDir, ...times, ...(files === undefined ? {} : { files }) });

/** Repeats the call until it works. Every error must be a clear one. Returns the errors. */
async function insist<T>(
  job: () => Promise<T>,
  at: () => string,
  onFailure = async () => undefined as T | undefined,
) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await job();
    } catch (error) {
      const where = at();
      expect(error, where).toBeInstanceOf(MemoryError);
      const { code, message } = error instanceof MemoryError ? error : { code: '', message: '' };
      expect(code, `${where}: ${message}`).toBe('STORE_IO');
      expect(message, where).toMatch(/^Could not [a-z ]+: .+\. |\(E[A-Z]+, .+\)\.$/);
      expect(tries, `${where}: ${message}`).toBeLessThan(3);
      const done = await onFailure();
      if (done !== undefined) return done;
    }
  }
}

/** Runs the whole script with one fault. The state must always be that before or after a step. */
async function runWithFault(plan: (step: Step) => Fault | null, name: string): Promise<boolean> {
  runs += 1;
  const dataDir = `${root.folder}/${runs}`;
  let hit: Step | null = null;
  const files = faultyFiles((step) => {
    const fault = plan(step);
    if (fault !== null) hit ??= step;
    return fault;
  });
  const where = () =>
    `${name} at ${hit === null ? 'nothing' : `step ${hit.number}: ${hit.kind} ${hit.path.split('/').pop()}`}`;
  const store = await insist(() => storeOn(dataDir, files).open(alice), where);
  let done = 0;
  for (const act of script.acts) {
    await insist<unknown>(
      () => perform(store, act),
      where,
      async () => (act.kind === 'transaction' ? afterFailure(store, done, where()) : undefined),
    );
    if (act.kind === 'transaction') done += 1;
    expect(snapshot(store.state), where()).toEqual(script.states[done]);
  }
  await store.close();
  const again = await storeOn(dataDir).open(alice);
  expect(snapshot(again.state), where()).toEqual(script.states.at(-1));
  expect(await archivedIds(again), where()).toEqual(script.archives.at(-1));
  expect(
    again.notices.filter(({ level }) => level !== 'info'),
    where(),
  ).toEqual([]);
  await again.close();
  await rm(dataDir, { recursive: true });
  return hit !== null;
}

/** Checks that the state is that before a step (returns undefined, so that it is repeated) or after it. */
async function afterFailure(store: UserStore, done: number, where: string): Promise<true | undefined> {
  await store.refresh().catch(() => undefined);
  const found = JSON.stringify(snapshot(store.state));
  if (found === JSON.stringify(script.states[done + 1])) return true;
  expect(snapshot(store.state), where).toEqual(script.states[done]);
  return undefined;
}

const once = (number: number, kinds: readonly Step['kind'][] | null, fault: Fault) => {
  let seen = 0;
  let used = false;
  return (step: Step): Fault | null => {
    if (used || (kinds !== null && !kinds.includes(step.kind))) return null;
    seen += 1;
    if (seen < number) return null;
    // For a short write this is called twice: for the step and for its length.
    used = fault !== 'short' || seen > number;
    return fault;
  };
};

describe('a file operation that fails, at every step of a memory’s life', () => {
  it('an input or output error of any operation', async () => {
    const sweep = (number: number) => runWithFault(once(number, null, { code: 'EIO' }), 'EIO');
    expect(await forEveryNumber(sweep)).toBeGreaterThan(300);
  });

  it('a full disk', async () => {
    const kinds = ['write', 'open', 'claim', 'rename', 'makeFolder', 'sync', 'syncFolder'] as const;
    const sweep = (number: number) => runWithFault(once(number, kinds, { code: 'ENOSPC' }), 'ENOSPC');
    expect(await forEveryNumber(sweep)).toBeGreaterThan(200);
  });

  it('a disk that becomes full in the middle of a write', async () => {
    const sweep = (number: number) => runWithFault(once(number, ['write'], 'short'), 'short write');
    expect(await forEveryNumber(sweep)).toBeGreaterThan(40);
  });

  it('no permission, too many open files', async () => {
    for (const code of ['EACCES', 'EMFILE']) {
      const sweep = (number: number) => runWithFault(once(number, ['open'], { code }), code);
      expect(await forEveryNumber(sweep)).toBeGreaterThan(40);
    }
  });

  it('a disk too full for one page accepts a shorter one: the incomplete first one is cut off', async () => {
    const dataDir = `${root.folder}/small`;
    const disk = smallDisk();
    const store = await storeOn(dataDir, disk.files).open(alice);
    const pages = Array.from({ length: 10 }, (_, index) => makePage(`${index} ${'x'.repeat(1_000)}`));
    for (const page of pages) await store.transact(() => [added(page)]);
    // Space for less than the page, and less than a new checkpoint.
    disk.left = 3_000;
    const large = store.transact(() => [added(makePage('y'.repeat(5_000)))]);
    await expect(large).rejects.toMatchObject({ code: 'STORE_IO', message: expect.stringMatching(/ENOSPC/) });
    const small = makePage('small');
    await store.transact(() => [added(small)]);
    const reader = await storeOn(dataDir).open(alice);
    for (const { state } of [store, reader]) expect(state.shortTerm).toEqual([...pages, small]);
    disk.left = Number.POSITIVE_INFINITY;
    for (const opened of [store, reader]) await opened.close();
  });

  it('a log that cannot be synced: what was written then never counts', async () => {
    const dataDir = `${root.folder}/unsynced`;
    let armed = false;
    const files = faultyFiles(({ kind, path }) => {
      if (!armed || kind !== 'sync' || !/journal\.\d+\.jsonl$/.test(path)) return null;
      armed = false;
      return { code: 'EIO' };
    });
    const store = await storeOn(dataDir, files).open(alice);
    const reader = await storeOn(dataDir).open(alice);
    const [first, second, third] = ['first', 'second', 'third'].map((text) => makePage(text));
    if (!first || !second || !third) throw new Error('three pages');
    await store.transact(() => [added(first)]);
    armed = true;
    await expect(store.transact(() => [added(second)])).rejects.toMatchObject({ code: 'STORE_IO' });
    await store.refresh();
    await reader.refresh();
    await store.transact(() => [added(third)]);
    await reader.refresh();
    const again = await storeOn(dataDir).open(alice);
    for (const { state } of [store, reader, again]) expect(state.shortTerm).toEqual([first, third]);
    for (const opened of [store, reader, again]) await opened.close();
  });
});
