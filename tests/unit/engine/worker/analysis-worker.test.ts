import { expect, it } from 'vitest';
import { MemoryError, type MemoryErrorCode } from '../../../../src/model/errors.js';
import type { Embedder } from '../../../../src/ports/embedder.js';
import { createBuiltinEmbedder } from '../../../../src/retrieval/builtin-embedder.js';
import { samplePage } from '../../../support/samples.js';
import { factsOfPages, oneTopic, scriptedAnalyser } from '../../../support/scripted-analyser.js';
import { worker as setUp, startMs } from '../../../support/worker.js';

const fails = (code: MemoryErrorCode) => () => new MemoryError(code, `It failed with ${code}.`);

it('migrates what exceeds the capacity, in batches of half of it', async () => {
  const analyser = scriptedAnalyser('scripted', [oneTopic('garden')]);
  const { store, worker, add, migrated } = await setUp(analyser);
  await add(9);
  await worker.drain(false);
  expect(analyser.asked.batches.map((batch) => batch.pages.length)).toEqual([2, 2, 2]);
  expect(store.state.shortTerm).toHaveLength(3);
  expect(migrated()).toHaveLength(6);
  await worker.drain(true);
  expect(store.state.shortTerm).toHaveLength(0);
  expect(new Set(migrated().map((page) => page.id)).size).toBe(9);
});

it('changes nothing while the model is unavailable, and continues when it is back', async () => {
  const analyser = scriptedAnalyser('gpt', [
    fails('MODEL_UNAVAILABLE'),
    fails('MODEL_UNAVAILABLE'),
    oneTopic('garden'),
  ]);
  const { store, worker, time, add, migrated } = await setUp(analyser);
  await add(5);
  const before = [...store.state.shortTerm];
  await worker.drain(false);
  await worker.drain(false);
  expect(analyser.asked.batches).toHaveLength(1);
  expect(store.state.shortTerm).toEqual(before);
  expect([...store.state.troubles.values()]).toMatchObject([
    { attempts: 1, content_failures: 0, next_try_at: new Date(startMs + 1000).toISOString() },
  ]);
  time.nowMs += 1000;
  await worker.drain(false);
  expect([...store.state.troubles.values()]).toMatchObject([
    { attempts: 2, next_try_at: new Date(startMs + 3000).toISOString() },
  ]);
  time.nowMs += 2000;
  await worker.drain(false);
  expect(migrated()).toHaveLength(2);
  expect(store.state.troubles.size).toBe(0);
});

it('migrates before it analyses, and does not call an unavailable model for other work', async () => {
  const analyser = scriptedAnalyser(
    'gpt',
    [oneTopic('garden'), fails('MODEL_UNAVAILABLE'), oneTopic('garden')],
    [factsOfPages('gpt')],
  );
  const { store, worker, time, add } = await setUp(analyser, { heatMin: 1 });
  await add(7);
  await worker.drain(false);
  expect(analyser.asked).toMatchObject({ batches: [{}, {}], segments: [] });
  time.nowMs += 1000;
  await worker.drain(false);
  expect(analyser.asked.batches).toHaveLength(3);
  expect(store.state.userKnowledge).toHaveLength(4);
});

it('analyses what has reached the threshold, however much it has cooled meanwhile', async () => {
  const analyser = scriptedAnalyser(
    'gpt',
    [oneTopic('garden')],
    [fails('MODEL_UNAVAILABLE'), factsOfPages('gpt')],
  );
  const { store, worker, time, add } = await setUp(analyser, { heatMin: 3 });
  await add(5);
  await worker.drain(false);
  expect(analyser.asked.segments).toHaveLength(1);
  time.nowMs += 30 * 86_400_000;
  await worker.drain(false);
  expect(store.state.userKnowledge).toHaveLength(2);
  expect(store.state.troubles.size).toBe(0);
});

it('does nothing while another process works for the user, and continues after it', async () => {
  const analyser = scriptedAnalyser('gpt', [oneTopic('garden')]);
  const { store, worker, add, migrated } = await setUp(analyser);
  const lease = await store.tryLease();
  await add(5);
  const drained = worker.drain(false);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(analyser.asked.batches).toEqual([]);
  await lease?.release();
  await drained;
  expect(migrated()).toHaveLength(2);
});

it('pauses after an error that no retry can fix, with one warning, until the configuration changes', async () => {
  const analyser = scriptedAnalyser('gpt', [fails('MODEL_REJECTED'), oneTopic('garden')]);
  const { store, worker, time, configured, reports, add, migrated } = await setUp(analyser);
  await add(5);
  await worker.drain(false);
  time.nowMs += 3_600_000;
  await add(3);
  await worker.drain(false);
  expect(analyser.asked.batches).toHaveLength(1);
  expect(worker.status().pausedBy).toBe('It failed with MODEL_REJECTED.');
  expect(reports).toEqual([
    expect.stringMatching(/^warning: Analysis is paused until the configuration file changes or a restart: /),
  ]);
  expect([...store.state.troubles.values()]).toMatchObject([{ next_try_at: null }]);
  expect(store.state.shortTerm).toHaveLength(8);
  expect(migrated()).toHaveLength(0);
  configured.count += 1;
  expect(worker.status().pausedBy).toBeNull();
  await worker.drain(false);
  expect(migrated()).toHaveLength(4);
  expect(store.state.troubles.size).toBe(0);
});

it('also pauses when the embedder is rejected and no model is configured', async () => {
  const builtin = scriptedAnalyser('builtin', [oneTopic('garden')]);
  let asked = 0;
  const embedder: Embedder = {
    ...createBuiltinEmbedder(),
    embed: async () => {
      asked += 1;
      if (asked > 50) throw new Error('It is asked again and again.');
      throw new MemoryError('MODEL_REJECTED', 'The key is wrong.');
    },
  };
  const { worker, reports, add, store } = await setUp(builtin, { fallback: builtin, embedder });
  await add(5);
  await worker.drain(false);
  await add(5);
  await worker.drain(false);
  expect(asked).toBe(1);
  expect(worker.status().pausedBy).toBe('The key is wrong.');
  expect(reports).toHaveLength(1);
  expect(store.state.shortTerm).toHaveLength(10);
});

it('gives a batch that a new model failed to the built-in analyser at once, and marks it', async () => {
  const analyser = scriptedAnalyser('gpt', [fails('MODEL_CONTENT')]);
  const fallback = scriptedAnalyser('builtin', [oneTopic('garden', ['garden'], 'builtin')]);
  const { store, worker, add } = await setUp(analyser, { fallback });
  await add(5);
  await worker.drain(false);
  expect(analyser.asked.batches).toHaveLength(1);
  expect([...store.state.segments.values()].map((segment) => segment.head.analysed_by)).toEqual(['builtin']);
  expect(store.state.troubles.size).toBe(0);
});

it('analyses every hot segment and marks its pages', async () => {
  const analyser = scriptedAnalyser('gpt', [oneTopic('garden'), oneTopic('taxes')], [factsOfPages()]);
  const { store, worker, add } = await setUp(analyser, { heatMin: 3 });
  await add(6);
  await worker.drain(true);
  expect(store.state.userKnowledge.length).toBeGreaterThan(0);
  for (const segment of store.state.segments.values()) {
    expect(segment.unanalysed).toBe(0);
    expect(segment.head.n_visit).toBe(0);
    expect(segment.pages.every((page) => page.analysed)).toBe(true);
  }
});

it('marks nothing when the analysis of a hot segment fails', async () => {
  const analyser = scriptedAnalyser('gpt', [oneTopic('garden')], [fails('MODEL_CONTENT')]);
  const { store, worker, add, migrated } = await setUp(analyser, { heatMin: 3 });
  await add(5);
  await worker.drain(false);
  expect(migrated().some((page) => page.analysed)).toBe(false);
  expect(store.state.userKnowledge).toEqual([]);
});

it('refuses facts from pages that were not part of the job', async () => {
  const stranger = samplePage();
  const analyser = scriptedAnalyser(
    'gpt',
    [oneTopic('garden')],
    [(input) => factsOfPages()({ ...input, pages: [stranger] })],
  );
  const { store, worker, add } = await setUp(analyser, { heatMin: 3 });
  await add(5);
  await worker.drain(false);
  expect(store.state.userKnowledge).toEqual([]);
  expect([...store.state.troubles.values()]).toMatchObject([{ content_failures: 1 }]);
});

it('analyses a segment before it is evicted, and archives every page of it', async () => {
  let topic = 0;
  const analyser = scriptedAnalyser(
    'gpt',
    [(input) => oneTopic(`topic ${topic++}`)(input)],
    [factsOfPages()],
  );
  const { store, worker, add, migrated } = await setUp(analyser, { segments: 2 });
  await add(8);
  const all = store.state.shortTerm.map((page) => page.id);
  await worker.drain(true);
  expect(store.state.segments.size).toBe(2);
  const archived = [];
  for await (const entry of store.readArchive()) {
    if (entry.kind === 'segment') archived.push(...entry.pages.map((page) => page.id));
  }
  expect([...archived, ...migrated().map((page) => page.id)].sort()).toEqual([...all].sort());
  expect(store.state.userKnowledge.flatMap((fact) => fact.page_ids).sort()).toEqual(archived.sort());
});
