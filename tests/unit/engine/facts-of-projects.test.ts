import { afterEach, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../src/analysis/builtin/builtin-analyser.js';
import { EngineHookMemory } from '../../../src/app/capture/engine-hook-memory.js';
import type { NotedFact } from '../../../src/engine/memory-engine.js';
import { UserMemory } from '../../../src/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../support/engine-settings.js';
import { onStore } from '../../support/on-store.js';

const nowMs = Date.parse('2026-06-20T12:00:00Z');
const engines: UserMemory[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

type Telling = readonly [project: string | undefined, says: string, facts?: readonly NotedFact[]];

async function engineAfter(tellings: readonly Telling[], oneByOne: boolean): Promise<UserMemory> {
  const store = await createInMemoryStore().open(toUserId('alice'));
  const engine = new UserMemory({
    ...onStore(store),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    chatModel: null,
    clock: { now: () => nowMs },
    settings: engineSettings({ worksInBackground: false }),
    assistantId: toAssistantId('helper'),
    report: () => undefined,
    notices: [],
  });
  engines.push(engine);
  for (const [i, [project, userInput, facts]] of tellings.entries()) {
    const timestamp = new Date(nowMs - (20 - i) * 86_400_000).toISOString();
    await engine.add({ userInput, agentResponse: 'I see.', timestamp, project, ...(facts && { facts }) });
    if (oneByOne) await engine.flush();
  }
  await engine.flush();
  return engine;
}

/** The words of the tellings that gave a fact which is still current, with the project of the fact. */
async function current(engine: UserMemory): Promise<readonly (readonly [string | undefined, string])[]> {
  const { userFacts } = await engine.longTerm();
  return userFacts
    .filter((fact) => fact.superseded_by === null)
    .map(({ project, quote }) => [project, quote ?? ''] as const);
}

/** All tellings of a row state a fact; those with a `*` are no longer so at the end. */
const rows: readonly (readonly [what: string, tellings: readonly Telling[]])[] = [
  [
    'a thing of one project does not end that of another',
    [
      ['atlas', 'The deadline is 1 May'],
      ['birch', 'The deadline is 9 June'],
    ],
  ],
  [
    'nor does a change that is told in another project',
    [
      ['atlas', 'We use Jira for tickets'],
      ['birch', 'We no longer use Jira for tickets'],
    ],
  ],
  [
    'nor does a new value alone',
    [
      ['atlas', 'The deadline is 1 May'],
      ['birch', 'I moved the deadline to 9 June'],
    ],
  ],
  [
    'but a new value ends the only one that it can mean in its project',
    [
      ['atlas', 'We use Jira'],
      ['birch', '*We use Asana'],
      ['birch', 'We switched to Linear'],
    ],
  ],
  [
    'the same words of two projects are two facts',
    [
      ['atlas', 'Our database runs on Postgres'],
      ['birch', 'Our database runs on Postgres'],
    ],
  ],
  [
    'a thing of the same project ends',
    [
      ['atlas', '*The deadline is 1 May'],
      ['birch', 'The deadline is 5 May'],
      ['atlas', 'The deadline is 9 June'],
    ],
  ],
  [
    'what is told in no project may be about any',
    [
      ['atlas', '*The deadline is 1 May'],
      [undefined, 'The deadline is 9 June'],
    ],
  ],
  [
    'what is about the user ends in every project',
    [
      ['atlas', '*I live in Rome'],
      ['birch', 'I moved to Berlin'],
      ['atlas', '*I drink coffee every morning'],
      [undefined, "I don't drink coffee any more"],
    ],
  ],
  [
    'what is about people and animals of the user ends in every project',
    [
      ['atlas', '*My son Jonas hates mushrooms'],
      ['birch', 'Jonas likes mushrooms now'],
      ['atlas', '*Our cat Mimi is deaf'],
      ['birch', 'Mimi died'],
    ],
  ],
  [
    'an order to the assistant ends in every project',
    [
      ['atlas', '*Use British spelling'],
      ['birch', 'Actually, use American spelling'],
    ],
  ],
];

for (const oneByOne of [true, false]) {
  it.each(rows)(`${oneByOne ? 'said one by one' : 'read together'}: %s`, async (_what, tellings) => {
    const engine = await engineAfter(
      tellings.map(([project, says]) => [project, `${says.replace('*', '')}.`]),
      oneByOne,
    );
    const quotes = (await current(engine)).map(([, quote]) => quote.replace(/\.$/, ''));
    expect(quotes).toEqual(tellings.map(([, says]) => says).filter((says) => !says.startsWith('*')));
  });
}

const deadlines: readonly Telling[] = [
  ['atlas', 'The deadline is 1 May.'],
  ['birch', 'The deadline is 9 June.'],
  ['birch', 'I live in Rome.'],
];

it('knows of which project a fact is, and says so', async () => {
  const engine = await engineAfter(deadlines, false);
  expect(await current(engine)).toEqual([
    ['atlas', 'The deadline is 1 May.'],
    ['birch', 'The deadline is 9 June.'],
    [undefined, 'I live in Rome.'],
  ]);
  const asked = async (query: string, project?: string) => {
    const { retrieved_user_knowledge } = await engine.retrieve({ query, project });
    return retrieved_user_knowledge.map((fact) => [/1 May|9 June/.exec(fact.knowledge)?.[0], fact.project]);
  };
  const [ofAtlas, ofBirch] = [
    ['1 May', 'atlas'],
    ['9 June', 'birch'],
  ];
  for (const query of ['When is the deadline?', 'When is it, the deadline?']) {
    expect(await asked(query, 'atlas')).toEqual([ofAtlas, ofBirch]);
    expect(await asked(query, 'birch')).toEqual([ofBirch, ofAtlas]);
  }
  expect((await asked('When is the deadline of atlas?'))[0]).toEqual(ofAtlas);
  expect((await asked('When is the deadline of birch?', 'atlas'))[0]).toEqual(ofBirch);
});

it('opens a session without facts about things of other projects', async () => {
  const engine = await engineAfter(deadlines, false);
  const facts = async (project: string | null) => {
    const { text } = await new EngineHookMemory(async () => engine).opening({ project, tokensMax: 500 });
    const [, list = ''] = /^What you know.*\n((?:- .*\n?)*)/.exec(text) ?? [];
    return ['Rome', '1 May', '9 June'].filter((words) => list.includes(words));
  };
  expect(await facts('atlas')).toEqual(['Rome', '1 May']);
  expect(await facts('birch')).toEqual(['Rome', '9 June']);
  expect(await facts(null)).toEqual(['Rome']);
});

it('holds facts of the host to their projects', async () => {
  const noted = (fact: string, quote = fact): readonly NotedFact[] => [{ fact, quote: quote.slice(0, -1) }];
  const engine = await engineAfter(
    [
      ['atlas', 'The deadline is 1 May.', noted('The deadline is 1 May.')],
      ['birch', 'The deadline is 9 June.', noted('The deadline is 9 June.')],
      ['atlas', 'I work at Siemens.', noted('The user works at Siemens.', 'I work at Siemens.')],
    ],
    false,
  );
  const { userFacts } = await engine.longTerm();
  expect(
    userFacts.map(({ project, superseded_by, analysed_by }) => [project, superseded_by, analysed_by]),
  ).toEqual([
    ['atlas', null, 'host'],
    ['birch', null, 'host'],
    [undefined, null, 'host'],
  ]);
  const { known_facts } = await engine.consolidate();
  expect(known_facts.map(({ fact }) => fact)).toEqual([
    'The deadline is 1 May. (project atlas)',
    'The deadline is 9 June. (project birch)',
    'The user works at Siemens.',
  ]);
});
