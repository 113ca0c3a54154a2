import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, it } from 'vitest';
import { projectOfFolder } from '../../../src/capture/project.js';
import type { AddInput, RetrieveInput } from '../../../src/engine/memory-engine.js';
import type { ProjectSource } from '../../../src/mcp/client-project.js';
import { fakeEngine } from '../../support/fake-engine.js';
import { mcpSession } from '../../support/mcp-session.js';

const ofFolder = (folder: string) => projectOfFolder(folder, '/home/alice');
const exchange = { user_input: 'We use tabs.', agent_response: 'Noted.' };

/** The projects of the exchanges and queries of a session whose client has these roots. */
async function projectsOf(roots: string[] | null, project: ProjectSource, named?: string) {
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: roots === null ? {} : { roots: { listChanged: true } } },
  );
  if (roots !== null) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: roots.map((uri) => ({ uri })) }));
  }
  const asked: (AddInput | RetrieveInput)[] = [];
  const refuse = (input: AddInput | RetrieveInput) => {
    asked.push(input);
    return Promise.reject(new Error('not needed'));
  };
  const session = await mcpSession(fakeEngine({ add: refuse, retrieve: refuse }), { project, client });
  const projects = async () => {
    asked.length = 0;
    await session.call('add_memory', { ...exchange, ...(named && { project: named }) });
    await session.call('retrieve_memory', { query: 'tabs?', ...(named && { project: named }) });
    return asked.map(({ project }) => project);
  };
  return { client, projects, close: session.close };
}

it.each<[string, string[] | null, ProjectSource, string | undefined, string | undefined]>([
  [
    'a root of the client',
    ['file:///home/alice/code/harbor'],
    { configured: null, ofFolder },
    undefined,
    'harbor',
  ],
  [
    'the configuration, before a root',
    ['file:///home/alice/code/harbor'],
    { configured: 'garden', ofFolder },
    undefined,
    'garden',
  ],
  [
    'the call, before everything',
    ['file:///home/alice/code/harbor'],
    { configured: 'garden', ofFolder },
    'stellar',
    'stellar',
  ],
  [
    'nobody, with roots of two projects',
    ['file:///home/alice/harbor', 'file:///home/alice/garden'],
    { configured: null, ofFolder },
    undefined,
    undefined,
  ],
  [
    'nobody, in the home folder',
    ['file:///home/alice'],
    { configured: null, ofFolder },
    undefined,
    undefined,
  ],
  [
    'nobody, with a root that is no folder',
    ['https://example.com/harbor'],
    { configured: null, ofFolder },
    undefined,
    undefined,
  ],
  ['nobody, with a client that has no roots', null, { configured: null, ofFolder }, undefined, undefined],
  [
    'nobody, where the client may run elsewhere',
    ['file:///home/alice/harbor'],
    { configured: null },
    undefined,
    undefined,
  ],
])('the project is named by %s', async (_by, roots, source, named, expected) => {
  const { projects, close } = await projectsOf(roots, source, named);
  expect(await projects()).toEqual([expected, expected]);
  await close();
});

it('changes when the client moves to another folder', async () => {
  const roots = ['file:///home/alice/harbor'];
  const { client, projects, close } = await projectsOf(roots, { configured: null, ofFolder });
  expect(await projects()).toEqual(['harbor', 'harbor']);
  roots[0] = 'file:///home/alice/garden';
  await client.sendRootsListChanged();
  expect(await projects()).toEqual(['garden', 'garden']);
  await close();
});

it('does not wait long for a client that does not report its roots', async () => {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { roots: {} } });
  client.setRequestHandler(ListRootsRequestSchema, () => new Promise(() => undefined));
  let project: string | undefined = 'none asked';
  const engine = fakeEngine({
    async add(input) {
      ({ project } = input);
      throw new Error('not needed');
    },
  });
  const session = await mcpSession(engine, { project: { configured: null, ofFolder }, client });
  await session.call('add_memory', exchange);
  expect(project).toBeUndefined();
  await session.close();
});
