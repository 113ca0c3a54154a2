import { describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { forget } from '../../../../src/engine/forgetting/forget.js';
import type { ForgetInput } from '../../../../src/engine/memory-engine.js';
import { type ImportOptions, importMemory } from '../../../../src/engine/transfer/import-memory.js';
import { readTransfer } from '../../../../src/engine/transfer/read-records.js';
import { newChainId, newPageId, toUserId } from '../../../../src/model/ids.js';
import type { Page } from '../../../../src/model/page.js';
import type { FactDraft, SegmentAnalysis } from '../../../../src/ports/analyser.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { commitPromotion, needOfPromotionCommit } from '../../../../src/tiers/mid-to-long.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { slices, stored } from '../../../support/on-store.js';
import {
  added,
  makeFact,
  makeHead,
  makePage,
  makeTrait,
  put,
  someAssistant,
} from '../../../support/records.js';
import { bytesOf, exportedLines } from '../../../support/transfer-lines.js';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const clock = { now: () => nowMs };
const open = () => createInMemoryStore().open(toUserId('alice'));
const run = (store: UserStore, input: ForgetInput) =>
  forget(
    { ...input, confirm: true },
    { store: stored(store), builtinAnalyser: createBuiltinAnalyser(), clock, assistantId: someAssistant },
  );

async function memory() {
  const store = await open();
  const chain = newChainId(nowMs);
  const head = makeHead('garden', { summary: 'Tomatoes, and the secret key under the pot.' });
  const vegetables = makeHead('vegetables');
  const tomatoes = makePage('I planted tomatoes.', { chain_id: chain, meta_info: 'tomatoes' });
  const secret = makePage('The secret key lies under the pot.', { chain_id: chain, meta_info: 'secret key' });
  const beans = makePage('The beans grow.', { chain_id: chain, meta_info: 'tomatoes, secret key, beans' });
  const fact = makeFact('Keeps a secret key under the pot.', [secret.id]);
  const trait = makeTrait([secret.id], { reason: 'hides a secret key' });
  const dog = makeFact('Has a dog.', [tomatoes.id]);
  await store.transact(() => [
    put(vegetables),
    added(beans, vegetables.id),
    put(head),
    added(tomatoes, head.id),
    added(secret, head.id),
    { op: 'fact_put', fact },
    { op: 'fact_put', fact: dog },
    { op: 'trait_put', trait },
    added(makePage('Hello.')),
  ]);
  return { store, head, tomatoes, secret, fact, dog };
}

const exported = (store: UserStore) => exportedLines(store, nowMs);

/** Imports like the command: a dry run first. */
async function imported(store: UserStore, lines: readonly string[], options: ImportOptions = {}) {
  const brokenChains: NonNullable<ImportOptions['brokenChains']> = new Set();
  const once = async (dryRun: boolean) => {
    const { header, records } = await readTransfer(bytesOf(lines), { name: 'memory.jsonl' });
    return importMemory(stored(store), header, records(), { ...options, brokenChains, dryRun });
  };
  await once(true);
  return once(false);
}

const told = (store: UserStore) => JSON.stringify(snapshot(store.state));

async function analysed(store: UserStore, page: Page, knowledge: string): Promise<void> {
  const segment = [...store.state.segments.values()][0];
  if (segment === undefined) throw new Error('There is a segment.');
  await store.transact(() => [added(page, segment.head.id)]);
  const draft: FactDraft = {
    assistant_id: null,
    knowledge,
    timestamp: page.timestamp,
    page_id: page.id,
    told_at: page.timestamp,
    quote: null,
    ends: [],
    slot: null,
    project: null,
    is_of_project: false,
    change: 'new',
    fact_id: null,
  };
  const analysis: SegmentAnalysis = { traits: [], facts: [draft], rejected: {}, analysed_by: 'model' };
  const plan = { segmentId: segment.head.id, pages: [page], analysis, vectors: new Map() };
  await store.transact((state) =>
    commitPromotion(slices(state, needOfPromotionCommit(plan)), plan, 100, nowMs),
  );
}

describe('forgotten content', () => {
  it('by the id of a fact is not derived again in any wording', async () => {
    const { store, dog } = await memory();
    await run(store, { factIds: [dog.id] });
    await analysed(store, makePage('Again.', { timestamp: '2026-07-01T00:00:00.000Z' }), 'has a DOG!');
    expect(told(store)).not.toMatch(/a dog/i);
    await analysed(store, makePage('Another.'), 'Has a cat.');
    expect(told(store)).toMatch(/cat/);
  });

  it('of a page is not derived from earlier statements, but again from later ones', async () => {
    const { store, secret, fact } = await memory();
    await run(store, { pageIds: [secret.id] });
    await analysed(store, makePage('Before.', { timestamp: '2026-05-01T00:00:00.000Z' }), fact.knowledge);
    expect(store.state.userKnowledge.map(({ knowledge }) => knowledge)).toEqual(['Has a dog.']);
    await analysed(store, makePage('After.', { timestamp: '2026-07-01T00:00:00.000Z' }), fact.knowledge);
    expect(store.state.userKnowledge.map(({ knowledge }) => knowledge)).toContain(fact.knowledge);
  });

  it('does not come back with an earlier export, nor in summaries that mention it', async () => {
    const { store, secret } = await memory();
    const lines = await exported(store);
    await run(store, { pageIds: [secret.id] });
    const before = told(store);
    expect(before).not.toMatch(/secret/);
    expect(await imported(store, lines)).toMatchObject({ pages: 0, facts: 0, traits: 0, forgotten: 3 });
    expect(told(store)).toBe(before);
    const forgotten = [...store.state.tombstones];
    const other = await open();
    await other.transact(() =>
      forgotten.map(([key, hashes]) => ({
        op: 'tombstones_put' as const,
        key,
        until: '2026-06-01T12:00:00.000Z',
        hashes: [...hashes.keys()],
      })),
    );
    expect(await imported(other, lines)).toMatchObject({ pages: 3, segments: 2, facts: 1, forgotten: 3 });
    expect(told(other)).not.toMatch(/secret/);
    expect([...other.state.segments.values()][1]?.head.summary).toBe('I planted tomatoes.');
  });

  it('does not come back under other ids', async () => {
    const { store, secret, dog } = await memory();
    await run(store, { pageIds: [secret.id] });
    await run(store, { factIds: [dog.id] });
    const stranger = await open();
    const copy = { ...secret, id: newPageId(nowMs), chain_id: null };
    await stranger.transact(() => [added(copy), { op: 'fact_put', fact: makeFact('Has a dog', [copy.id]) }]);
    expect(await imported(store, await exported(stranger))).toMatchObject({
      pages: 0,
      facts: 0,
      forgotten: 2,
    });
    expect(told(store)).not.toMatch(/secret|a dog/i);
  });

  it('comes back on request', async () => {
    const { store, secret } = await memory();
    const lines = await exported(store);
    await run(store, { pageIds: [secret.id] });
    const counts = await imported(store, lines, { includeForgotten: true });
    expect(counts).toMatchObject({ pages: 1, facts: 1, forgotten: 0 });
    expect(told(store)).toMatch(/The secret key lies/);
  });

  it('stays forgotten when the memory is transferred', async () => {
    const { store, secret, dog } = await memory();
    const old = await exported(store);
    await run(store, { pageIds: [secret.id] });
    await run(store, { factIds: [dog.id] });
    const other = await open();
    const lines = await exported(store);
    expect(lines.join('')).not.toMatch(/secret|a dog/i);
    await imported(other, lines);
    expect(await imported(other, old)).toMatchObject({ pages: 0, facts: 0, forgotten: 4 });
    expect(told(other)).not.toMatch(/secret|a dog/i);
    const again = await exported(other);
    expect(await imported(other, again)).toMatchObject({ pages: 0, forgotten: 0 });
  });

  it('that its owner stated again is part of an export into an empty memory', async () => {
    const { store, dog } = await memory();
    await run(store, { factIds: [dog.id] });
    await store.transact(() => [{ op: 'fact_put', fact: makeFact('Has a dog.', []) }]);
    const other = await open();
    await imported(other, await exported(store));
    expect(told(other)).toMatch(/Has a dog/);
  });
});
