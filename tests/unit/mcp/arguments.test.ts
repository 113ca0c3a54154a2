import { afterEach, describe, expect, it } from 'vitest';
import type { AddInput, ForgetInput, RetrieveInput } from '../../../src/engine/memory-engine.js';
import { newPageId } from '../../../src/model/ids.js';
import { fakeEngine } from '../../support/fake-engine.js';
import { type McpSession, mcpSession, textOf } from '../../support/mcp-session.js';

const id = newPageId(1_772_000_000_000);
const stop = new Error('seen');

let session: McpSession;
afterEach(() => session.close());

/** The call of the engine that the server makes of a tool call. */
async function asked(tool: string, args: Record<string, unknown>): Promise<unknown> {
  let seen: AddInput | ForgetInput | RetrieveInput | undefined;
  const take = (input: typeof seen) => {
    seen = input;
    throw stop;
  };
  session = await mcpSession(
    fakeEngine({ add: async (i) => take(i), retrieve: async (i) => take(i), forget: async (i) => take(i) }),
  );
  const result = await session.call(tool, args);
  if (seen === undefined) throw new Error(textOf(result));
  return seen;
}

describe('arguments as clients send them', () => {
  it.each([
    ['retrieve_memory', { query: 'q', max_results: '5' }, { maxResults: 5 }],
    [
      'retrieve_memory',
      { query: 'q', max_results: ' 5 ', max_tokens: '800' },
      { maxResults: 5, maxTokens: 800 },
    ],
    ['retrieve_memory', { query: '5' }, { query: '5' }],
    ['retrieve_memory', { query: 'true' }, { query: 'true' }],
    ['forget_memory', { page_ids: id }, { pageIds: [id], confirm: false }],
    ['forget_memory', { page_ids: `${id}, ${id}` }, { pageIds: [id, id] }],
    ['forget_memory', { page_ids: JSON.stringify([id]), confirm: 'true' }, { pageIds: [id], confirm: true }],
    [
      'forget_memory',
      { before: '2020-01-01', page_ids: [], fact_ids: [] },
      { before: '2020-01-01', pageIds: undefined },
    ],
    ['forget_memory', { page_ids: [id], confirm: 'False' }, { confirm: false }],
    ['add_memory', { user_input: '{"a":1}', agent_response: '' }, { userInput: '{"a":1}' }],
    ['add_memory', { user_input: 'a', agent_response: 'b', meta_data: '{"a":1}' }, { metaData: { a: 1 } }],
  ])('%s %j is understood', async (tool, args, meant) => {
    expect(await asked(tool, args)).toMatchObject(meant);
  });

  it.each([
    ['add_memory', { user_input: 'a', agent_response: 'b', meta_data: '[1]' }],
    ['add_memory', { user_input: 'a', agent_response: 'b', meta_data: '{"a":' }],
    ['forget_memory', { page_ids: [id], confirm: 'yes' }],
    ['forget_memory', { page_ids: id, Before: '2020-01-01' }],
    ['retrieve_memory', { query: 'q', max_results: '1e3' }],
  ])('%s %j is refused', async (tool, args) => {
    await expect(asked(tool, args)).rejects.toThrow('INPUT_INVALID');
  });

  it('that do not exist are ignored with a notice that names the most similar one', async () => {
    session = await mcpSession(
      fakeEngine({
        add: async () => ({
          status: 'success',
          message: 'Stored.',
          page_id: id,
          timestamp: '2026-03-01T10:00:00.000Z',
          short_term_count: 1,
        }),
      }),
    );
    const args = { user_input: 'a', agent_response: 'b', timestmp: '2020-01-01', foo: 1 };
    expect((await session.call('add_memory', args)).structuredContent).toMatchObject({
      status: 'success',
      notices: [
        'Ignored timestmp: unknown parameter; the nearest one is timestamp.',
        'Ignored foo: unknown parameter; there are user_input, agent_response, timestamp, meta_data, facts, project.',
      ],
    });
  });
});
