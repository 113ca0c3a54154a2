import { describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { finishForgetting, forget } from '../../../../src/engine/forgetting/forget.js';
import type { ForgetInput } from '../../../../src/engine/memory-engine.js';
import { newChainId, newPageId, type PageId, toUserId } from '../../../../src/model/ids.js';
import type { Fact } from '../../../../src/model/knowledge.js';
import type { Operation } from '../../../../src/model/operation.js';
import type { Page } from '../../../../src/model/page.js';
import type { UserState } from '../../../../src/model/user-state.js';
import type { Analyser } from '../../../../src/ports/analyser.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import type { ArchiveEntry } from '../../../../src/ports/store.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { instead } from '../../../support/instead.js';
import { stored } from '../../../support/on-store.js';
import {
  added,
  makeFact,
  makeHead,
  makePage,
  makeTrait,
  put,
  someAssistant,
} from '../../../support/records.js';
import { oneTopic, scriptedAnalyser } from '../../../support/scripted-analyser.js';

const clock = { now: () => Date.parse('2026-06-01T12:00:00Z') };
const assistantId = someAssistant;
const chain = newChainId(Date.now());

/** A migrated page. Its chain summary contains everything said so far. */
function inChain(text: string, toldSoFar: string, overrides: Partial<Page> = {}): Page {
  return makePage(text, { chain_id: chain, meta_info: toldSoFar, ...overrides });
}

/** A segment, an archived segment and short-term memory, with a secret in each. */
async function memory() {
  const store = await createInMemoryStore().open(toUserId('alice'));
  const head = makeHead('garden', { summary: 'Tomatoes, the secret key under the pot, and beans.' });
  const old = makeHead('house', { summary: 'The roof, and a secret door.' });
  const pages = {
    tomatoes: inChain('I planted tomatoes.', 'tomatoes'),
    secret: inChain('The secret key lies under the pot.', 'tomatoes, secret key'),
    beans: inChain('The beans need poles.', 'tomatoes, secret key, beans'),
    roof: makePage('The roof leaks.', { chain_id: newChainId(Date.now()), meta_info: 'roof' }),
    door: makePage('There is a secret door.', { chain_id: newChainId(Date.now()), meta_info: 'secret door' }),
    latest: makePage('Now a secret word.'),
    hello: makePage('Hello again.'),
  };
  await store.transact(() => [
    put(old),
    added(pages.roof, old.id),
    added(pages.door, old.id),
    { op: 'segment_archived', segment_id: old.id },
    put(head),
    ...[pages.tomatoes, pages.secret, pages.beans].map((page) => added(page, head.id)),
    added(pages.latest),
    added(pages.hello),
  ]);
  return { store, head, old, pages };
}

const run = (store: UserStore, input: ForgetInput) =>
  forget(input, { store: stored(store), builtinAnalyser: createBuiltinAnalyser(), clock, assistantId });

const facts = (...given: Fact[]) => given.map((fact): Operation => ({ op: 'fact_put', fact }));

async function archiveOf(store: UserStore): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for await (const entry of store.readArchive()) entries.push(entry);
  return entries;
}

const allOf = async (store: UserStore) => JSON.stringify([snapshot(store.state), await archiveOf(store)]);

const knowledge = (state: UserState) =>
  Object.fromEntries(state.userKnowledge.map((fact) => [fact.knowledge, fact.superseded_by]));

describe('forgetting', () => {
  it('only lists what would be deleted without confirm', async () => {
    const { store, head, pages } = await memory();
    await store.transact(() => [
      ...facts(makeFact('keeps a key under the pot', [pages.secret.id])),
      { op: 'trait_put', trait: makeTrait([pages.secret.id]) },
    ]);
    const before = await allOf(store);
    const result = await run(store, { pageIds: [pages.secret.id] });
    expect(result).toMatchObject({
      confirmed: false,
      pages: [{ page_id: pages.secret.id, excerpt: 'The secret key lies under the pot.' }],
      facts: [{ knowledge: 'keeps a key under the pot' }],
      traits: ['content_interests/Music Interest'],
      segments: [],
    });
    expect(result.message).toMatch(/^This would delete 1 page, 1 fact, 1 trait of the profile\. Nothing/);
    expect(await allOf(store)).toBe(before);
    expect(store.state.segments.get(head.id)?.pages).toHaveLength(3);
  });

  it('removes a page from its segment, and rewrites the summaries of the segment and of later pages', async () => {
    const { store, head, pages } = await memory();
    await store.transact(() => [
      { op: 'segment_visited', segment_id: head.id, visits: 3, at: '2026-05-01T00:00:00.000Z' },
    ]);
    const result = await run(store, { pageIds: [pages.secret.id], confirm: true });
    expect(result).toMatchObject({ confirmed: true, segments: [] });
    const segment = store.state.segments.get(head.id);
    expect(segment?.pages.map((page) => page.id)).toEqual([pages.tomatoes.id, pages.beans.id]);
    expect(segment?.head.summary).toMatch(/tomatoes|beans/i);
    expect(segment?.head.n_visit).toBe(3);
    expect(segment?.pages[0]?.meta_info).toBe('tomatoes');
    expect(segment?.pages[1]?.meta_info).toMatch(/beans/);
    expect(JSON.stringify(segment)).not.toMatch(/secret|pot/);
    expect(store.state.troubles.size).toBe(0);
  });

  it('removes a page from short-term memory', async () => {
    const { store, pages } = await memory();
    await run(store, { pageIds: [pages.latest.id], confirm: true });
    expect(store.state.shortTerm).toEqual([pages.hello]);
  });

  it('removes a page from the archive, and rewrites the summaries there', async () => {
    const { store, old, pages } = await memory();
    const result = await run(store, { pageIds: [pages.door.id], confirm: true });
    expect(result.pages.map((page) => page.page_id)).toEqual([pages.door.id]);
    const [entry] = await archiveOf(store);
    expect(entry).toMatchObject({ kind: 'segment', head: { id: old.id }, pages: [{ id: pages.roof.id }] });
    expect(JSON.stringify(entry)).not.toMatch(/secret|door/);
    expect(store.state.archivedPages).toBe(1);
    expect(store.state.archivedSegments).toBe(1);
  });

  it('rewrites chain summaries of archived pages when a page of their chain is removed', async () => {
    const { store, head, pages } = await memory();
    const early = inChain('My secret is safe.', 'secret', {
      id: newPageId(Date.parse('2020-01-01T00:00:00Z')),
    });
    await store.transact(() => [added(early, head.id), { op: 'segment_archived', segment_id: head.id }]);
    await run(store, { pageIds: [early.id, pages.secret.id], confirm: true });
    const segment = (await archiveOf(store)).find(
      (entry) => entry.kind === 'segment' && entry.head.id === head.id,
    );
    expect(segment).toMatchObject({ pages: [{ id: pages.tomatoes.id }, { id: pages.beans.id }] });
    expect(JSON.stringify(segment)).not.toMatch(/secret/);
  });

  it('removes a segment with its last page', async () => {
    const { store, head, old, pages } = await memory();
    const ids = [pages.tomatoes.id, pages.secret.id, pages.beans.id, pages.roof.id, pages.door.id];
    const result = await run(store, { pageIds: ids, confirm: true });
    expect(new Set(result.segments)).toEqual(new Set([head.id, old.id]));
    expect(store.state.segments.size).toBe(0);
    expect(await archiveOf(store)).toEqual([]);
    expect([store.state.archivedSegments, store.state.archivedPages]).toEqual([0, 0]);
  });

  it('removes facts without remaining sources; others lose the source; traits with such a source are removed', async () => {
    const { store, pages } = await memory();
    const both = makeFact('grows vegetables', [pages.tomatoes.id, pages.secret.id]);
    await store.transact(() => [
      ...facts(
        makeFact('has a key under the pot', [pages.secret.id]),
        both,
        makeFact('promised poles', [pages.secret.id], { assistant_id: someAssistant }),
      ),
      { op: 'trait_put', trait: makeTrait([pages.secret.id, pages.beans.id]) },
      { op: 'trait_put', trait: makeTrait([pages.beans.id], { dimension: 'Food Interest' }) },
    ]);
    const result = await run(store, { pageIds: [pages.secret.id], confirm: true });
    expect(result.facts.map((fact) => fact.knowledge)).toEqual(['has a key under the pot', 'promised poles']);
    expect(store.state.userKnowledge).toEqual([{ ...both, page_ids: [pages.tomatoes.id] }]);
    expect(store.state.assistantKnowledge.get(someAssistant)).toEqual([]);
    expect([...store.state.profile.keys()]).toEqual(['content_interests/Food Interest']);
  });

  it('makes a fact current again when its contradiction is forgotten', async () => {
    const { store, pages } = await memory();
    const paris = makeFact('lives in Paris', [pages.hello.id], { slot: 'home' });
    const berlin = makeFact('lives in Berlin', [pages.secret.id], { slot: 'home', superseded_by: paris.id });
    const bonn = makeFact('lives in Bonn', [pages.beans.id], { slot: 'home', superseded_by: berlin.id });
    await store.transact(() => facts(bonn, berlin, paris));
    await run(store, { factIds: [berlin.id], confirm: true });
    expect(knowledge(store.state)).toEqual({ 'lives in Bonn': paris.id, 'lives in Paris': null });
    await run(store, { pageIds: [pages.hello.id], confirm: true });
    expect(knowledge(store.state)).toEqual({ 'lives in Bonn': null });
  });

  it('forgets facts by id, also archived ones, and keeps their pages', async () => {
    const { store, pages } = await memory();
    const old = makeFact('a secret of old', [pages.roof.id]);
    const current = makeFact('another secret', [pages.roof.id]);
    await store.transact(() => [
      ...facts(old, current),
      { op: 'fact_removed', fact_id: old.id, assistant_id: null, reason: 'capacity' },
    ]);
    await run(store, { factIds: [old.id, current.id], confirm: true });
    expect(store.state.userKnowledge).toEqual([]);
    expect((await archiveOf(store)).filter((entry) => entry.kind === 'fact')).toEqual([]);
    expect(store.state.segments.size).toBe(1);
  });

  it('forgets everything before a time; facts without sources by their own time', async () => {
    const { store, pages } = await memory();
    const late = makePage('Much later.', { timestamp: '2026-05-01T00:00:00.000Z' });
    await store.transact(() => [
      added(late),
      ...facts(
        makeFact('imported long ago', [], { timestamp: '2025-01-01T00:00:00.000Z' }),
        makeFact('imported since', [], { timestamp: '2026-05-01T00:00:00.000Z' }),
        makeFact('was born in 1990', [late.id], { timestamp: '1990-01-01T00:00:00.000Z' }),
      ),
    ]);
    const result = await run(store, { before: '2026-04-01', confirm: true });
    expect(result.pages).toHaveLength(Object.keys(pages).length);
    expect(store.state.shortTerm).toEqual([late]);
    expect(store.state.segments.size).toBe(0);
    expect(await archiveOf(store)).toEqual([]);
    expect(Object.keys(knowledge(store.state))).toEqual(['imported since', 'was born in 1990']);
  });

  it('removes failures of jobs about removed content', async () => {
    const { store, head, pages } = await memory();
    const trouble = (job: string): Operation => ({
      op: 'analysis_failed',
      trouble: {
        job,
        attempts: 1,
        content_failures: 1,
        last_error: 'the secret word could not be parsed',
        failed_at: '2026-03-01T10:00:00.000Z',
        next_try_at: null,
      },
    });
    await store.transact(() => [trouble(`migrate:${pages.latest.id}`), trouble(`analyse:${head.id}`)]);
    await run(store, { pageIds: [pages.hello.id, pages.beans.id], confirm: true });
    expect([...store.state.troubles.keys()]).toEqual([]);
  });

  it('removes vectors of forgotten pages and old summaries', async () => {
    const { store, head, pages } = await memory();
    const vector = Float32Array.of(1, 0);
    await store.saveVectors(head.id, {
      model: 'test',
      dimensions: 2,
      summary: { text: head.summary, vector },
      pages: new Map([pages.tomatoes, pages.secret].map((page) => [page.id, vector])),
      pieces: new Map(),
    });
    await run(store, { pageIds: [pages.secret.id], confirm: true });
    const left = await store.loadVectors(head.id);
    expect(left?.summary).toBeNull();
    expect([...(left?.pages.keys() ?? [])]).toEqual([pages.tomatoes.id]);
  });

  it('names files that still contain copies', async () => {
    const { store, pages } = await memory();
    const asked: string[][] = [];
    const result = await forget(
      { pageIds: [pages.secret.id], confirm: true },
      {
        store: stored(store),
        builtinAnalyser: createBuiltinAnalyser(),
        clock,
        assistantId,
        backupsHolding: async (ids) => {
          asked.push([...ids]);
          return ['backups/alice/one.jsonl.gz'];
        },
      },
    );
    expect(asked).toEqual([[pages.secret.id]]);
    expect(result.remaining).toEqual(['backups/alice/one.jsonl.gz']);
    expect(result.message).toContain('1 file in the data folder still holds copies');
  });

  it('refuses unknown ids, and names those of several that were not found', async () => {
    const { store, pages } = await memory();
    const unknown = makePage('unknown').id;
    const before = await allOf(store);
    await expect(run(store, { pageIds: [unknown], confirm: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(unknown),
    });
    expect(await allOf(store)).toBe(before);
    const result = await run(store, { pageIds: [unknown, pages.hello.id] });
    expect(result.message).toContain(`Not found: ${unknown}`);
  });

  it('requires exactly one way to select', async () => {
    const { store, pages } = await memory();
    const wrong: ForgetInput[] = [
      {},
      { pageIds: [pages.hello.id], before: '2026-01-01' },
      { before: 'last year' },
    ];
    for (const input of wrong) {
      await expect(run(store, { ...input, confirm: true })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    }
  });

  it('selects again when the memory changes while summaries are written', async () => {
    const { store, head, pages } = await memory();
    const late = inChain('And one more secret.', 'secret, again');
    let asked = 0;
    const meddling = scriptedAnalyser('meddling', [oneTopic('clean')]);
    const builtinAnalyser = {
      ...meddling,
      async analyseBatch(...input: Parameters<typeof meddling.analyseBatch>) {
        asked += 1;
        if (asked === 1) await store.transact(() => [added(late, head.id)]);
        return meddling.analyseBatch(...input);
      },
    };
    await forget(
      { pageIds: [pages.secret.id], confirm: true },
      { store: stored(store), builtinAnalyser, clock, assistantId },
    );
    const left = store.state.segments.get(head.id)?.pages ?? [];
    expect(left.map((page) => page.id)).toEqual([pages.tomatoes.id, pages.beans.id, late.id]);
    expect(left.map((page) => page.meta_info)).toEqual(['tomatoes', 'chain of clean', 'chain of clean']);
  });

  it('gives the analyser nothing that is forgotten, and keeps visits counted meanwhile', async () => {
    const { store, head, pages } = await memory();
    const scripted = scriptedAnalyser('scripted', [oneTopic('clean')]);
    const visit: Operation = {
      op: 'segment_visited',
      segment_id: head.id,
      visits: 2,
      at: '2026-05-01T00:00:00.000Z',
    };
    const builtinAnalyser: Analyser = {
      ...scripted,
      async analyseBatch(input) {
        await store.transact(() => [visit]);
        return scripted.analyseBatch(input);
      },
    };
    await forget(
      { pageIds: [pages.secret.id], confirm: true },
      { store: stored(store), builtinAnalyser, clock, assistantId },
    );
    expect(scripted.asked.batches).toHaveLength(2);
    expect(JSON.stringify(scripted.asked.batches)).not.toMatch(/secret/);
    expect(store.state.segments.get(head.id)?.head.n_visit).toBe(4);
  });

  it('changes nothing when summaries cannot be written', async () => {
    const { store, pages } = await memory();
    const before = await allOf(store);
    const failing = scriptedAnalyser('failing', [() => new Error('out of order')]);
    const job = forget(
      { pageIds: [pages.secret.id], confirm: true },
      { store: stored(store), builtinAnalyser: failing, clock, assistantId },
    );
    await expect(job).rejects.toThrow('out of order');
    expect(await allOf(store)).toBe(before);
  });

  it('is completed after a crash between forgetting and purging', async () => {
    const { store, head, pages } = await memory();
    const [told, other] = [
      makeFact('The secret key lies under the pot.', [pages.secret.id]),
      makeFact('The roof leaks.', [pages.roof.id]),
    ];
    await store.transact(() =>
      [told, other].flatMap((fact): Operation[] => [
        { op: 'fact_put', fact },
        { op: 'fact_removed', fact_id: fact.id, assistant_id: null, reason: 'capacity' },
      ]),
    );
    await store.saveVectors(head.id, {
      model: 'test',
      dimensions: 1,
      summary: null,
      pages: new Map<PageId, Float32Array>([[pages.secret.id, Float32Array.of(1)]]),
      pieces: new Map(),
    });
    const crash = instead(store, { purge: () => Promise.reject(new Error('killed')) });
    await expect(run(crash, { pageIds: [pages.secret.id], confirm: true })).rejects.toThrow('killed');
    expect([...store.state.troubles.keys()]).toEqual(['purge']);
    let purged = 0;
    const again = instead(store, {
      purge: (edit) => {
        purged += 1;
        return store.purge(edit);
      },
    });
    await finishForgetting(stored(again));
    await finishForgetting(stored(again));
    expect(purged).toBe(1);
    expect(store.state.troubles.size).toBe(0);
    expect((await store.loadVectors(head.id))?.pages.size).toBe(0);
    const facts = (await archiveOf(store)).flatMap((entry) => (entry.kind === 'fact' ? [entry.fact.id] : []));
    expect(facts).toEqual([other.id]);
  });
});
