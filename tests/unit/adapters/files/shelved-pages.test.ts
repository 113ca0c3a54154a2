import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { type HeldMemory, heldStore } from '../../../../src/adapters/held/held-memory.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { Page } from '../../../../src/model/page.js';
import type { SegmentHead } from '../../../../src/model/segment.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { added, makeHead, makePage, put } from '../../../support/records.js';

const alice = toUserId('alice');
const segments = 60;
const characters = 64 * 1024;
let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
let memories: HeldMemory[] = [];
beforeEach(async () => {
  place = await makeFolderInMemory();
});
afterEach(async () => {
  for (const memory of memories) await memory.close();
  memories = [];
  await place.remove();
});

async function open(shelvesPages = true): Promise<HeldMemory> {
  const memory = await heldStore(createFileStore({ dataDir: place.folder, shelvesPages })).open(alice);
  memories.push(memory);
  return memory;
}

/** Stores as an import does: each transaction has a segment with its pages. */
async function fill(memory: HeldMemory): Promise<{ head: SegmentHead; page: Page }[]> {
  const told: { head: SegmentHead; page: Page }[] = [];
  for (let i = 0; i < segments; i += 1) {
    const one = { head: makeHead(`topic ${i}`), page: makePage(`${i} ${'x'.repeat(characters)}`) };
    await memory.transact({}, () => [put(one.head), added(one.page, one.head.id)]);
    told.push(one);
  }
  return told;
}

/** Number of segments whose pages are in memory. A property with a getter reads them from the file. */
const inMemory = ({ held }: HeldMemory) =>
  [...held.state.segments.values()].filter(
    (segment) => Object.getOwnPropertyDescriptor(segment, 'pages')?.get === undefined,
  ).length;

describe('a memory whose pages are not held', () => {
  it('holds what its log holds, however much is stored', async () => {
    const memory = await open();
    await fill(memory);
    // Of 4 MB, the log has 512 KB and at most one page more.
    expect(inMemory(memory)).toBeLessThan(12);
    const { counts } = await memory.read({ counts: true });
    expect(counts).toMatchObject({ segments, midTerm: segments, unread: segments });
  });

  it('is opened, and asked what it knows, without holding pages', async () => {
    const first = await open();
    const told = await fill(first);
    await first.close();
    const memory = await open();
    const pageIds = told.map(({ page }) => page.id);
    const read = await memory.read({ pageIds, heads: told.map(({ head }) => head.id), counts: true });
    expect(read.pageIds).toEqual(new Set(pageIds));
    expect([...read.heads.values()].map(({ size }) => size)).toEqual(told.map(() => 1));
    await memory.transact({ pageIds: 'all' }, () => [put(makeHead('one more'))]);
    expect(inMemory(memory)).toBe(1);
  });

  it('gives and keeps the pages when they are needed', async () => {
    const memory = await open();
    const told = await fill(memory);
    const pages = told.map(({ page }) => page);
    const [{ head, page: first }] = told as [(typeof told)[number]];
    const more = makePage('one more');
    await memory.transact({}, () => [added(more, head.id), { op: 'pages_read', page_ids: [first.id] }]);
    const expected = [{ ...first, read: true }, more, ...pages.slice(1)];
    const everyPage = async (of: HeldMemory) =>
      (await of.read({ everyPage: true })).everyPage.map(({ page }) => page);
    expect(await everyPage(memory)).toEqual(expected);
    await memory.close();
    expect(await everyPage(await open(false))).toEqual(expected);
  });

  it('follows what another process changes in a segment', async () => {
    const memory = await open();
    const told = await fill(memory);
    const other = await open(false);
    const page_ids = told.map(({ page }) => page.id);
    await other.transact({}, () => [{ op: 'pages_read', page_ids }]);
    // Its checkpoint replaces the files of all segments.
    await other.held.checkpoint();
    await other.transact({}, () => [added(makePage('later'), null)]);
    const { everyPage, counts } = await memory.read({ everyPage: true, counts: true });
    expect(everyPage.filter(({ page }) => page.read).length).toBe(segments);
    expect(counts).toMatchObject({ unread: 1, shortTerm: 1 });
  });

  it('fails with an error when the file of a segment is gone, and stores nothing', async () => {
    const first = await open();
    const [{ head }] = (await fill(first)) as [Awaited<ReturnType<typeof fill>>[number]];
    await first.close();
    const memory = await open();
    rmSync(join(place.folder, 'users', 'alice', 'mid_term', head.id), { recursive: true });
    const adding = memory.transact({}, () => [added(makePage('one more'), head.id)]);
    await expect(adding).rejects.toMatchObject({
      code: 'STORE_IO',
      message: expect.stringContaining(head.id),
    });
    expect((await memory.read({ counts: true })).counts).toMatchObject({ midTerm: segments });
  });
});
