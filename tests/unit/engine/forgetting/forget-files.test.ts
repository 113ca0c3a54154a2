import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { type Config, configSchema } from '../../../../src/app/config/config-keys.js';
import { createEngineFactory } from '../../../../src/app/create-engine.js';
import { backupsFolder, makeBackup } from '../../../../src/app/transfer/backups.js';
import type { MemoryEngine } from '../../../../src/engine/memory-engine.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { Fact } from '../../../../src/model/knowledge.js';
import type { Page } from '../../../../src/model/page.js';
import { makeFolder } from '../../../support/folders.js';
import { stored } from '../../../support/on-store.js';

const alice = toUserId('alice');
const secret = /zanzibar|cinnamon|marzipan/i;

let folder: string;
let remove: () => Promise<void>;
const engines: MemoryEngine[] = [];

beforeEach(async () => {
  ({ folder, remove } = await makeFolder());
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  await remove();
});

function configOf(): Config {
  return {
    ...configSchema.parse({ user_id: 'alice', short_term_capacity: 4, mid_term_heat_threshold: 1 }),
    data_storage_path: folder,
  };
}

async function open(): Promise<MemoryEngine> {
  const engine = await createEngineFactory(configOf(), () => undefined).open();
  engines.push(engine);
  return engine;
}

const told = [
  ['My name is Alice and I live in Lisbon.', 'Nice to meet you, Alice.'],
  ['I planted tomatoes in the garden.', 'Water them in the morning.'],
  ['The garden tomatoes are growing.', 'Lovely.'],
  ['I moved to Zanzibar last week and my sister is called Cinnamon.', 'How is Zanzibar?'],
  ['In Zanzibar the garden smells of marzipan.', 'Marzipan, in a garden?'],
  ['The tomatoes in my new garden need water.', 'Water them in the morning.'],
  ['I take violin lessons on Tuesdays.', 'How lovely, the violin.'],
  ['The violin teacher praised me.', 'Well done.'],
] as const;

/** Paths below the data folder of files that contain the pattern. Compressed files are unpacked. */
function filesWith(pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .filter((path) => {
      const data = readFileSync(path);
      return (
        pattern.test(data.toString('latin1')) || (path.endsWith('.gz') && pattern.test(`${gunzipSync(data)}`))
      );
    })
    .map((path) => relative(folder, path));
}

async function allPages(engine: MemoryEngine): Promise<Page[]> {
  const segments = await Promise.all((await engine.segments()).map((one) => engine.segment(one.segment_id)));
  return segments.flatMap((segment) => [...segment.page_list]);
}

async function toldMemory(): Promise<MemoryEngine> {
  const engine = await open();
  for (const [userInput, agentResponse] of told) await engine.add({ userInput, agentResponse });
  await engine.flush({ shortTerm: true });
  return engine;
}

describe('forgetting in the data folder', () => {
  it('leaves no file with any of the text', async () => {
    const engine = await toldMemory();
    const { userFacts } = await engine.longTerm();
    expect(JSON.stringify(userFacts)).toMatch(secret);
    // The slot of a place names it: "home:lisbon". Moving makes the former home no longer current.
    const isHome = ({ slot }: Fact) => slot?.split(':')[0] === 'home';
    const zanzibar = userFacts.find((fact) => isHome(fact) && secret.test(fact.knowledge));
    expect(zanzibar).toBeDefined();
    expect(userFacts.find(({ knowledge }) => knowledge.includes('Lisbon'))?.superseded_by).toBe(zanzibar?.id);
    const pageIds = (await allPages(engine))
      .filter((page) => secret.test(page.user_input))
      .map(({ id }) => id);
    expect(pageIds).toHaveLength(2);
    expect(filesWith(secret)).not.toEqual([]);
    const result = await engine.forget({ pageIds, confirm: true });
    expect(result.remaining).toEqual([]);
    expect(filesWith(secret)).toEqual([]);
    await engine.flush();
    await engine.close();
    expect(filesWith(secret)).toEqual([]);
    const again = await open();
    expect(JSON.stringify([await allPages(again), await again.longTerm()])).not.toMatch(secret);
    expect((await allPages(again)).map((page) => page.user_input).sort()).toEqual(
      told
        .map(([text]) => text)
        .filter((text) => !secret.test(text))
        .sort(),
    );
    const facts = (await again.longTerm()).userFacts.filter(isHome);
    expect(facts.map((fact) => [fact.knowledge, fact.superseded_by])).toEqual([
      [expect.stringContaining('Lisbon'), null],
    ]);
  });

  it('reaches the archive', async () => {
    const engine = await toldMemory();
    await engine.close();
    const store = await createFileStore({ dataDir: folder }).open(alice);
    await store.transact((state) =>
      [...state.segments.keys()].map((id) => ({ op: 'segment_archived' as const, segment_id: id })),
    );
    await store.close();
    const again = await open();
    const ids: Page['id'][] = [];
    const look = await createFileStore({ dataDir: folder }).open(alice);
    for await (const entry of look.readArchive()) {
      if (entry.kind === 'segment')
        ids.push(...entry.pages.filter((page) => secret.test(page.user_input)).map(({ id }) => id));
    }
    await look.close();
    expect(ids).toHaveLength(2);
    await again.forget({ pageIds: ids, confirm: true });
    await again.close();
    expect(filesWith(secret)).toEqual([]);
    expect(filesWith(/violin/)).not.toEqual([]);
  });

  it('removes it from the memory of other processes, also of those that were open before', async () => {
    const one = await toldMemory();
    const two = await open();
    const pageIds = (await allPages(two)).filter((page) => secret.test(page.user_input)).map(({ id }) => id);
    await one.forget({ pageIds, confirm: true });
    const found = await two.retrieve({ query: 'Zanzibar marzipan cinnamon' });
    expect(JSON.stringify({ ...found, query: '' })).not.toMatch(secret);
    await two.add({ userInput: 'Good night.', agentResponse: 'Good night.' });
    await two.flush({ shortTerm: true });
    await two.close();
    await one.close();
    expect(filesWith(secret)).toEqual([]);
  });

  it('is not undone by vectors that another process was about to save', async () => {
    const engine = await toldMemory();
    const late = await createFileStore({ dataDir: folder }).open(alice);
    const segments = [...late.state.segments.values()];
    const pageIds = segments.flatMap(({ pages }) => pages.map(({ id }) => id));
    await engine.forget({ pageIds, confirm: true });
    await engine.close();
    for (const { head, pages } of segments) {
      await late.saveVectors(head.id, {
        model: 'test',
        dimensions: 1,
        summary: { text: head.summary, vector: Float32Array.of(1) },
        pages: new Map(pages.map(({ id }) => [id, Float32Array.of(1)])),
        pieces: new Map(),
      });
    }
    await late.close();
    expect(filesWith(secret)).toEqual([]);
    expect(filesWith(/test/)).toEqual([]);
  });

  it('removes the unfinished backup of a killed process', async () => {
    const engine = await open();
    const { page_id: id } = await engine.add({ userInput: 'Cinnamon!', agentResponse: '' });
    const name = 'alice.2026-01-01T00-00-00-000Z.daily.jsonl.gz.0123456789ab.tmp';
    mkdirSync(backupsFolder(folder), { recursive: true });
    writeFileSync(
      join(backupsFolder(folder), name),
      gzipSync(`{"page":{"id":"${id}","user_input":"Cinnamon!"}}`),
    );
    const preview = await engine.forget({ pageIds: [id] });
    expect(preview.remaining).toEqual([join('backups', name)]);
    expect((await engine.forget({ pageIds: [id], confirm: true })).remaining).toEqual([]);
    await engine.close();
    expect(readdirSync(backupsFolder(folder))).toEqual([]);
  });

  it('names exactly the backups that still contain it', async () => {
    const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') };
    const engine = await open();
    await engine.add({ userInput: 'Before.', agentResponse: '' });
    const store = await createFileStore({ dataDir: folder }).open(alice);
    await makeBackup(stored(store), { folder: backupsFolder(folder), kind: 'asked', clock });
    const { page_id: id } = await engine.add({ userInput: 'Cinnamon!', agentResponse: '' });
    const later = { now: () => Date.parse('2026-01-02T00:00:00Z') };
    const { path } = await makeBackup(stored(store), {
      folder: backupsFolder(folder),
      kind: 'asked',
      clock: later,
    });
    await store.close();
    const preview = await engine.forget({ pageIds: [id] });
    expect(preview.remaining).toEqual([relative(folder, path)]);
    const result = await engine.forget({ pageIds: [id], confirm: true });
    expect(result.remaining).toEqual([relative(folder, path)]);
    await engine.close();
    expect(filesWith(secret)).toEqual(result.remaining);
  });
});
