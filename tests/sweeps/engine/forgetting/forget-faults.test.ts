import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { finishForgetting, forget } from '../../../../src/engine/forgetting/forget.js';
import type { Files } from '../../../../src/lib/io/files.js';
import { newChainId, toAssistantId, toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { faultyFiles, forEveryNumber } from '../../../support/faulty-files.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { stored } from '../../../support/on-store.js';
import { added, makeFact, makeHead, makePage, put } from '../../../support/records.js';
import { oneTopic, scriptedAnalyser } from '../../../support/scripted-analyser.js';

const alice = toUserId('alice');
const times = { takeOverAfterMs: 20, leaseTakeOverAfterMs: 20, checkpointAfterMs: 1_000_000 };
const secret = /zanzibar/;

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
beforeAll(async () => {
  root = await makeFolderInMemory();
});
afterAll(() => root.remove());

const chain = newChainId(Date.now());
const head = makeHead('garden', { summary: 'Tomatoes, and zanzibar.' });
const old = makeHead('house', { summary: 'The roof in zanzibar.' });
const kept = makePage('tomatoes', { chain_id: chain, meta_info: 'tomatoes' });
const live = makePage('off to zanzibar', { chain_id: chain, meta_info: 'tomatoes, zanzibar' });
const later = makePage('beans', { chain_id: chain, meta_info: 'tomatoes, zanzibar, beans' });
const roof = makePage('roof', { chain_id: newChainId(Date.now()) });
const archived = makePage('zanzibar again', { chain_id: newChainId(Date.now()) });
const staying = [kept.id, later.id, roof.id].sort();
const vectors = {
  model: 'test',
  dimensions: 1,
  summary: { text: head.summary, vector: Float32Array.of(1) },
  pages: new Map([kept, live, later].map((page) => [page.id, Float32Array.of(1)])),
  pieces: new Map(),
};

const open = (dataDir: string, files?: Files) =>
  createFileStore({ dataDir, ...times, ...(files === undefined ? {} : { files }) }).open(alice);

async function fill(dataDir: string): Promise<void> {
  const store = await open(dataDir);
  await store.transact(() => [
    put(old),
    added(roof, old.id),
    added(archived, old.id),
    { op: 'segment_archived', segment_id: old.id },
    put(head),
    ...[kept, live, later].map((page) => added(page, head.id)),
    { op: 'fact_put', fact: makeFact('went to zanzibar', [live.id]) },
  ]);
  await store.saveVectors(head.id, vectors);
  await store.close();
}

const forgetBoth = (store: UserStore) =>
  forget(
    { pageIds: [live.id, archived.id], confirm: true },
    {
      store: stored(store),
      builtinAnalyser: scriptedAnalyser('scripted', [oneTopic('vegetables')]),
      clock: { now: () => 0 },
      assistantId: toAssistantId('helper'),
    },
  );

async function pageIds(store: UserStore): Promise<string[]> {
  const ids = [...store.state.segments.values()].flatMap(({ pages }) => pages.map(({ id }) => id));
  for await (const entry of store.readArchive()) {
    if (entry.kind === 'segment') ids.push(...entry.pages.map(({ id }) => id));
  }
  return ids.sort();
}

const filesWith = (folder: string, pattern: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && pattern.test(readFileSync(path, 'latin1'));
  });

async function expectForgottenInTheEnd(dataDir: string, where: string): Promise<void> {
  const store = await open(dataDir);
  await finishForgetting(stored(store));
  const isForgotten = !store.state.segmentOfPage.has(live.id);
  expect(
    (await pageIds(store)).filter((id) => staying.some((one) => one === id)),
    where,
  ).toEqual(staying);
  expect(store.state.userKnowledge, where).toHaveLength(isForgotten ? 0 : 1);
  await forgetBoth(store).catch((error: unknown) =>
    expect(error, where).toMatchObject({ code: 'NOT_FOUND' }),
  );
  expect(await pageIds(store), where).toEqual(staying);
  expect([store.state.troubles.size, store.state.archivedSegments], where).toEqual([0, 1]);
  await store.close();
  expect(filesWith(dataDir, secret), where).toEqual([]);
}

describe('forgetting', () => {
  it('killed at any file operation happens or not, and is completed by repeating it', async () => {
    const points = await forEveryNumber(async (number) => {
      const dataDir = `${root.folder}/crash-${number}`;
      await fill(dataDir);
      const files = faultyFiles((step) => (step.number === number ? 'crash' : null));
      try {
        const store = await open(dataDir, files);
        await forgetBoth(store);
        await store.close();
      } catch {
        // This is the simulated crash.
      }
      if (files.crashed)
        await expectForgottenInTheEnd(dataDir, `crash at ${JSON.stringify(files.steps.at(-1))}`);
      await rm(dataDir, { recursive: true });
      return files.crashed;
    });
    expect(points).toBeGreaterThan(50);
  });

  it('with failing file operations reports them, and is completed when they work again', async () => {
    const points = await forEveryNumber(async (number) => {
      const dataDir = `${root.folder}/error-${number}`;
      await fill(dataDir);
      const files = faultyFiles((step) => (step.number === number ? { code: 'EIO' } : null));
      const store = await open(dataDir, files).catch(() => null);
      if (store !== null) {
        await forgetBoth(store).catch((error: unknown) => expect(error).toMatchObject({ code: 'STORE_IO' }));
        await store.close();
      }
      await expectForgottenInTheEnd(dataDir, `EIO at ${JSON.stringify(files.steps[number - 1])}`);
      await rm(dataDir, { recursive: true });
      return files.steps.length >= number;
    });
    expect(points).toBeGreaterThan(50);
  });
});
