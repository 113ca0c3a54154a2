import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyMemory } from '../../../../src/adapters/files/recovery/verify.js';
import { type Files, nodeFiles } from '../../../../src/lib/io/files.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { added, makeHead, makePage, migrated, put } from '../../../support/records.js';
import { allTexts } from '../../../support/store-process.js';
import { storesOnFiles } from '../../../support/stores-on-files.js';
import { gate, watched } from '../../../support/watched-files.js';

const alice = toUserId('alice');
const place = storesOnFiles();
const open = (files: Files, takeOverAfterMs = 60_000, lockWaitMs = 10_000) =>
  place.open({ files, takeOverAfterMs, lockWaitMs });

const isArchive = (path: string) => /archive(\.\d+)?\.jsonl$/.test(path);
const isLog = (path: string) => /journal\.\d+\.jsonl$/.test(path);

/** Opens a store that is suspended at the next step of this kind once the gates are closed. */
function openSuspended(barrier: ReturnType<typeof gate>, kind: 'read' | 'write' | 'sync', at = isArchive) {
  return open(watched((step, path) => (step === kind && at(path) ? barrier.through() : undefined)));
}

const archiving = (store: UserStore, id: ReturnType<typeof makeHead>['id']) =>
  store.transact((state) =>
    state.segments.has(id) ? [{ op: 'segment_archived' as const, segment_id: id }] : [],
  );

describe('a lock owner suspended while it evicts', () => {
  it('does not hide pages that others evicted meanwhile with the same segment', async () => {
    const barrier = gate();
    const suspended = await openSuspended(barrier, 'write');
    const head = makeHead('one');
    await suspended.transact(() => [put(head), added(makePage('early'), head.id)]);
    barrier.close();
    const slept = archiving(suspended, head.id);
    await barrier.reached;
    const other = await open(nodeFiles, 20);
    await other.transact(() => [added(makePage('late'), head.id)]);
    await archiving(other, head.id);
    barrier.open();
    await slept;
    for (const store of [suspended, other, await open(nodeFiles)])
      expect(await allTexts(store)).toEqual(['early', 'late']);
    expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
  });

  it('does not cut off what others archived after an incomplete line', async () => {
    const barrier = gate();
    const suspended = await openSuspended(barrier, 'read');
    const heads = ['one', 'two', 'three'].map((theme) => makeHead(theme));
    const [one, two, three] = heads;
    if (!one || !two || !three) throw new Error('three segments');
    await suspended.transact(() =>
      heads.flatMap((head) => [put(head), added(makePage(head.theme), head.id)]),
    );
    await archiving(suspended, one.id);
    appendFileSync(join(place.user, 'archive.jsonl'), '{"kind":"segment","at":"2026-');
    barrier.close();
    const slept = archiving(suspended, two.id);
    await barrier.reached;
    const other = await open(nodeFiles, 20);
    await archiving(other, three.id);
    barrier.open();
    await slept;
    for (const store of [suspended, other, await open(nodeFiles)])
      expect((await allTexts(store)).sort()).toEqual(['one', 'three', 'two']);
    expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
  });

  it('does not bring back an old archive after others have forgotten meanwhile', async () => {
    const barrier = gate();
    const suspended = await open(
      watched(() => undefined, {
        open: async (path: string, mode: Parameters<Files['open']>[1]) => {
          if (isArchive(path) && mode === 'append') await barrier.through();
          return nodeFiles.open(path, mode);
        },
      }),
    );
    const heads = ['one', 'two'].map((theme) => makeHead(theme));
    const [one, two] = heads;
    if (!one || !two) throw new Error('two segments');
    await suspended.transact(() =>
      heads.flatMap((head) => [put(head), added(makePage(head.theme), head.id)]),
    );
    await archiving(suspended, one.id);
    barrier.close();
    const slept = archiving(suspended, two.id);
    await barrier.reached;
    const other = await open(nodeFiles, 20);
    await other.purge(() => null);
    barrier.open();
    await slept;
    await suspended.checkpoint();
    expect(await allTexts(await open(nodeFiles))).toEqual(['two']);
    expect(readdirSync(place.user).filter(isArchive)).toHaveLength(1);
  });
});

describe('a lock owner suspended while it adds', () => {
  it('adds nothing twice, even after others have counted, evicted and removed the page', async () => {
    const barrier = gate();
    const suspended = await openSuspended(barrier, 'sync', isLog);
    const page = makePage('slept');
    barrier.close();
    const slept = suspended.transact(() => [added(page)]);
    await barrier.reached;
    const other = await open(nodeFiles, 20);
    const head = makeHead('one');
    await other.transact(() => [put(head), migrated(page.id, head.id)]);
    await archiving(other, head.id);
    // No log is left in which the suspended process could find it.
    await other.purge((entry) => entry);
    barrier.open();
    await slept;
    for (const store of [suspended, other, await open(nodeFiles)])
      expect(await allTexts(store)).toEqual(['slept']);
  });

  it('gets an error that the page may be stored when it cannot check because the memory stays busy', async () => {
    const barrier = gate();
    const pass = (gated: typeof barrier) =>
      watched((step, path) => (step === 'sync' && isLog(path) ? gated.through() : undefined));
    const suspended = await open(pass(barrier), 60_000, 100);
    barrier.close();
    const slept = suspended.transact(() => [added(makePage('slept'))]);
    await barrier.reached;
    const others = gate();
    const other = await open(pass(others), 20);
    await other.transact(() => [added(makePage('meanwhile'))]);
    others.close();
    const long = other.transact(() => [added(makePage('takes long'))]);
    await others.reached;
    barrier.open();
    await expect(slept).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: expect.stringMatching(/Check before you try again\. \(users\/alice was in use by process/),
    });
    others.open();
    await long;
    expect(await allTexts(await open(nodeFiles))).toEqual(['slept', 'meanwhile', 'takes long']);
  });
});
