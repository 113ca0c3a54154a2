import { expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { forget } from '../../../../src/engine/forgetting/forget.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { stored } from '../../../support/on-store.js';
import { added, makeHead, makePage, migrated, put, someAssistant } from '../../../support/records.js';
import { smallDisk } from '../../../support/small-disk.js';
import { storesOnFiles } from '../../../support/stores-on-files.js';

const memories = storesOnFiles();

async function fullMemory(vectors: number) {
  const disk = smallDisk();
  const store = await memories.open({ files: disk.files });
  const head = makeHead('the garden');
  const pages = Array.from({ length: 40 }, (_, i) => makePage(`The secret word of day ${i} is zanzibar.`));
  await store.transact(() => [put(head), ...pages.map((page) => added(page))]);
  await store.transact(() => pages.slice(0, 20).map((page) => migrated(page.id, head.id)));
  await store.checkpoint();
  await store.checkpoint();
  await store.saveVectors(head.id, {
    model: 'test',
    dimensions: vectors,
    summary: null,
    pages: new Map(pages.slice(0, 20).map((page) => [page.id, new Float32Array(vectors).fill(1)])),
    pieces: new Map(),
  });
  disk.left = 0;
  return { store, pages };
}

const parts = (store: UserStore) => ({
  store: stored(store),
  builtinAnalyser: createBuiltinAnalyser(),
  clock: { now: () => Date.parse('2026-06-01T12:00:00Z') },
  assistantId: someAssistant,
});

it('a full disk refuses pages, but permits permanent forgetting', async () => {
  const { store, pages } = await fullMemory(256);
  await expect(store.transact(() => [added(makePage('more'))])).rejects.toMatchObject({ code: 'STORE_IO' });
  const gone = [pages[3], pages[30]].flatMap((page) => page?.id ?? []);
  const result = await forget({ pageIds: gone, confirm: true }, parts(store));
  expect(result).toMatchObject({ confirmed: true, pages: [{}, {}] });
  const other = await memories.open();
  const left = [
    ...other.state.shortTerm,
    ...[...other.state.segments.values()].flatMap(({ pages }) => pages),
  ];
  expect(left).toHaveLength(38);
  expect(left.some(({ id }) => gone.includes(id))).toBe(false);
});
