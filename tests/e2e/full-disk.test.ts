import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../src/adapters/file-store/file-store.js';
import { toUserId } from '../../src/model/ids.js';
import { makeFolder } from '../support/folders.js';
import { added, makePage } from '../support/records.js';

let place: Awaited<ReturnType<typeof makeFolder>>;
let disk: string;
let isMounted = false;

beforeEach(async () => {
  place = await makeFolder();
  disk = `${place.folder}/disk`;
  mkdirSync(disk);
  isMounted = mountSmallDisk(disk);
});
afterEach(async () => {
  if (isMounted) execFileSync('umount', ['-l', disk]);
  await place.remove();
});

function mountSmallDisk(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a disk that is really full', () => {
  it('refuses clearly, keeps everything acknowledged, and goes on once there is space', async (context) => {
    if (!isMounted) {
      context.skip('this machine allows no mount; error-points.test.ts simulates the full disk');
      return;
    }
    writeFileSync(`${disk}/ballast`, Buffer.alloc(800_000));
    const store = await createFileStore({ dataDir: disk }).open(toUserId('alice'));
    const acknowledged: string[] = [];
    const refusals: unknown[] = [];
    for (let index = 0; refusals.length < 5; index += 1) {
      const text = `${index} ${'x'.repeat(5_000)}`;
      await store
        .transact(() => [added(makePage(text))])
        .then(
          () => acknowledged.push(text),
          (error: unknown) => refusals.push(error),
        );
    }
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'STORE_IO' });
    expect(String(refusals[0])).toMatch(/the disk is full\. Free some space and try again \(ENOSPC, /);
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(store.state.shortTerm.map((page) => page.user_input)).toEqual(acknowledged);
    const reader = await createFileStore({ dataDir: disk }).open(toUserId('alice'));
    expect(reader.state.shortTerm.map((page) => page.user_input)).toEqual(acknowledged);
    rmSync(`${disk}/ballast`);
    await store.transact(() => [added(makePage('there is space again'))]);
    await store.checkpoint();
    await reader.refresh();
    expect(reader.state.shortTerm.map((page) => page.user_input)).toEqual([
      ...acknowledged,
      'there is space again',
    ]);
    await reader.close();
    await store.close();
  });
});
