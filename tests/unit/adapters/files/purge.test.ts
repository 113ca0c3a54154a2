import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeArchiveLine } from '../../../../src/adapters/files/copies/archive-lines.js';
import { verifyMemory } from '../../../../src/adapters/files/recovery/verify.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { SegmentHead } from '../../../../src/model/segment.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { added, makeHead, makePage, put } from '../../../support/records.js';
import { storesOnFiles } from '../../../support/stores-on-files.js';

const alice = toUserId('alice');
const place = storesOnFiles();
const open = () => place.open();

async function segment(store: UserStore, theme: string): Promise<SegmentHead> {
  const head = makeHead(theme);
  await store.transact(() => [put(head), added(makePage(theme), head.id)]);
  return head;
}

const evict = (store: UserStore, { id }: SegmentHead) =>
  store.transact(() => [{ op: 'segment_archived', segment_id: id }]);

async function archived(store: UserStore): Promise<string[]> {
  const themes: string[] = [];
  for await (const entry of store.readArchive()) if (entry.kind === 'segment') themes.push(entry.head.theme);
  return themes;
}

it('edits what others evict while the archive is being rewritten', async () => {
  const store = await open();
  const [first, second, third] = [
    await segment(store, 'first'),
    await segment(store, 'second'),
    await segment(store, 'third'),
  ];
  await evict(store, first);
  const other = await open();
  let round = 0;
  const result = await store.purge(async (entry) => {
    round += 1;
    if (round === 1) await evict(other, second);
    if (round === 2) await evict(other, third);
    return entry.kind === 'segment' && entry.head.theme !== 'first'
      ? { ...entry, head: { ...entry.head, summary: 'edited' } }
      : null;
  });
  expect(result).toMatchObject({ segments: 1, pages: 1 });
  await other.refresh();
  expect([await archived(store), await archived(other)]).toEqual([
    ['second', 'third'],
    ['second', 'third'],
  ]);
  const folder = place.user;
  const names = readdirSync(folder).filter((name) => name.startsWith('archive'));
  expect(names).toHaveLength(1);
  expect(readFileSync(join(folder, names[0] ?? ''), 'utf8')).not.toMatch(/about (first|second|third)/);
});

it('keeps the line of an entry in the tiers when the entry is evicted meanwhile', async () => {
  const store = await open();
  const [first, second] = [await segment(store, 'first'), await segment(store, 'second')];
  await evict(store, first);
  const pages = store.state.segments.get(second.id)?.pages ?? [];
  // The state after a crash: the line is in the archive, and its transaction is not in the log.
  const left = { kind: 'segment' as const, at: second.created_at, epoch: 1, seq: 1, head: second, pages };
  appendFileSync(join(place.user, 'archive.jsonl'), await encodeArchiveLine(left));
  const other = await open();
  let isEvicted = false;
  await store.purge(async (entry) => {
    if (!isEvicted) await evict(other, second);
    isEvicted = true;
    return entry.kind === 'segment' ? { ...entry, head: { ...entry.head, summary: 'edited' } } : entry;
  });
  expect((await archived(store)).sort()).toEqual(['first', 'second']);
  await other.refresh();
  expect(other.state.archivedPages).toBe(2);
  expect((await verifyMemory(place.folder, alice)).defects).toEqual([]);
});

it('completes two purges that run at the same time', async () => {
  const [store, other] = [await open(), await open()];
  for (const theme of ['one', 'two', 'three']) await evict(store, await segment(store, theme));
  await other.refresh();
  const without = (theme: string) => (entry: Parameters<NonNullable<Parameters<UserStore['purge']>[0]>>[0]) =>
    entry.kind === 'segment' && entry.head.theme === theme ? null : entry;
  await Promise.all([store.purge(without('one')), other.purge(without('two'))]);
  await store.refresh();
  expect(await archived(store)).toEqual(['three']);
});

it('leaves the archive unchanged when the edit changes nothing', async () => {
  const store = await open();
  await evict(store, await segment(store, 'one'));
  await store.purge((entry) => entry);
  expect(readdirSync(place.user).filter((name) => name.startsWith('archive'))).toEqual(['archive.jsonl']);
});
