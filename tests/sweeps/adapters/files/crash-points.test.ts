import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import type { Files } from '../../../../src/lib/io/files.js';
import { toUserId } from '../../../../src/model/ids.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { faultyFiles, forEveryNumber, type Step } from '../../../support/faulty-files.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { added, makePage } from '../../../support/records.js';
import { archivedIds, lifeOfAMemory, perform } from '../../../support/store-script.js';

const alice = toUserId('alice');
const script = lifeOfAMemory();

/** The simulated crash leaves a lock whose process exists. It can be taken over after its token has not changed for a while. */
const times = { takeOverAfterMs: 20, leaseTakeOverAfterMs: 20, checkpointAfterMs: 1_000_000 };

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
beforeAll(async () => {
  root = await makeFolderInMemory();
});
afterAll(() => root.remove());

const storeOn = (dataDir: string, files?: Files) =>
  createFileStore({ dataDir, ...times, ...(files === undefined ? {} : { files }) });

/** Runs the script up to the crash. Returns how many transactions were acknowledged. */
async function runUntilCrash(dataDir: string, files: Files): Promise<number> {
  let acknowledged = 0;
  try {
    const store = await storeOn(dataDir, files).open(alice);
    for (const act of script.acts) {
      await perform(store, act);
      if (act.kind === 'transaction') acknowledged += 1;
    }
    await store.close();
  } catch {
    // The simulated crash. The acknowledged texts are known.
  }
  return acknowledged;
}

/** Checks a new process: it finds everything acknowledged, and the unfinished transaction completely or not at all. */
async function checkAfterCrash(dataDir: string, acknowledged: number, where: string): Promise<void> {
  const store = await storeOn(dataDir).open(alice);
  const found = snapshot(store.state);
  const possible = [acknowledged, acknowledged + 1].filter((index) => index < script.states.length);
  const matching = possible.find((index) => equal(found, script.states[index]));
  if (matching === undefined) expect(found, where).toEqual(script.states[acknowledged]);
  expect(await archivedIds(store), where).toEqual(script.archives[matching ?? 0]);
  expect(
    store.notices.filter(({ level }) => level !== 'info'),
    where,
  ).toEqual([]);
  const page = makePage('after the crash');
  await store.transact(() => [added(page)]);
  await store.close();
  const again = await storeOn(dataDir).open(alice);
  expect(again.state.shortTerm.at(-1), where).toEqual(page);
  expect(again.notices, where).toEqual([]);
  await again.close();
}

function equal(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}

const describeStep = ({ number, kind, path }: Step) => `step ${number}: ${kind} ${path.split('/').pop()}`;

/** False if the script has fewer steps. */
async function crashAt(number: number, alsoCutPower = false): Promise<boolean> {
  const dataDir = `${root.folder}/${number}`;
  const files = faultyFiles(
    (step) => (step.number === number ? 'crash' : null),
    alsoCutPower ? `${dataDir}-removed` : undefined,
  );
  const acknowledged = await runUntilCrash(dataDir, files);
  if (alsoCutPower && files.crashed) files.cutPower(number % 4);
  const step = files.steps.at(-1);
  if (!files.crashed) expect(acknowledged).toBe(script.states.length - 1);
  else await checkAfterCrash(dataDir, acknowledged, step === undefined ? '' : describeStep(step));
  await rm(dataDir, { recursive: true, force: true });
  await rm(`${dataDir}-removed`, { recursive: true, force: true });
  return files.crashed;
}

describe('a crash at every file operation of a memory’s life', () => {
  it('loses nothing acknowledged and needs no manual repair', async () => {
    expect(await forEveryNumber((number) => crashAt(number))).toBeGreaterThan(300);
  });

  it('loses nothing in a power cut, including unsynced contents and names', async () => {
    expect(await forEveryNumber((number) => crashAt(2 * number, true))).toBeGreaterThan(150);
  });
});
