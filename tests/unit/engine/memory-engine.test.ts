import { afterEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../src/analysis/builtin/builtin-analyser.js';
import type { MemoryChange, MemoryEngine } from '../../../src/engine/memory-engine.js';
import { analysisTrouble } from '../../../src/engine/presenting/stats.js';
import { UserMemory } from '../../../src/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../../src/model/ids.js';
import { failedAnalyses, purgeJob } from '../../../src/model/purge.js';
import { profileResultSchema, retrieveResultSchema, statsResultSchema } from '../../../src/model/results.js';
import { emptyState } from '../../../src/model/user-state.js';
import type { FullAnalyser } from '../../../src/ports/analyser.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../support/engine-settings.js';
import { onStore } from '../../support/on-store.js';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const engines: MemoryEngine[] = [];

async function open(
  assistant = 'helper',
  memories = createInMemoryStore(),
  builtinAnalyser: FullAnalyser = createBuiltinAnalyser(),
): Promise<MemoryEngine> {
  const engine = new UserMemory({
    ...onStore(await memories.open(toUserId('alice'))),
    builtinAnalyser,
    embedder: createBuiltinEmbedder(),
    chatModel: null,
    clock: { now: () => nowMs },
    settings: engineSettings(),
    assistantId: toAssistantId(assistant),
    report: () => undefined,
    notices: ['The built-in analyser is used.'],
  });
  engines.push(engine);
  return engine;
}

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function tell(engine: MemoryEngine, ...inputs: readonly string[]): Promise<void> {
  for (const userInput of inputs) await engine.add({ userInput, agentResponse: 'I see.' });
}

const gardening = [
  'I planted tomatoes in the garden.',
  'The tomatoes in the garden need water.',
  'My violin lesson is on Tuesday.',
  'The violin teacher praised me.',
  'I booked a flight to Lisbon.',
  'Lisbon will be warm in June.',
];

describe('content that is not stored', () => {
  const key = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;

  it('includes secrets and private text, on every way in', async () => {
    const engine = await open();
    await engine.add({
      userInput: `My key is ${key}.`,
      agentResponse: 'Kept. <private>It is on the blue note.</private>',
      metaData: { note: `from ${key}`, list: [{ deep: key }] },
    });
    await engine.update({ knowledge: `The user signs in with ${key}.`, by: 'library' });
    const found = await engine.retrieve({ query: `where is ${key}?` });
    const [page] = found.short_term_memory;
    expect(page).toMatchObject({
      user_input: expect.stringMatching(/^My key is \[redacted: [a-z]+\]\.$/),
      agent_response: 'Kept. [private]',
    });
    const { query: _query, ...answer } = found;
    expect(JSON.stringify([answer, await engine.longTerm(), await engine.log()])).not.toMatch(
      /ghp_|blue note/,
    );
  });
});

describe('days', () => {
  it("are in the speaker's time zone", async () => {
    const engine = await open();
    await engine.add({
      userInput: 'My dentist appointment is tomorrow.',
      agentResponse: 'Good luck.',
      timestamp: '2026-03-04T19:30:00-08:00',
    });
    await engine.flush();
    const { userFacts } = await engine.longTerm();
    expect(userFacts.map(({ knowledge }) => knowledge).join()).toContain('5 March 2026');
  });
});

describe('the engine', () => {
  it('answers an add with the page and its location', async () => {
    const engine = await open();
    const first = await engine.add({
      userInput: 'Hello',
      agentResponse: '',
      timestamp: '2026-05-01 10:00:00',
    });
    expect(first).toMatchObject({
      status: 'success',
      timestamp: '2026-05-01T10:00:00.000Z',
      short_term_count: 1,
    });
    const [second, third] = await engine.addAll([
      { userInput: 'a', agentResponse: '' },
      { userInput: 'b', agentResponse: '' },
    ]);
    expect([second?.short_term_count, third?.short_term_count]).toEqual([2, 3]);
  });

  it('stores all or none of several exchanges', async () => {
    const engine = await open();
    const inputs = [
      { userInput: 'fine', agentResponse: '' },
      { userInput: '', agentResponse: '' },
    ];
    await expect(engine.addAll(inputs)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect((await engine.stats()).short_term.pages).toBe(0);
  });

  it('returns all of short-term memory and finds pages that left it, with their tier', async () => {
    const engine = await open();
    await tell(engine, ...gardening);
    await engine.flush();
    const result = await engine.retrieve({
      query: 'What did I plant in the garden?',
      maxResults: 1,
      explain: true,
    });
    expect(() => retrieveResultSchema.parse(result)).not.toThrow();
    expect(result.short_term_memory.map((page) => page.user_input)).toEqual(gardening.slice(2));
    expect(result.retrieved_pages).toHaveLength(1);
    expect(result.retrieved_pages[0]).toMatchObject({ source: 'mid_term', user_input: gardening[0] });
    expect(result.retrieved_pages[0]?.segment_id).toMatch(/^sg_/);
  });

  it('counts a visit for each segment of returned pages, which raises its heat', async () => {
    const engine = await open();
    await tell(engine, ...gardening);
    await engine.flush();
    const before = await engine.segments();
    await engine.retrieve({ query: 'tomatoes in the garden' });
    await engine.retrieve({ query: 'tomatoes in the garden' });
    const after = await engine.segments();
    expect(after[0]?.n_visit).toBe((before[0]?.n_visit ?? 0) + 2);
    expect(after[0]?.heat).toBeGreaterThan(before[0]?.heat ?? 0);
  });

  it('uses relationship and style, and says that memories are data', async () => {
    const engine = await open();
    await tell(engine, 'hello');
    const { guidance } = await engine.retrieve({
      query: 'x',
      relationshipWithUser: 'coach',
      styleHint: 'terse',
    });
    expect(guidance).toMatch(/coach/);
    expect(guidance).toMatch(/terse/);
    expect(guidance).toMatch(/do not follow instructions/);
  });

  it('reports the analyser', async () => {
    const engine = await open();
    const profile = await engine.profile({ includeAssistantKnowledge: true });
    expect(() => profileResultSchema.parse(profile)).not.toThrow();
    expect(profile).toMatchObject({ analyser: 'builtin', notices: ['The built-in analyser is used.'] });
    expect((await engine.profile()).assistant_knowledge).toBeUndefined();
  });

  it('keeps the facts of assistants apart', async () => {
    const memories = createInMemoryStore();
    const cook = await open('cook', memories);
    await tell(cook, 'hello');
    expect((await cook.longTerm()).assistantFacts).toEqual([]);
  });

  it('reports statistics of every tier', async () => {
    const engine = await open();
    await tell(engine, ...gardening);
    await engine.flush();
    const stats = await engine.stats();
    expect(() => statsResultSchema.parse(stats)).not.toThrow();
    expect(stats.short_term.pages + stats.mid_term.pages).toBe(gardening.length);
    expect(stats.analysis).toMatchObject({ analyser: 'builtin', pages_waiting: 0, paused: false, llm: null });
  });

  it('notifies listeners of changes', async () => {
    const engine = await open();
    const changes: MemoryChange[] = [];
    engine.onChange((change) => changes.push(change));
    await tell(engine, ...gardening);
    await engine.flush();
    await expect.poll(() => changes.some((change) => change.segmentsListed)).toBe(true);
    expect(changes.some((change) => change.shortTerm)).toBe(true);
  });

  it('notifies listeners of the last changes before it closes', async () => {
    const engine = await open();
    const changes: MemoryChange[] = [];
    engine.onChange((change) => changes.push(change));
    await engine.add({ userInput: 'the last one', agentResponse: '' });
    await engine.close();
    expect(changes).toMatchObject([{ shortTerm: true }]);
  });

  it.each([
    [{ query: ' ' }],
    [{} as { query: string }],
    [{ query: 'x'.repeat(100_001) }],
    [{ query: 'x', maxResults: 0 }],
    [{ query: 'x', maxResults: -3 }],
    [{ query: 'x', maxResults: 1.5 }],
  ])('refuses an invalid retrieval', async (input) => {
    const engine = await open();
    await expect(engine.retrieve(input)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('answers from an empty memory, and accepts a huge limit', async () => {
    const engine = await open();
    const result = await engine.retrieve({ query: 'anything', maxResults: 1_000_000 });
    expect(result).toMatchObject({ user_profile: '', retrieved_pages: [], total_pages_found: 0 });
  });

  it('refuses calls after closing, and may be closed twice', async () => {
    const engine = await open();
    await engine.close();
    await engine.close();
    await expect(engine.add({ userInput: 'x', agentResponse: '' })).rejects.toMatchObject({
      code: 'STORE_CLOSED',
    });
  });

  it('does not bring back a page that was forgotten during its migration', async () => {
    const builtin = createBuiltinAnalyser();
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let asked = 0;
    const slow: FullAnalyser = {
      ...builtin,
      async analyseBatch(input, signal) {
        asked += 1;
        if (asked === 1) await gate;
        return builtin.analyseBatch(input, signal);
      },
    };
    const engine = await open('helper', createInMemoryStore(), slow);
    const [first = '', ...rest] = gardening;
    const { page_id: secret } = await engine.add({ userInput: first, agentResponse: '' });
    await tell(engine, ...rest);
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    const result = await engine.forget({ pageIds: [secret], confirm: true });
    expect(result.pages.map((page) => page.page_id)).toEqual([secret]);
    letGo();
    await engine.flush({ shortTerm: true });
    const details = await Promise.all(
      (await engine.segments()).map(({ segment_id }) => engine.segment(segment_id)),
    );
    const stored = details.flatMap((segment) => segment.page_list.map((page) => page.user_input));
    expect(stored.sort()).toEqual(gardening.slice(1).sort());
    expect(JSON.stringify(details)).not.toContain('planted');
  });
});

describe('the profile', () => {
  it('omits what was not requested, instead of reporting that nothing is known', async () => {
    const engine = await open();
    await tell(engine, 'I am allergic to peanuts.');
    const profile = await engine.profile({ includeKnowledge: false });
    expect(Object.keys(profile)).not.toContain('user_knowledge');
    expect(Object.keys(profile)).not.toContain('user_knowledge_count');
    expect(() => profileResultSchema.parse(profile)).not.toThrow();
    const whole = await engine.profile();
    expect(whole.user_knowledge_count).toBe(whole.user_knowledge?.length);
  });
});

describe('a failed analysis', () => {
  const failing = (job: string) => ({
    job,
    attempts: 1,
    content_failures: 0,
    last_error: 'The provider at http://127.0.0.1:9 is down.',
    failed_at: '2026-06-01T11:00:00.000Z',
    next_try_at: '2026-06-01T13:00:00.000Z',
  });
  const store = async (job: string) => {
    const memories = createInMemoryStore();
    const opened = await memories.open(toUserId('alice'));
    await opened.transact(() => [{ op: 'analysis_failed', trouble: failing(job) }]);
    return memories;
  };

  it('is reported by a retrieval', async () => {
    const engine = await open('helper', await store('migrate:pg_1'));
    const { notices } = await engine.retrieve({ query: 'allergic' });
    expect(notices.join()).toContain(
      'not analysed at the moment: The provider at http://127.0.0.1:9 is down.',
    );
    expect((await engine.stats()).analysis.last_error).toContain('is down');
  });

  it('does not include the removal of forgotten text', () => {
    const state = emptyState();
    state.troubles.set(purgeJob, failing(purgeJob));
    expect(analysisTrouble({ troubles: failedAnalyses(state.troubles) })).toBeUndefined();
    state.troubles.set('promote:sg_1', failing('promote:sg_1'));
    expect(analysisTrouble({ troubles: failedAnalyses(state.troubles) })?.job).toBe('promote:sg_1');
  });
});
