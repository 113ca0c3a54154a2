import type { Client } from '@modelcontextprotocol/client';
import { expect } from 'vitest';

const calls: Record<string, Record<string, unknown>> = {
  add_memory: { user_input: 'My sister Klara plays the oboe', agent_response: 'Lovely!' },
  retrieve_memory: { query: 'Which instrument does Klara play?' },
  get_user_profile: {},
  update_memory: { fact: 'The user has a sister named Klara.' },
  consolidate_memory: {},
  forget_memory: { before: '2001-01-01' },
  get_memory_stats: {},
};

/** Calls every tool, reads every resource and gets every prompt. */
export async function exerciseSurface(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual(Object.keys(calls).sort());
  for (const [name, args] of Object.entries(calls)) {
    const result = await client.callTool({ name, arguments: args });
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    expect(result.structuredContent).toMatchObject({ status: 'success' });
  }
  const wrong = await client.callTool({ name: 'retrieve_memory', arguments: { qery: 'x' } });
  expect(wrong.isError).toBe(true);

  const { resources } = await client.listResources();
  expect(resources.length).toBeGreaterThanOrEqual(4);
  for (const { uri } of resources) {
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
  }
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates).toHaveLength(1);

  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(['recall', 'save_conversation']);
  const recalled = await client.getPrompt({ name: 'recall', arguments: { topic: 'Klara' } });
  expect(JSON.stringify(recalled.messages)).toContain('oboe');
  await client.complete({
    ref: { type: 'ref/prompt', name: 'recall' },
    argument: { name: 'topic', value: 'o' },
  });
  // The revision 2026-07-28 has no ping.
  if (client.getProtocolEra() === 'legacy') await client.ping();
}
