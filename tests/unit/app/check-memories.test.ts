import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { acceptUser, checkMemories, repairUser } from '../../../src/app/check-memories.js';
import { finishForgetting } from '../../../src/engine/forgetting/forget.js';
import { toUserId } from '../../../src/model/ids.js';
import { purgeBegun } from '../../../src/model/purge.js';
import { makeFolderInMemory } from '../../support/folders.js';
import { fillSegments } from '../../support/full-memory.js';
import { stored } from '../../support/on-store.js';
import { allTexts } from '../../support/store-process.js';

const alice = toUserId('alice');
let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
let archive: string;
beforeEach(async () => {
  place = await makeFolderInMemory();
  archive = join(place.folder, 'users', 'alice', 'archive.jsonl');
  const store = await open();
  await fillSegments(store, 4, 2, 1);
  await store.close();
});
afterEach(() => place.remove());

const open = () => createFileStore({ dataDir: place.folder }).open(alice);
const defects = async () => (await checkMemories(place.folder)).flatMap((checked) => checked.defects);

describe('an archive', () => {
  const damages: [string, () => void, string][] = [
    ['is gone', () => rmSync(archive), '8 of the 8'],
    ['has lost its last line', () => cutLines(archive, 3), '2 of the 8'],
    ['was emptied', () => cutLines(archive, 0), '8 of the 8'],
  ];
  it.each(damages)(
    'that %s is reported, and no longer counted after a person accepted it',
    async (_, damage, missing) => {
      expect(await defects()).toEqual([]);
      damage();
      const message = `users/alice/archive.jsonl is incomplete: ${missing} pages that were evicted into it are missing.`;
      const shorter = {
        level: 'error',
        message: expect.stringMatching(/archive.jsonl is missing, or shorter/),
      };
      expect(await defects()).toEqual([shorter, { level: 'error', message }]);
      expect(await repairUser(place.folder, alice)).toMatchObject([
        shorter,
        { level: 'error', message: expect.stringMatching(/missing from the archive/) },
      ]);
      expect(await defects()).toEqual([shorter]);
      expect(await acceptUser(place.folder, alice)).toEqual([shorter.message]);
      expect(await defects()).toEqual([]);
      const store = await open();
      expect(await allTexts(store)).toHaveLength(store.state.archivedPages);
      await store.close();
    },
  );

  it('that a crash left reduced but not recounted is not damaged, and the next process recounts it', async () => {
    const store = await open();
    await store.transact(() => [purgeBegun('2026-03-01T10:00:00.000Z')]);
    let kept = 0;
    await store.purge((entry) => {
      kept += 1;
      return kept === 1 ? null : entry;
    });
    await store.close();
    expect(await defects()).toEqual([]);
    const again = await open();
    expect([again.state.archivedSegments, again.state.archivedPages]).toEqual([4, 8]);
    await finishForgetting(stored(again));
    expect([again.state.archivedSegments, again.state.archivedPages]).toEqual([3, 6]);
    await again.close();
    expect(await defects()).toEqual([]);
  });
});

function cutLines(path: string, count: number): void {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, count);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
}
