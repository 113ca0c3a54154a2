import { expect, it } from 'vitest';
import { applyOperation } from '../../../src/model/apply-operation.js';
import { newPageId } from '../../../src/model/ids.js';
import type { Fact } from '../../../src/model/knowledge.js';
import { emptyState } from '../../../src/model/user-state.js';
import type { FactDraft } from '../../../src/ports/analyser.js';
import { type KnowledgeContext, planFacts } from '../../../src/tiers/knowledge.js';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const context: KnowledgeContext = {
  vectorOf: () => undefined,
  capacityFacts: 100,
  nowMs,
  analysedBy: 'builtin',
  isForgotten: () => false,
};

function draft(knowledge: string, change: Partial<FactDraft> = {}): FactDraft {
  return {
    assistant_id: null,
    knowledge,
    timestamp: '2026-01-01T00:00:00.000Z',
    page_id: newPageId(nowMs),
    told_at: change.timestamp ?? '2026-01-01T00:00:00.000Z',
    quote: null,
    ends: [],
    slot: null,
    project: null,
    is_of_project: false,
    change: 'new',
    fact_id: null,
    ...change,
  };
}

function remember(batches: readonly FactDraft[][], change: Partial<KnowledgeContext> = {}): Fact[] {
  const state = emptyState();
  for (const drafts of batches) {
    for (const operation of planFacts(state.userKnowledge, drafts, { ...context, ...change })) {
      applyOperation(state, operation);
    }
  }
  return state.userKnowledge;
}

it('stores a fact once and collects its sources', () => {
  const facts = remember([
    [draft('The user has a dog.')],
    [draft('The user has a dog!'), draft('The user has a cat.')],
  ]);
  expect(facts.map((fact) => [fact.knowledge, fact.page_ids.length])).toEqual([
    ['The user has a dog.', 2],
    ['The user has a cat.', 1],
  ]);
});

it('keeps apart what is said of things of different projects', () => {
  const due = (day: number, project: string | null, change: Partial<FactDraft> = {}) =>
    draft(`The deadline is ${day} May.`, {
      timestamp: `2026-01-0${day}T00:00:00.000Z`,
      slot: 'is:deadline',
      project,
      is_of_project: true,
      ...change,
    });
  const current = (facts: readonly Fact[]) =>
    facts.filter((fact) => fact.superseded_by === null).map((fact) => [fact.knowledge, fact.project]);
  const first = remember([[due(1, 'atlas')]]);
  const named = { change: 'supersedes', fact_id: first[0]?.id ?? null } as const;
  const after = (...drafts: FactDraft[]) =>
    current(planFacts(first, drafts, context).flatMap((done) => (done.op === 'fact_put' ? [done.fact] : [])));
  expect(after(due(2, 'birch', named))).toEqual([['The deadline is 2 May.', 'birch']]);
  expect(remember([[due(1, 'atlas')], [due(1, 'birch')]]).map(({ project }) => project)).toEqual([
    'atlas',
    'birch',
  ]);
  expect(current(remember([[due(1, 'atlas')], [due(2, 'birch')], [due(3, 'atlas')]]))).toEqual([
    ['The deadline is 2 May.', 'birch'],
    ['The deadline is 3 May.', 'atlas'],
  ]);
  expect(current(remember([[due(1, 'atlas')], [due(2, null)]]))).toEqual([
    ['The deadline is 2 May.', undefined],
  ]);
});

it('does not treat a negation, another number or another name as the same', () => {
  const same = () => new Float32Array([1, 0]);
  const facts = remember(
    [
      [draft('The user eats meat.')],
      [draft('The user does not eat meat.')],
      [draft('The user has 2 sons.')],
      [draft('The user has 3 sons.')],
    ],
    { vectorOf: same },
  );
  expect(facts).toHaveLength(4);
});

it('treats equal meanings as the same', () => {
  const facts = remember([[draft('The user owns a dog.')], [draft('The user has a dog.')]], {
    vectorOf: () => new Float32Array([1, 0]),
  });
  expect(facts).toHaveLength(1);
});

it('ignores the capital at the beginning of a sentence, but recognises a name there', () => {
  for (const [one, other, count] of [
    ['The user has a dog.', 'User has a dog.', 1],
    ['The assistant sent a plan.', 'Assistant sent a plan.', 1],
    ['Der Hund der Nutzerin ist müde und heißt Rex.', 'Ein Hund der Nutzerin ist müde und heißt Rex.', 1],
    ['Not all dogs like the user.', 'All dogs like the user.', 2],
    ['Rex is a dog of the user.', 'Max is a dog of the user.', 2],
    ['The user likes Paris.', 'The user likes Rome.', 2],
  ] as const)
    expect(
      remember([[draft(one)], [draft(other)]], { vectorOf: () => new Float32Array([1, 0]) }),
    ).toHaveLength(count);
});

it('supersedes by slot in any order of arrival, and keeps history', () => {
  const munich = draft('The user lives in Munich.', { slot: 'home', timestamp: '2026-01-01T00:00:00.000Z' });
  const berlin = draft('The user lives in Berlin.', { slot: 'home', timestamp: '2026-03-01T00:00:00.000Z' });
  for (const batches of [[[munich], [berlin]], [[berlin], [munich]], [[berlin, munich]]]) {
    const facts = remember(batches);
    const current = facts.filter((fact) => fact.superseded_by === null);
    expect(current.map((fact) => fact.knowledge)).toEqual(['The user lives in Berlin.']);
    expect(facts.find((fact) => fact.superseded_by !== null)).toMatchObject({
      knowledge: 'The user lives in Munich.',
      superseded_by: current[0]?.id,
    });
  }
});

it('stores an earlier contradiction of a known fact as history, once', () => {
  const [berlin] = remember([[draft('The user lives in Berlin.')]]);
  if (berlin === undefined) throw new Error('no fact');
  const state = emptyState();
  state.userKnowledge.push(berlin);
  const munich = () => draft('The user lives in Munich.', { change: 'outdated', fact_id: berlin.id });
  for (const drafts of [[munich()], [munich()]]) {
    for (const operation of planFacts(state.userKnowledge, drafts, context)) applyOperation(state, operation);
  }
  expect(state.userKnowledge).toMatchObject([
    { knowledge: 'The user lives in Berlin.', superseded_by: null },
    {
      knowledge: 'The user lives in Munich.',
      superseded_by: berlin.id,
      page_ids: [expect.any(String), expect.any(String)],
    },
  ]);
});

it('supersedes the fact that a model names', () => {
  const [dog] = remember([[draft('The user wants a dog.')]]);
  const operations = planFacts(
    dog ? [dog] : [],
    [draft('The user got a dog.', { change: 'supersedes', fact_id: dog?.id ?? null })],
    context,
  );
  const put = operations.flatMap((operation) => (operation.op === 'fact_put' ? [operation.fact] : []));
  expect(put.find((fact) => fact.id === dog?.id)?.superseded_by).toBe(
    put.find((fact) => fact.id !== dog?.id)?.id,
  );
});

it('removes the oldest facts beyond the capacity', () => {
  const many = Array.from({ length: 5 }, (_, i) => draft(`The user read book ${i}.`));
  const facts = remember(
    many.map((one) => [one]),
    { capacityFacts: 3 },
  );
  expect(facts.map((fact) => fact.knowledge)).toEqual([2, 3, 4].map((i) => `The user read book ${i}.`));
  expect(remember([many], { capacityFacts: 3 })).toHaveLength(3);
});

it('removes the oldest facts wherever they stand, as after an import', () => {
  const [one, two] = remember([[draft('The user read book one.')], [draft('The user read book two.')]]);
  const old = one === undefined ? [] : [{ ...one, recorded_at: '2020-01-01T00:00:00.000Z' }];
  const known = [...(two === undefined ? [] : [two]), ...old];
  const operations = planFacts(known, [draft('The user read book three.')], { ...context, capacityFacts: 2 });
  const left = operations.flatMap((operation) =>
    operation.op === 'fact_removed' ? [operation.fact_id] : [],
  );
  expect(left).toEqual([one?.id]);
});

it('makes no new fact of forgotten content, but adds a source to a known one', () => {
  const isForgotten = ({ knowledge }: FactDraft) => knowledge === 'Lives in Bonn.';
  expect(remember([[draft('Lives in Bonn.'), draft('Has a dog.')]], { isForgotten })).toMatchObject([
    { knowledge: 'Has a dog.' },
  ]);
});

/** The facts of one page from two analysers. The second one knows the facts of the first. */
function readTwice(first: readonly [string, string], second: readonly [string, string]): Fact[] {
  const state = emptyState();
  const page_id = newPageId(nowMs);
  for (const [i, { by, read }] of [
    { by: 'builtin', read: first },
    { by: 'gpt', read: second },
  ].entries()) {
    const [knowledge, quote] = read;
    const drafts = [draft(knowledge, { page_id, quote, slot: i === 0 ? 'home' : null })];
    for (const operation of planFacts(state.userKnowledge, drafts, { ...context, analysedBy: by }))
      applyOperation(state, operation);
  }
  return state.userKnowledge;
}

it("keeps one fact when rules and a model read the same words: the model's wording", () => {
  const facts = readTwice(
    ['The user said: "The flat we moved to is in Porto."', 'The flat we moved to is in Porto.'],
    ["The user's flat is in Porto.", 'So: The flat we moved to is in Porto.'],
  );
  expect(facts).toMatchObject([
    {
      knowledge: "The user's flat is in Porto.",
      quote: 'So: The flat we moved to is in Porto.',
      slot: 'home',
      analysed_by: 'gpt',
    },
  ]);
});

it("keeps the rules' fact when the model read fewer of the words", () => {
  const facts = readTwice(
    ['The user is allergic to animals with fur.', "I'm allergic to animals with fur"],
    ['The user is allergic to animals.', "I'm allergic to animals"],
  );
  expect(facts.map((fact) => fact.knowledge)).toContain('The user is allergic to animals with fur.');
});

it('brings back no ended fact when its page is read again', () => {
  const page_id = newPageId(nowMs);
  const golf = draft('The user drives a Golf.', { page_id });
  const facts = remember([
    [golf],
    [draft('The user sold the Golf.', { told_at: '2026-02-01T00:00:00.000Z', change: 'new', ends: [] })],
  ]);
  const [first, second] = facts;
  if (first === undefined || second === undefined) throw new Error('two facts expected');
  const ended = [{ ...first, superseded_by: second.id }, second];
  expect([...planFacts(ended, [golf], context)]).toEqual([]);
});
