import { afterEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../src/analysis/builtin/builtin-analyser.js';
import type { NotedFact } from '../../../src/engine/memory-engine.js';
import { UserMemory } from '../../../src/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../../src/model/ids.js';
import { consolidationResultSchema } from '../../../src/model/results.js';
import type { UserStore } from '../../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../support/engine-settings.js';
import { onStore } from '../../support/on-store.js';
import { makeFact } from '../../support/records.js';

let nowMs = Date.parse('2026-06-01T12:00:00Z');
const engines: UserMemory[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function open({ user = 'alice', worksInBackground = true } = {}) {
  const store: UserStore = await createInMemoryStore().open(toUserId(user));
  const engine = new UserMemory({
    ...onStore(store),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    chatModel: null,
    clock: { now: () => nowMs++ },
    settings: engineSettings({ worksInBackground }),
    assistantId: toAssistantId('helper'),
    report: () => undefined,
    notices: [],
  });
  engines.push(engine);
  return { engine, store };
}

/** Texts from which the built-in rules derive nothing, so that only facts of the host exist. */
const told = 'Мой брат Олег работает врачом в Казани.';

describe('facts that come with an exchange', () => {
  const add = async (facts: readonly NotedFact[], userInput = told, agentResponse = 'Буду знать.') => {
    const { engine, store } = await open();
    const result = await engine.add({ userInput, agentResponse, facts });
    return { engine, store, result };
  };

  it('are superseded by a later fact of the same slot, whoever noted it', async () => {
    const fact = { fact: 'The user works at Siemens.', quote: 'I work at Siemens' };
    const { engine, store } = await add([fact], 'I work at Siemens these days.', 'I see.');
    expect(store.state.userKnowledge.map(({ slot }) => slot)).toEqual(['employer']);
    await engine.add({
      userInput: 'I work at Bosch.',
      agentResponse: 'I see.',
      facts: [{ fact: 'The user works at Bosch.', quote: 'I work at Bosch' }],
    });
    const current = store.state.userKnowledge.filter((known) => known.superseded_by === null);
    expect(current.map(({ knowledge }) => knowledge)).toEqual(['The user works at Bosch.']);
  });

  it('are stored with their quote, page and time, in any language', async () => {
    const fact = { fact: 'The user has a brother, Олег, a doctor.', quote: 'Мой брат Олег', when: '2025-03' };
    const { result, store } = await add([fact]);
    expect(result).toMatchObject({ facts_stored: 1, facts_rejected: [] });
    expect(store.state.userKnowledge).toMatchObject([
      {
        knowledge: fact.fact,
        quote: fact.quote,
        page_ids: [result.page_id],
        timestamp: '2025-03-01T00:00:00.000Z',
        analysed_by: 'host',
      },
    ]);
  });

  it('about the assistant go to its own knowledge', async () => {
    const { store } = await add([
      { about: 'assistant', fact: 'The assistant will remember it.', quote: 'Буду знать.' },
    ]);
    expect(store.state.userKnowledge).toEqual([]);
    expect(store.state.assistantKnowledge.get(toAssistantId('helper'))).toMatchObject([
      { knowledge: 'The assistant will remember it.' },
    ]);
  });

  it.each([
    [{ fact: 'The user is a pilot.', quote: 'I am a pilot' }, 'quote not on the page'],
    [{ fact: 'The user will know.', quote: 'Буду знать.' }, 'quote of the other side'],
    [{ fact: 'The user has a brother.', quote: '' }, 'no quote'],
    [{ fact: '', quote: told }, 'no text'],
    [{ fact: 'x '.repeat(600_000), quote: told }, 'too long'],
    [{ fact: 12, quote: null } as unknown as NotedFact, 'no text'],
  ])('%# is refused with its reason, and nothing else is lost', async (fact, reason) => {
    const good = { fact: 'The user has a brother, Олег.', quote: 'Мой брат Олег' };
    const { result, store } = await add([fact, good]);
    expect(result.facts_rejected?.map((refused) => refused.reason)).toEqual([reason]);
    expect(store.state.userKnowledge.map(({ knowledge }) => knowledge)).toEqual([good.fact]);
    expect(store.state.shortTerm).toHaveLength(1);
  });

  it('that contradict each other: the second is refused', async () => {
    const { result } = await add(
      [
        { fact: 'The user likes tea.', quote: 'I like tea' },
        { fact: 'The user does not like tea.', quote: "I don't like tea" },
      ],
      "I like tea in the morning. But I don't like tea at night.",
    );
    expect(result).toMatchObject({
      facts_stored: 1,
      facts_rejected: [{ reason: expect.stringContaining('contradicts') }],
    });
  });

  it('contain no secret that is removed from the exchange', async () => {
    const key = `sk-proj-${'a1B2c3D4e5F6g7H8'.repeat(4)}`;
    const said = `My password manager is Vaulty and its key is ${key}.`;
    const { store } = await add([{ fact: `The user's key is ${key}.`, quote: said }], said);
    expect(JSON.stringify([store.state.shortTerm, store.state.userKnowledge])).not.toContain(key);
  });

  it('beyond fifty are refused', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ fact: `Note ${'x'.repeat(i + 1)}`, quote: told }));
    const { result } = await add(many);
    expect(result.facts_rejected?.filter(({ reason }) => reason.includes('50'))).toHaveLength(10);
  });

  it('replace those that the built-in reader made of the same words, and are not repeated by it', async () => {
    const { engine, store } = await open();
    const said = 'I live in Utrecht with my cousin.';
    await engine.add({
      userInput: said,
      agentResponse: '',
      facts: [{ fact: 'The user lives in Utrecht with a cousin.', quote: said }],
    });
    await engine.flush();
    expect(store.state.userKnowledge.filter(({ quote }) => quote !== null)).toMatchObject([
      { analysed_by: 'host' },
    ]);
  });

  it('do not come back after they were forgotten', async () => {
    const { engine, store } = await open();
    const facts = [{ fact: 'The user has a brother, Олег.', quote: 'Мой брат Олег' }];
    await engine.add({ userInput: told, agentResponse: '', facts });
    await engine.forget({ factIds: store.state.userKnowledge.map(({ id }) => id), confirm: true });
    const again = await engine.add({ userInput: told, agentResponse: '', facts });
    expect(again).toMatchObject({ facts_stored: 0, facts_rejected: [{ reason: /forgotten/ }] });
    expect(store.state.userKnowledge).toEqual([]);
  });
});

describe('consolidation', () => {
  const tell = async (engine: UserMemory, count: number) => {
    for (let i = 0; i < count; i += 1)
      await engine.add({ userInput: `${told} Номер ${i}.`, agentResponse: 'Хорошо.' });
  };

  it('hands out up to ten exchanges with labels and instructions', async () => {
    const { engine } = await open();
    await tell(engine, 14);
    const handed = consolidationResultSchema.parse(await engine.consolidate());
    expect(handed.waiting).toBe(14);
    expect(handed.pages).toHaveLength(10);
    expect(new Set(handed.pages.map(({ page }) => page)).size).toBe(10);
    expect(handed.pages[0]?.page).toMatch(/^P[0-9a-f]{5}$/);
    expect(handed.answer_with).toContain('"quote"');
    expect(handed.stored).toBeUndefined();
  });

  it('stores facts, changes, traits and topics, marks the pages and hands out the next ones', async () => {
    const { engine, store } = await open();
    await tell(engine, 12);
    await engine.flush({ shortTerm: true });
    const before = makeFact('The user has no brother.', [], { told_at: '2026-01-01T00:00:00.000Z' });
    await store.transact(() => [{ op: 'fact_put', fact: before }]);
    const handed = await engine.consolidate();
    const [first] = handed.pages;
    const topicOf = new Map(
      [...store.state.segmentOfPage].map(([page, segment]) => [`P${page.slice(-5)}`, segment]),
    );
    const topic = topicOf.get(first?.page ?? '');
    const together = handed.pages.filter(({ page }) => topicOf.get(page) === topic).map(({ page }) => page);
    const answer = {
      pages: handed.pages.map(({ page }) => page),
      facts: [
        {
          page: first?.page,
          about: 'user',
          fact: "The user's brother Олег works in Казань as a doctor.",
          quote: 'Мой брат Олег работает врачом',
          replaces: handed.known_facts[0]?.ref,
        },
      ],
      traits: [
        {
          page: first?.page,
          dimension: 'Family',
          level: 'high',
          reason: 'Speaks of the brother.',
          quote: 'Мой брат Олег',
        },
      ],
      topics: [{ pages: together, theme: 'брат Олег', keywords: ['брат'], summary: 'О брате Олеге.' }],
    };
    const taken = await engine.consolidate(JSON.stringify(answer));
    expect(taken.rejected).toEqual([]);
    expect(taken.stored).toEqual({ pages: 10, facts: 1, changes: 1, traits: 1, topics: 1 });
    expect(taken.waiting).toBe(2);
    expect(taken.pages).toHaveLength(2);
    const profile = await engine.profile();
    expect(profile.user_profile).toContain('Family Concern: High');
    expect(profile.user_knowledge?.map(({ knowledge, current }) => [knowledge, current])).toEqual([
      ['The user has no brother.', false],
      ["The user's brother Олег works in Казань as a doctor.", true],
    ]);
    expect(
      [...store.state.segments.values()].some(
        ({ head }) => head.theme.includes('брат Олег') || head.summary.includes('О брате'),
      ),
    ).toBe(true);
  });

  it('rejects unusable entries with reasons, and stores the rest', async () => {
    const { engine } = await open();
    const others = await open({ user: 'bob' });
    await tell(engine, 3);
    await others.engine.add({ userInput: 'Я живу в Бергене.', agentResponse: '' });
    const [foreign] = (await others.engine.consolidate()).pages;
    const [mine] = (await engine.consolidate()).pages;
    const quote = 'Мой брат Олег';
    const taken = await engine.consolidate(
      JSON.stringify({
        pages: [mine?.page, 'P00000'],
        facts: [
          { page: foreign?.page, fact: 'The user lives in Bergen.', quote: 'Я живу в Бергене.' },
          { page: mine?.page, fact: 'The user lives in Bergen.', quote: 'Я живу в Бергене.' },
          { page: mine?.page, fact: 'The user has a brother, Олег.', quote, replaces: 'F00000' },
          'nonsense',
        ],
        traits: [
          {
            page: mine?.page,
            dimension: 'Family',
            level: 'high',
            reason: 'Loves the family.',
            quote: 'моя семья',
          },
          { page: mine?.page, dimension: 'Zeppelins', level: 'high', reason: 'Олег', quote },
        ],
        topics: [{ pages: [mine?.page], theme: 'брат', keywords: [], summary: 'О брате.' }],
      }),
    );
    expect(taken.stored).toEqual({ pages: 1, facts: 1, changes: 0, traits: 0, topics: 0 });
    expect(taken.rejected?.map(({ reason }) => reason)).toEqual([
      'not in the requested form',
      expect.stringMatching(/no page P.* is waiting/),
      expect.stringMatching(/no fact F00000/),
      'quote not on the page',
      expect.stringMatching(/not among the words of the user/),
      'unknown dimension',
      expect.stringMatching(/short-term memory/),
      expect.stringMatching(/no such page/),
    ]);
  });

  it.each([['no json'], ['{"facts": '], [`"${'x'.repeat(300_000)}"`]])(
    'refuses an answer that is none',
    async (answer) => {
      const { engine } = await open();
      await tell(engine, 1);
      await expect(engine.consolidate(answer)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
      expect((await engine.consolidate()).waiting).toBe(1);
    },
  );

  it('is requested by a notice when many exchanges wait', async () => {
    const { engine } = await open({ worksInBackground: false });
    const notices = async () => (await engine.retrieve({ query: 'Олег' })).notices.join();
    await tell(engine, 29);
    expect(await notices()).not.toContain('consolidate_memory');
    await tell(engine, 1);
    expect(await notices()).toContain('30 exchanges are not analysed. Call consolidate_memory');
  });
});
