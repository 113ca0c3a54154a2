import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { type Files, nodeFiles } from '../../../src/lib/io/files.js';
import { toUserId } from '../../../src/model/ids.js';
import { makeFolder } from '../../support/folders.js';
import { added, makePage } from '../../support/records.js';
import { smallDisk } from '../../support/small-disk.js';

let place: Awaited<ReturnType<typeof makeFolder>>;
let disk: string;
let isMounted = false;

beforeEach(async () => {
  place = await makeFolder();
  disk = `${place.folder}/disk`;
  mkdirSync(disk);
});
afterEach(async () => {
  if (isMounted) execFileSync('umount', ['-l', disk]);
  isMounted = false;
  await place.remove();
});

const megabyte = 1024 * 1024;

function mountSmallDisk(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Adds until the disk is full. `take` and `give` change the space that another program uses. */
async function fillUp(files: Files, take: (bytes: number) => void, give: (bytes: number) => void) {
  take(800_000);
  const open = () => createFileStore({ dataDir: disk, files }).open(toUserId('alice'));
  const store = await open();
  const acknowledged: string[] = [];
  const refusals: unknown[] = [];
  const add = async (text: string) => {
    await store.transact(() => [added(makePage(text))]);
    acknowledged.push(text);
  };
  for (let index = 0; refusals.length < 5; index += 1) {
    await add(`${index} ${'x'.repeat(5_000)}`).catch((error: unknown) => refusals.push(error));
  }
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'STORE_IO' });
  expect(String(refusals[0])).toMatch(/the disk is full\. Free some space and try again \(ENOSPC, /);
  expect(acknowledged.length).toBeGreaterThan(5);
  const reader = await open();
  const expectAll = () => {
    for (const { state } of [store, reader])
      expect(state.shortTerm.map((page) => page.user_input)).toEqual(acknowledged);
  };
  expectAll();
  // Too little space for a new log, so that the incomplete line must be removed before anything can be added.
  give(16_384);
  await add('there is a little space');
  await expect(store.checkpoint()).rejects.toMatchObject({ code: 'STORE_IO' });
  await reader.refresh();
  expectAll();
  give(800_000 - 16_384);
  await add('there is space again');
  await store.checkpoint();
  await reader.refresh();
  expectAll();
  await reader.close();
  await store.close();
}

describe('a full disk refuses clearly, keeps everything acknowledged, and works again when there is space', () => {
  it('of a real file system', async (context) => {
    isMounted = mountSmallDisk();
    if (!isMounted) {
      context.skip('this machine allows no mount; the next test does the same on a simulated disk');
      return;
    }
    let ballast = 0;
    const change = (by: number) => {
      ballast += by;
      writeFileSync(`${disk}/ballast`, Buffer.alloc(ballast));
    };
    await fillUp(nodeFiles, change, (bytes) => change(-bytes));
  });

  it('simulated', async () => {
    const small = smallDisk();
    small.left = megabyte;
    const change = (by: number) => {
      small.left -= by;
    };
    await fillUp(small.files, change, (bytes) => change(-bytes));
  });
});
