import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { exportMemory } from '../../../../src/engine/transfer/export-memory.js';
import { importMemory } from '../../../../src/engine/transfer/import-memory.js';
import { readTransfer } from '../../../../src/engine/transfer/read-records.js';
import type { Files } from '../../../../src/lib/io/files.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { faultyFiles, forEveryNumber } from '../../../support/faulty-files.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { fillMemory, fillSegments } from '../../../support/full-memory.js';
import { stored } from '../../../support/on-store.js';

const alice = toUserId('alice');
const times = { takeOverAfterMs: 20, leaseTakeOverAfterMs: 20, checkpointAfterMs: 1_000_000 };

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
let lines: string[];

beforeAll(async () => {
  root = await makeFolderInMemory();
  const source = await createInMemoryStore().open(alice);
  await fillMemory(source);
  await fillSegments(source, 3, 100, 2);
  lines = await exported(source);
});
afterAll(() => root.remove());

async function exported(store: UserStore): Promise<string[]> {
  const found: string[] = [];
  for await (const line of (await exportMemory(stored(store), 0)).lines()) found.push(JSON.stringify(line));
  return found;
}

async function* bytes(): AsyncIterable<Uint8Array> {
  for (const line of lines) yield Buffer.from(line);
}

const open = (dataDir: string, files?: Files) =>
  createFileStore({ dataDir, ...times, ...(files === undefined ? {} : { files }) }).open(alice);

async function importInto(store: UserStore): Promise<void> {
  const { header, records } = await readTransfer(bytes(), { name: 'memory.jsonl' });
  await importMemory(stored(store), header, records());
}

/** The lines with content, sorted. */
const contents = (of: readonly string[]) => of.slice(1, -1).sort();

async function expectWhole(dataDir: string, where: string): Promise<void> {
  const store = await open(dataDir);
  await importInto(store);
  expect(contents(await exported(store)), where).toEqual(contents(lines));
  await store.close();
  const again = await open(dataDir);
  expect(contents(await exported(again)), where).toEqual(contents(lines));
  expect(
    again.notices.filter(({ level }) => level !== 'info'),
    where,
  ).toEqual([]);
  await again.close();
}

/** Each page in at most one place, and only pages of the export. */
async function expectNothingDoubled(dataDir: string, where: string): Promise<void> {
  const store = await open(dataDir);
  const found = contents(await exported(store)).filter((line) => line.startsWith('{"kind":"page"'));
  const given = new Set(lines);
  expect(
    found.filter((line) => !given.has(line)),
    where,
  ).toEqual([]);
  expect(new Set(found).size, where).toBe(found.length);
  await store.close();
}

describe('an import', () => {
  it('killed at any file operation is completed by running it again, each page once', async () => {
    const points = await forEveryNumber(async (number) => {
      const dataDir = `${root.folder}/crash-${number}`;
      const files = faultyFiles((step) => (step.number === number ? 'crash' : null));
      try {
        const store = await open(dataDir, files);
        await importInto(store);
        await store.close();
      } catch {
        // This is the simulated crash.
      }
      if (files.crashed) {
        const where = `crash at ${JSON.stringify(files.steps.at(-1))}`;
        await expectNothingDoubled(dataDir, where);
        await expectWhole(dataDir, where);
      }
      await rm(dataDir, { recursive: true, force: true });
      return files.crashed;
    });
    expect(points).toBeGreaterThan(20);
  });

  it('with a full disk at any write reports it, and is completed when there is space', async () => {
    const dataDir = `${root.folder}/full`;
    const counting = faultyFiles(() => null);
    const first = await open(dataDir, counting);
    await importInto(first);
    const writes = counting.steps.filter(({ kind }) => kind === 'write').length;
    await first.close();
    expect(writes).toBeGreaterThan(3);
    for (let number = 1; number <= writes; number += 1) {
      const folder = `${root.folder}/full-${number}`;
      let seen = 0;
      let full = true;
      const files = faultyFiles((step) => {
        if (step.kind !== 'write' || !full) return null;
        seen += 1;
        return seen >= number ? { code: 'ENOSPC' } : null;
      });
      let store: UserStore | null = null;
      try {
        store = await open(folder, files);
        await importInto(store);
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORE_IO', message: expect.stringMatching(/ENOSPC|space/i) });
      }
      full = false;
      await store?.close();
      await expectWhole(folder, `no space from write ${number} on`);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
