import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { createBuiltinAnalyser } from '../../../src/analysis/builtin/builtin-analyser.js';
import { UserMemory } from '../../../src/engine/user-memory.js';
import { toAssistantId, toUserId } from '../../../src/model/ids.js';
import { originKey } from '../../../src/model/page.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../support/engine-settings.js';
import { onStore } from '../../support/on-store.js';

let engine: UserMemory;

beforeEach(async () => {
  engine = new UserMemory({
    ...onStore(await createInMemoryStore().open(toUserId('alice'))),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    chatModel: null,
    clock: { now: () => Date.parse('2026-06-01T12:00:00Z') },
    settings: engineSettings(),
    assistantId: toAssistantId('helper'),
    report: () => undefined,
    notices: [],
  });
});
afterEach(() => engine.close());

const captured = (
  key: string,
  userInput: string,
  agentResponse: string,
  timestamp = '2026-06-01T11:58:00Z',
) =>
  engine.add({
    key,
    userInput,
    agentResponse,
    timestamp,
    metaData: { [originKey]: { by: 'hook', client: 'claude-code' } },
  });
const pages = async () => {
  const { short_term, mid_term } = await engine.stats();
  return short_term.pages + mid_term.pages;
};

const question = 'Please rename the irrigation table to watering everywhere.';
const answer = 'I renamed the table in the schema, wrote a migration and changed the three queries.';

describe('an exchange that comes with a key', () => {
  it('is stored once, with the same id', async () => {
    const first = await captured('s1/1', question, answer);
    const again = await captured('s1/1', question, 'Another text');
    expect(again.page_id).toBe(first.page_id);
    expect(again.message).toBe('This exchange was already stored.');
    expect(await pages()).toBe(1);
  });

  it('is stored again under another key, even with the same text', async () => {
    await captured('s1/1', 'continue', 'Done.');
    await captured('s1/2', 'continue', 'Done.', '2026-06-01T11:59:00Z');
    expect(await pages()).toBe(2);
  });

  it('is one page with the exchange the agent stored itself, whichever came first', async () => {
    const own = await engine.add({ userInput: question, agentResponse: 'I renamed the table.' });
    const hook = await captured('s1/1', question, answer);
    expect(hook.page_id).toBe(own.page_id);
    const other = await captured('s1/2', 'Which port does the dev server use by default here?', 'Port 4173.');
    const late = await engine.add({
      userInput: 'Which port does the dev server use by default here?',
      agentResponse: 'It uses port 4173.',
    });
    expect(late.page_id).toBe(other.page_id);
    expect(await pages()).toBe(2);
  });

  it('is another page when a long text of another client contains the words of a short one', async () => {
    await captured('s1/1', question, answer);
    const long = `${question} Then sort the list of plants, and tell me which of them need water in winter.`;
    const origin = (client: string) => ({ metaData: { [originKey]: { by: 'hook', client } } });
    const timestamp = '2026-06-01T11:59:00Z';
    await engine.add({
      key: 's2/1',
      userInput: long,
      agentResponse: 'Done.',
      timestamp,
      ...origin('gemini'),
    });
    expect(await pages()).toBe(2);
    await engine.add({
      key: 's3/1',
      userInput: question,
      agentResponse: answer,
      timestamp,
      ...origin('cursor'),
    });
    expect(await pages()).toBe(2);
  });

  it('is another page when a short text had another answer, or much later', async () => {
    await engine.add({ userInput: 'Go on', agentResponse: 'The tests pass now.' });
    await captured('s1/1', 'Go on', 'I deleted the old folder.');
    await engine.add({ userInput: question, agentResponse: answer });
    await captured('s1/2', question, answer, '2026-05-20T11:58:00Z');
    expect(await pages()).toBe(4);
  });
});

it('does not search the ids of sessions', async () => {
  await engine.add({
    userInput: 'The gate is green.',
    agentResponse: 'Noted.',
    metaData: { [originKey]: { session: 'zyxwvut' }, project: 'orchard' },
  });
  const words = async (query: string) =>
    (await engine.retrieve({ query, shortTerm: false, relevanceMin: 0, explain: true })).retrieved_pages.map(
      ({ signals }) => signals?.words ?? 0,
    );
  expect((await words('zyxwvut'))[0] ?? 0).toBe(0);
  expect((await words('orchard'))[0]).toBeGreaterThan(0);
});
