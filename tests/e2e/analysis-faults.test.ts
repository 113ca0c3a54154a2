import { describe, expect, it, type TestContext } from 'vitest';
import type { EngineSettings } from '../../src/engine/settings.js';
import { madeAtMs } from '../../src/model/ids.js';
import type { Misbehaviour } from '../support/fake-openai/misbehaviour.js';
import { type FakeOpenAi, type FakeOpenAiOptions, startFakeOpenAi } from '../support/fake-openai/server.js';
import { makeFolder } from '../support/folders.js';
import {
  isSettled,
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

/** Whatever happens: every page once, and nothing that nobody said. */
function expectSound({ store }: WatchedMemory): void {
  expect(storedPages(store.state)).toEqual(toldPages);
  expect(untruths(store.state)).toEqual([]);
}

/** The fault is gone: all is analysed, by the model, and survives a restart. */
async function expectCompleted(scene: Scene, memory: WatchedMemory): Promise<void> {
  await until('the analysis is complete', () => isSettled(memory));
  expectSound(memory);
  const again = await scene.reopen();
  await until('nothing is left to do after a restart', () => isSettled(again));
  expectSound(again);
  const { state } = again.store;
  const segments = [...state.segments.values()];
  expect(segments.flatMap(({ pages }) => pages).length).toBeGreaterThanOrEqual(6);
  expect(state.userKnowledge.map((fact) => fact.knowledge)).toContain(
    'User: I play the violin every morning.',
  );
  const traits = [...state.profile.values()];
  expect(traits.map((trait) => trait.dimension)).toContain('Music Interest');
  const by = [...segments.map(({ head }) => head), ...traits, ...state.userKnowledge];
  expect(new Set(by.map((one) => one.analysed_by))).toEqual(new Set(['fake-model']));
  expect(scene.fake.unexpected).toEqual([]);
}

/** Pages in each of the requests. */
const shownPages = ({ fake }: Scene) =>
  fake.chatRequests.map(({ body }) => JSON.stringify(body).match(/\\nP[1-9]\d* [UA]: /g)?.length);

/** Faults under which no answer can be used. */
const lasting: readonly Misbehaviour[] = [
  '429',
  'retry-after:1',
  'retry-after:31',
  '500',
  'reset',
  'reset-after-headers',
  'stall',
  'stall-body',
  'cut',
  'html',
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
  'quota',
  'context',
];

describe.concurrent('faults of an endpoint, over HTTP, with the real engine and files', {
  timeout: 90_000,
}, () => {
  it.for<Misbehaviour>([...lasting, 'error-summary'])(
    '%s: pages wait and are found, and are analysed once it is over',
    async (fault, context) => {
      const scene = await setUp(context);
      scene.fake.misbehaveAlways(fault);
      const memory = await scene.reopen();
      await tellAll(memory.engine);
      const status = async () => (await memory.engine.stats()).analysis;
      await until('the fault was met', async () => (await status()).last_error !== null);
      expectSound(memory);
      const surplus = memory.store.state.shortTerm[4];
      expect(await status()).toMatchObject({
        pages_waiting: 6,
        waiting_since: surplus && new Date(madeAtMs(surplus.id)).toISOString(),
        paused: false,
      });
      expect([...memory.store.state.segments]).toEqual([]);
      expect(memory.store.state.userKnowledge).toEqual([]);
      const { retrieved_pages: found } = await memory.engine.retrieve({ query: 'Who is my violin teacher?' });
      expect(found.map((page) => page.user_input)).toContain('My violin teacher lives in Lisbon.');
      scene.fake.misbehaveAlways(null);
      const after = fault === 'retry-after:31' ? await scene.reopen() : memory;
      await expectCompleted(scene, after);
    },
  );

  it.for(lasting)(
    '%s while traits and facts are asked for: none is stored, and all are once it is over',
    async (fault, context) => {
      const scene = await setUp(context, {}, { retryBaseMs: 400, retryMaxMs: 400 });
      scene.fake.misbehaveAlways(fault, 'segment');
      const memory = await scene.reopen();
      await tellAll(memory.engine);
      const status = async () => (await memory.engine.stats()).analysis;
      await until('the fault was met', async () => (await status()).last_error !== null);
      expectSound(memory);
      const { state } = memory.store;
      expect(await status()).toMatchObject({
        segments_waiting: expect.toSatisfy((count: number) => count > 0),
        waiting_since: expect.any(String),
        next_try_at: expect.any(String),
        paused: false,
      });
      expect([...state.profile]).toEqual([]);
      expect([state.userKnowledge, ...state.assistantKnowledge.values()].flat()).toEqual([]);
      const filed = [...state.segments.values()].flatMap(({ pages }) => pages);
      expect(filed.length).toBeGreaterThan(0);
      expect(filed.some((page) => page.analysed)).toBe(false);
      scene.fake.misbehaveAlways(null);
      const after = fault === 'retry-after:31' ? await scene.reopen() : memory;
      await expectCompleted(scene, after);
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
  ])('%s: the analysis is right all the same', async (fault, context) => {
    const scene = await setUp(context);
    scene.fake.misbehaveAlways(fault);
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await expectCompleted(scene, memory);
  });

  it('a stream cut while it answers: the exchange is not stored, and everything else goes on', async (context) => {
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
    expect(untruths(again.store.state)).toEqual([]);
    expect(storedPages(again.store.state)).toEqual([...toldPages, toldExchanges[0]?.[0]].sort());
  });

  it('a context that a batch exceeds: it is split', async (context) => {
    const scene = await setUp(context);
    scene.fake.misbehave('context');
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await expectCompleted(scene, memory);
    expect(shownPages(scene).slice(0, 3)).toEqual([2, 1, 1]);
  });

  it('answers that are longer than the model may write: they are asked for in parts', async (context) => {
    const scene = await setUp(context, { answerCharactersMax: 450 });
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await expectCompleted(scene, memory);
    expect(shownPages(scene).slice(0, 3)).toEqual([2, 1, 1]);
  });

  it('an answer that is never of use: after five failures the built-in analyser does the job, and says so', async (context) => {
    const scene = await setUp(context);
    scene.fake.misbehaveAlways('error');
    const memory = await scene.reopen();
    await tellAll(memory.engine);
    await until('everything is analysed', () => isSettled(memory), 60_000);
    const { state } = memory.store;
    expect(storedPages(state)).toEqual(toldPages);
    expect(JSON.stringify([[...state.segments], [...state.profile], state.userKnowledge])).not.toMatch(
      /error|upstream/i,
    );
    expect(state.userKnowledge.length).toBeGreaterThan(0);
    const by = [...[...state.segments.values()].map(({ head }) => head), ...state.userKnowledge];
    expect(new Set(by.map((one) => one.analysed_by))).toEqual(new Set(['builtin']));
    for (const { pages } of state.segments.values())
      expect(pages.filter((page) => !page.analysed)).toEqual([]);
  });
});
