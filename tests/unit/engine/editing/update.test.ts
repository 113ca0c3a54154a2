import { afterEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { UserMemory } from '../../../../src/engine/user-memory.js';
import { loggedChangesMax } from '../../../../src/model/change-log.js';
import { newFactId, toAssistantId, toUserId } from '../../../../src/model/ids.js';
import { updateResultSchema } from '../../../../src/model/results.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../../../src/retrieval/builtin-embedder.js';
import { commitPromotion, needOfPromotionCommit } from '../../../../src/tiers/mid-to-long.js';
import { engineSettings } from '../../../support/engine-settings.js';
import { onStore, slices } from '../../../support/on-store.js';
import { added, makeFact, makeHead, makePage, put } from '../../../support/records.js';
import { factsOfPages, scriptedAnalyser } from '../../../support/scripted-analyser.js';

let nowMs = Date.parse('2026-06-01T12:00:00Z');
const engines: UserMemory[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function open(capacity = 100): Promise<{ engine: UserMemory; store: UserStore }> {
  const store = await createInMemoryStore().open(toUserId('alice'));
  const engine = new UserMemory({
    ...onStore(store),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    chatModel: null,
    clock: { now: () => nowMs++ },
    settings: { ...engineSettings(), knowledgeCapacityFacts: capacity },
    assistantId: toAssistantId('helper'),
    report: () => undefined,
    notices: [],
  });
  engines.push(engine);
  return { engine, store };
}

const current = async (engine: UserMemory) =>
  ((await engine.profile()).user_knowledge ?? [])
    .filter((fact) => fact.current)
    .map((fact) => fact.knowledge);

describe('a fact', () => {
  it('is added by hand, about the user or the assistant', async () => {
    const { engine } = await open();
    const added = await engine.update({ knowledge: '- The user  plays chess. ', timestamp: '2025-01-02' });
    expect(updateResultSchema.parse(added)).toMatchObject({
      before: null,
      fact: { knowledge: 'The user plays chess.', timestamp: '2025-01-02T00:00:00.000Z', current: true },
    });
    await engine.update({ knowledge: 'The assistant promised a map.', about: 'assistant' });
    const profile = await engine.profile({ includeAssistantKnowledge: true });
    expect(profile.user_knowledge?.map((fact) => fact.knowledge)).toEqual(['The user plays chess.']);
    expect(profile.assistant_knowledge?.map((fact) => fact.knowledge)).toEqual([
      'The assistant promised a map.',
    ]);
  });

  it('is corrected under its id, and the log records who, when, and the earlier text', async () => {
    const { engine, store } = await open();
    const fact = makeFact('The user has two cats.', []);
    await store.transact(() => [{ op: 'fact_put', fact }]);
    const edited = await engine.update({ factId: fact.id, knowledge: 'The user has three cats.', by: 'ui' });
    expect(edited).toMatchObject({ before: 'The user has two cats.', fact: { fact_id: fact.id } });
    expect(await current(engine)).toEqual(['The user has three cats.']);
    expect(await engine.log()).toEqual([
      {
        at: expect.stringMatching(/^2026-06-01T12:00/),
        by: 'ui',
        assistant_id: 'helper',
        action: 'edited',
        fact_id: fact.id,
        before: 'The user has two cats.',
        after: 'The user has three cats.',
        forgotten: null,
      },
    ]);
  });

  it('that was corrected is derived again only from later statements', async () => {
    const { engine, store } = await open();
    const head = makeHead('home');
    const analysed = async (saidAtMs: number) => {
      const timestamp = new Date(saidAtMs).toISOString();
      // Marked as read, so that the built-in reader derives nothing from it meanwhile.
      const page = makePage('I live in Bristol.', { timestamp, read: true });
      await store.transact(() => [
        ...(store.state.segments.size === 0 ? [put(head)] : []),
        added(page, head.id),
      ]);
      const input = { head, pages: [page], profile: [], relatedFacts: [] };
      const analysis = await scriptedAnalyser('scripted', [], [factsOfPages()]).analyseSegment(input);
      const plan = { segmentId: head.id, pages: [page], analysis, vectors: new Map() };
      await store.transact((state) =>
        commitPromotion(slices(state, needOfPromotionCommit(plan)), plan, 100, nowMs),
      );
      return current(engine);
    };
    const wrong = 'The user said: I live in Bristol.';
    const dayMs = 86_400_000;
    expect(await analysed(nowMs - 2 * dayMs)).toEqual([wrong]);
    const [fact] = store.state.userKnowledge;
    await engine.update({ factId: fact?.id, knowledge: 'The user lives in Bath.' });
    expect(await analysed(nowMs - dayMs)).toEqual(['The user lives in Bath.']);
    expect(await analysed(nowMs + dayMs)).toEqual(['The user lives in Bath.', wrong]);
  });

  it('is not changed when nothing differs', async () => {
    const { engine } = await open();
    const { fact } = await engine.update({ knowledge: 'The user plays chess.' });
    const again = await engine.update({ factId: fact.fact_id, knowledge: 'The user plays chess.' });
    expect(again.message).toContain('nothing was changed');
    expect(await engine.log()).toHaveLength(1);
  });

  it('that has been superseded is not corrected; the error names its successor', async () => {
    const { engine, store } = await open();
    const next = makeFact('The user lives in Porto.', []);
    const fact = makeFact('The user lives in Lyon.', [], { superseded_by: next.id });
    await store.transact(() => [
      { op: 'fact_put', fact },
      { op: 'fact_put', fact: next },
    ]);
    const edit = engine.update({ factId: fact.id, knowledge: 'The user lives in Paris.' });
    await expect(edit).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(next.id) });
    expect(await current(engine)).toEqual(['The user lives in Porto.']);
    expect(await engine.log()).toEqual([]);
  });

  it('may say the same as a fact of another project', async () => {
    const { engine, store } = await open();
    const [atlas, birch] = ['atlas', 'birch'].map((project, i) =>
      makeFact(`The deadline is ${i + 1} May.`, [], { project }),
    );
    if (atlas === undefined || birch === undefined) throw new Error('There are two facts.');
    await store.transact(() => [atlas, birch].map((fact) => ({ op: 'fact_put', fact })));
    await engine.update({ factId: atlas.id, knowledge: 'The deadline is 2 May.' });
    expect(store.state.userKnowledge.map(({ knowledge, project }) => [knowledge, project])).toEqual([
      ['The deadline is 2 May.', 'atlas'],
      ['The deadline is 2 May.', 'birch'],
    ]);
  });

  it.each([
    [{}, 'INPUT_INVALID', /fact_id of the fact/],
    [{ knowledge: ' ** ' }, 'INPUT_INVALID', /empty/],
    [{ knowledge: 'x'.repeat(401) }, 'INPUT_INVALID', /401 characters/],
    [{ knowledge: 'It rains.', timestamp: 'soon' }, 'INPUT_INVALID', /timestamp/],
    [{ factId: newFactId(1) }, 'INPUT_INVALID', /what to change/],
    [{ factId: newFactId(1), pinned: true }, 'NOT_FOUND', /no fact/],
    [{ factId: newFactId(1), knowledge: 'It rains.', about: 'user' as const }, 'INPUT_INVALID', /about/],
    [{ knowledge: 'the user plays Chess' }, 'CONFLICT', /already says this/],
  ])('%j is refused', async (input, code, message) => {
    const { engine } = await open();
    await engine.update({ knowledge: 'The user plays chess.' });
    await expect(engine.update(input)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await current(engine)).toEqual(['The user plays chess.']);
  });
});

describe('a pinned fact', () => {
  it('stays when others are removed because of capacity limits', async () => {
    const { engine } = await open(3);
    await engine.update({ knowledge: 'Pinned.', pinned: true });
    for (const name of ['a', 'b', 'c', 'd']) await engine.update({ knowledge: `Fact ${name}.` });
    expect(await current(engine)).toEqual(['Pinned.', 'Fact c.', 'Fact d.']);
  });

  it('is in every answer, whatever the question and the limits', async () => {
    const { engine } = await open();
    for (let i = 0; i < 15; i += 1)
      await engine.update({ knowledge: `The user keeps bee hive number ${i}.` });
    const { fact } = await engine.update({ knowledge: 'Allergic to penicillin.', pinned: true });
    const ask = async (input: { maxResults?: number; maxTokens?: number }) =>
      (await engine.retrieve({ query: 'bee hive', ...input })).retrieved_user_knowledge;
    for (const limits of [{}, { maxResults: 1 }, { maxTokens: 1 }]) {
      const shown = (await ask(limits)).find(({ fact_id: id }) => id === fact.fact_id);
      expect(shown, JSON.stringify(limits)).toMatchObject({ pinned: true, current: true });
    }
    await engine.update({ factId: fact.fact_id, pinned: false });
    expect((await ask({ maxResults: 1 })).map(({ fact_id: id }) => id)).not.toContain(fact.fact_id);
    expect((await engine.log()).slice(0, 1)).toMatchObject([{ action: 'unpinned', fact_id: fact.fact_id }]);
  });

  it('is one of at most twenty', async () => {
    const { engine } = await open();
    for (let i = 0; i < 20; i += 1) await engine.update({ knowledge: `Fact ${i}.`, pinned: true });
    await expect(engine.update({ knowledge: 'One more.', pinned: true })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});

describe('the log of changes', () => {
  it('keeps no text of forgotten facts, only that they were forgotten', async () => {
    const { engine, store } = await open();
    const { fact } = await engine.update({ knowledge: 'The user has a secret.' });
    await engine.update({ factId: fact.fact_id, knowledge: 'The user has a hidden key.' });
    await engine.forget({ factIds: [fact.fact_id], confirm: true, by: 'cli' });
    const log = await engine.log();
    expect(log.map(({ action, by, before, after }) => [action, by, before, after])).toEqual([
      ['forgot', 'cli', null, null],
      ['edited', 'library', null, null],
      ['added', 'library', null, null],
    ]);
    expect(log[0]?.forgotten).toEqual({ pages: 0, facts: 1, traits: 0 });
    expect(JSON.stringify(store.state.changes)).not.toMatch(/secret|hidden/);
  });

  it('keeps the latest changes', async () => {
    const { engine } = await open();
    const { fact } = await engine.update({ knowledge: 'Fact 0.' });
    for (let i = 1; i <= loggedChangesMax + 5; i += 1) {
      await engine.update({ factId: fact.fact_id, knowledge: `Fact ${i}.` });
    }
    const log = await engine.log();
    expect(log).toHaveLength(loggedChangesMax);
    expect(log[0]?.after).toBe(`Fact ${loggedChangesMax + 5}.`);
  });
});
