import { afterEach, expect, it, vi } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { UserMemory } from '../../../src/engine/user-memory.js';
import { toUserId } from '../../../src/model/ids.js';
import type { Operation } from '../../../src/model/operation.js';
import type { ChatModel } from '../../../src/ports/chat-model.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../support/engine-settings.js';
import { onStore } from '../../support/on-store.js';
import { added, makePage, someAssistant } from '../../support/records.js';
import { scriptedAnalyser } from '../../support/scripted-analyser.js';

afterEach(() => vi.restoreAllMocks());

const trouble: Operation = {
  op: 'analysis_failed',
  trouble: {
    job: 'migrate:first',
    attempts: 1,
    content_failures: 0,
    last_error: 'The embedder is away.',
    failed_at: '2026-03-01T10:00:00.000Z',
    next_try_at: '2026-03-01T11:00:00.000Z',
  },
};
const model: ChatModel = {
  model: 'away',
  complete: () => new Promise(() => undefined),
  async *stream() {},
  usage: () => ({ calls: 0, promptTokens: 0, completionTokens: 0 }),
};

/**
 * The worker collects pages for a tenth of a second, and checks again after a second or more. Other test files in this
 * process wait for half a second. The pause of an add is much shorter.
 */
const isOfWorker = (ms: number) => ms === 100 || ms >= 500;
/** The interval of `expect.poll` of other test files in this process. */
const isOfPoll = (ms: number) => ms === 50;

/** The pauses of an add in a memory with this number of pages waiting for migration. The worker does not migrate them. */
async function pausesOfAdd(
  waitingPages: number,
  circumstances: { chatModel?: ChatModel; operations?: Operation[] } = {},
): Promise<number[]> {
  const store = await createInMemoryStore().open(toUserId('alice'));
  const pages = Array.from({ length: waitingPages }, (_, i) => added(makePage(`page ${i}`, { read: true })));
  await store.transact(() => [...pages, ...(circumstances.operations ?? [])]);
  vi.spyOn(store, 'tryLease').mockResolvedValue(null);
  const memory = new UserMemory({
    ...onStore(store),
    builtinAnalyser: { ...scriptedAnalyser('builtin', []), checkFacts: async () => [] },
    embedder: createBuiltinEmbedder(),
    chatModel: circumstances.chatModel ?? null,
    clock: { now: () => Date.parse('2026-06-01T12:00:00Z') },
    settings: engineSettings({ shortTermCapacityPages: 10 }),
    assistantId: someAssistant,
    report: () => undefined,
    notices: [],
  });
  const timers = vi.spyOn(globalThis, 'setTimeout');
  await memory.add({ userInput: 'One more.', agentResponse: 'Yes.' });
  const pauses = timers.mock.calls.flatMap(([, ms]) =>
    ms === undefined || isOfWorker(ms) || isOfPoll(ms) ? [] : [ms],
  );
  await memory.close();
  return pauses;
}

it('an add is answered at once while up to 2,048 pages wait, and a little later beyond', async () => {
  expect(await pausesOfAdd(2_058)).toEqual([]);
  expect(await pausesOfAdd(2_058 + 320)).toEqual([20]);
});

it('an add is answered at once where a model analyses or work has failed, however many pages wait', async () => {
  expect(await pausesOfAdd(4_000, { chatModel: model })).toEqual([]);
  expect(await pausesOfAdd(4_000, { operations: [trouble] })).toEqual([]);
});
