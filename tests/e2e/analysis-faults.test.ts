import { describe, expect, it, type TestContext } from 'vitest';
import type { EngineSettings } from '../../src/engine/settings.js';
import { madeAtMs } from '../../src/model/ids.js';
import type { UserState } from '../../src/model/user-state.js';
import type { Misbehaviour } from '../support/fake-openai/misbehaviour.js';
import { type FakeOpenAi, type FakeOpenAiOptions, startFakeOpenAi } from '../support/fake-openai/server.js';
import { makeFolder } from '../support/folders.js';
import {
  doubled,
  factsOf,
  isSettled,
  laterExchanges,
  openMemory,
  storedPages,
  tellAll,
  toldExchanges,
  toldPages,
  until,
  untruths,
  type WatchedMemory,
} from '../support/watched-memory.js';

const chat = { limits: { firstByteMs: 150, stallMs: 150, totalMs: 300 } };

interface Scene {
  readonly fake: FakeOpenAi;
  /** Closes the memory, if it is open, and opens it again from its files. */
  readonly reopen: () => Promise<WatchedMemory>;
}

async function setUp(
  { onTestFinished }: TestContext,
  options: FakeOpenAiOptions = {},
  settings: Partial<EngineSettings> = {},
): Promise<Scene> {
  const { folder, remove } = await makeFolder();
  const fake = await startFakeOpenAi(options);
  let open: WatchedMemory | null = null;
  onTestFinished(async () => {
    await open?.engine.close();
    await fake.stop();
    await remove();
  });
  return {
    fake,
    reopen: async () => {
      await open?.engine.close();
      open = await openMemory(folder, { fake, chat, settings: { heatMin: 1, ...settings } });
      return open;
    },
  };
}

/** After every fault: each page is stored once, no fact is invented, and no fact is stored twice. */
function expectSound({ store }: WatchedMemory, told: readonly string[] = toldPages): void {
  expect(storedPages(store.state)).toEqual([...told].sort());
  expect(untruths(store.state)).toEqual([]);
  expect(doubled(store.state)).toEqual([]);
}

/** The analysers that made the stored segments, traits and facts. */
function analysersIn(state: UserState) {
  const by = (made: readonly { readonly analysed_by: string }[]) => [
    ...new Set(made.map((one) => one.analysed_by)),
  ];
  return {
    segments: by([...state.segments.values()].map(({ head }) => head)),
    traits: by([...state.profile.values()]),
    facts: by(factsOf(state)),
  };
}

/** Checks that the facts of single exchanges are known, with or without an answer of the model. */
async function expectFirstMention(memory: WatchedMemory): Promise<void> {
  await until('everything told was read', () => memory.store.state.shortTerm.every((page) => page.read));
  const quotes = memory.store.state.userKnowledge.map((fact) => fact.quote);
  expect(quotes).toContain('I play the violin every morning.');
  expect(quotes).toContain('I bake sourdough bread in Rotterdam.');
}

function expectAnalysed(state: UserState): void {
  const pages = [...state.segments.values()].flatMap((segment) => segment.pages);
  expect(pages.length).toBeGreaterThanOrEqual(6);
  expect(pages.filter((page) => !page.analysed)).toEqual([]);
}

/** Checks that after the fault the model analyses everything, and that the results survive a restart. */
async function expectCompleted(scene: Scene, memory: WatchedMemory): Promise<void> {
  await until('the analysis is complete', () => isSettled(memory));
  expectSound(memory);
  const again = await scene.reopen();
  await until('nothing is left to do after a restart', () => isSettled(again));
  expectSound(again);
  await expectFirstMention(again);
  const { state } = again.store;
  expectAnalysed(state);
  expect([...state.profile.values()].map((trait) => trait.dimension)).toContain('Music Interest');
  expect(analysersIn(state)).toMatchObject({ segments: ['fake-model'], traits: ['fake-model'] });
  expect(scene.fake.unexpected).toEqual([]);
}

/** Checks that the built-in analyser has done all jobs instead of the model, and that the status says so. */
async function expectDoneByRules(memory: WatchedMemory): Promise<void> {
  const stats = () => memory.engine.stats();
  await until('the status says that the model is of no use', async () =>
    (await stats()).notices.some((notice) => notice.startsWith('fake-model gave no usable answers.')),
  );
  await until('nothing waits', () => isSettled(memory));
  expectSound(memory);
  await expectFirstMention(memory);
  const { state } = memory.store;
  expectAnalysed(state);
  expect(JSON.stringify([...state.profile.values(), ...factsOf(state)])).not.toContain('fake-model');
}

/** Checks that the model does the next jobs when it works again. */
async function expectTakenBack(scene: Scene, memory: WatchedMemory): Promise<void> {
  scene.fake.misbehaveAlways(null);
  await until('the model is tried again', async () => (await memory.engine.stats()).notices.length === 0);
  for (const [userInput, agentResponse] of laterExchanges)
    await memory.engine.add({ userInput, agentResponse });
  await until('the analysis is complete', () => isSettled(memory));
  expectSound(memory, [...toldPages, ...laterExchanges.map(([user]) => user)]);
  expect(analysersIn(memory.store.state).segments).toContain('fake-model');
  expect(scene.fake.unexpected).toEqual([]);
}

/** Number of pages in each of the requests. */
const shownPages = ({ fake }: Scene) =>
  fake.chatRequests.map(({ body }) => JSON.stringify(body).match(/\\nP[1-9]\d* [UA]: /g)?.length);

/** Faults without an answer. Only another attempt can help. */
const away: readonly Misbehaviour[] = [
  '429',
  'retry-after:1',
  'retry-after:31',
  '500',
  'reset',
  'reset-after-headers',
  'stall-body',
  'cut',
  'html',
  'quota',
];

/** Faults with unusable answers. The built-in analyser does the job. */
const useless: readonly Misbehaviour[] = [
  'invalid-json',
  'empty',
  'refusal',
  'refusal-field',
  'none',
  'error',
  'wrong-pages',
  'truncated',
  'think-unclosed',
  'huge',
  'filter',
  'filter-400',
  'context',
  // An endpoint that hangs and a model that is too slow look the same.
  'stall',
];

/** How long an unfit model is not asked again. This is long enough to be seen in the status. */
const unfit = { retryMaxMs: 1_000 };

describe.concurrent('faults of an endpoint, over HTTP, with the real engine and files', {
  timeout: 90_000,
}, () => {
  it.for(away)(
    '%s: pages wait, known at first mention, and are analysed once it is over',
    async (fault, context) => {
      const scene = await setUp(context);
      scene.fake.misbehaveAlways(fault);
      const memory = await scene.reopen();
      await tellAll(memory.engine);
      const status = async () => (await memory.engine.stats()).analysis;
      await until('the fault was met', async () => (await status()).last_error !== null);
      await expectFirstMention(memory);
      expectSound(memory);
      const surplus = memory.store.state.shortTerm[4];
      expect(await status()).toMatchObject({
        pages_waiting: 6,
        waiting_since: surplus && new Date(madeAtMs(surplus.id)).toISOString(),
        paused: false,
      });
      expect(analysersIn(memory.store.state)).toEqual({ segments: [], traits: [], facts: ['builtin'] });
      const { retrieved_pages: found } = await memory.engine.retrieve({ query: 'Who is my violin teacher?' });
      expect(found.map((page) => page.user_input)).toContain('My violin teacher lives in Lisbon.');
      scene.fake.misbehaveAlways(null);
      const after = fault === 'retry-after:31' ? await scene.reopen() : memory;
      await expectCompleted(scene, after);
    },
  );

  it.for(away)(
    '%s while traits and facts are asked for: the model gives none, and all once it is over',
    async (fault, context) => {
      const scene = await setUp(context, {}, { retryBaseMs: 400, retryMaxMs: 400 });
      scene.fake.misbehaveAlways(fault, 'segment');
      const memory = await scene.reopen();
      await tellAll(memory.engine);
      const status = async () => (await memory.engine.stats()).analysis;
      await until('the fault was met', async () => (await status()).last_error !== null);
      await expectFirstMention(memory);
      expectSound(memory);
      const { state } = memory.store;
      expect(await status()).toMatchObject({
        segments_waiting: expect.toSatisfy((count: number) => count > 0),
        waiting_since: expect.any(String),
        next_try_at: expect.any(String),
        paused: false,
      });
      expect(analysersIn(state)).toMatchObject({ traits: [], facts: ['builtin'] });
      const filed = [...state.segments.values()].flatMap(({ pages }) => pages);
      expect(filed.length).toBeGreaterThan(0);
      expect(filed.some((page) => page.analysed)).toBe(false);
      scene.fake.misbehaveAlways(null);
      const after = fault === 'retry-after:31' ? await scene.reopen() : memory;
      await expectCompleted(scene, after);
    },
  );

  it.for<Misbehaviour>([...useless, 'error-summary'])(
    '%s: the built-in analyser does it, says so, and the model is tried again',
    async (fault, context) => {
      const scene = await setUp(context, {}, unfit);
      scene.fake.misbehaveAlways(fault);
      const memory = await scene.reopen();
      await tellAll(memory.engine);
      await expectDoneByRules(memory);
      expect(analysersIn(memory.store.state).segments).toEqual(['builtin']);
      await expectTakenBack(scene, memory);
    },
  );

  it.for(useless)(
    '%s while traits and facts are asked for: the built-in analyser does it, and the model is tried again',
    async (fault, context) => {
      const scene = await setUp(context, {}, unfit);
      scene.fake.misbehaveAlways(fault, 'segment');
      const memory = await scene.reopen();
      await tellAll(memory.engine);
      await expectDoneByRules(memory);
      await expectTakenBack(scene, memory);
    },
  );

  it.for<Misbehaviour>([
    'fenced',
    'object',
    'commas',
    'own-form',
    'think',
    'forgets-page',
    'claims-twice',
    'none-facts',
    'unsupported',
    'slow:20',
  ])('%s: the analysis is correct nevertheless', async (fault, context) => {
    const scene = await setUp(context);
    scene.fake.misbehaveAlways(fault);
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await expectCompleted(scene, memory);
  });

  it('a stream cut during an answer: the exchange is not stored, and everything else continues', async (context) => {
    const scene = await setUp(context);
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    scene.fake.misbehaveAlways('cut', 'respond');
    const read = async () => {
      let text = '';
      for await (const piece of memory.engine.respond({ query: 'Who is my violin teacher?' })) text += piece;
      return text;
    };
    await expect(read()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    await expectCompleted(scene, memory);
  });

  it('connection refused', async (context) => {
    const scene = await setUp(context);
    await scene.fake.stop();
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await until('the fault was met', async () => (await memory.engine.stats()).analysis.last_error !== null);
    expectSound(memory);
    await scene.fake.restart();
    await expectCompleted(scene, memory);
  });

  it.for<Misbehaviour>(['401', '404'])('%s pauses until a restart', async (fault, context) => {
    const scene = await setUp(context);
    scene.fake.misbehaveAlways(fault);
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await until('it is paused', async () => (await memory.engine.stats()).analysis.paused);
    const asked = scene.fake.chatRequests.length;
    expect(asked).toBe(1);
    scene.fake.misbehaveAlways(null);
    await memory.engine.add({ userInput: toldExchanges[0]?.[0] ?? '', agentResponse: '' });
    await memory.engine.flush();
    expect(scene.fake.chatRequests).toHaveLength(asked);
    const { analysis } = await memory.engine.stats();
    expect(analysis).toMatchObject({
      paused: true,
      next_try_at: null,
      last_error: expect.stringContaining('openai_api_key'),
    });
    expect(analysis.last_error).not.toContain('fake-key');
    const again = await scene.reopen();
    await until('the analysis is complete', () => isSettled(again));
    expectSound(again, [...toldPages, toldExchanges[0]?.[0] ?? '']);
  });

  it('a batch that exceeds the context: it is divided', async (context) => {
    const scene = await setUp(context);
    scene.fake.misbehave('context');
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await expectCompleted(scene, memory);
    expect(shownPages(scene).slice(0, 3)).toEqual([2, 1, 1]);
  });

  it('answers longer than the model may write: they are requested in parts', async (context) => {
    const scene = await setUp(context, { answerCharactersMax: 520 });
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await expectCompleted(scene, memory);
    expect(shownPages(scene).slice(0, 3)).toEqual([2, 1, 1]);
  });
});
