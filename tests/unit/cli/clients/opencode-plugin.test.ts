import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hookFiles } from '../../../../src/cli/clients/hook-files.js';

/** The plugin as `install` writes it, with a hook that records its events and answers with their `moment`. */

let folder: string;
let noted: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'opencode ü '));
  noted = path.join(folder, 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function plugin() {
  const hook = path.join(folder, 'hook.mjs');
  writeFileSync(
    hook,
    `import { appendFileSync, readFileSync } from 'node:fs';
const event = readFileSync(0, 'utf8');
appendFileSync(${JSON.stringify(noted)}, event + '\\n');
process.stdout.write(JSON.stringify({ context: 'context of ' + JSON.parse(event).moment }));
`,
  );
  const place = { platform: process.platform, home: folder, env: {} };
  const [file] = hookFiles('opencode', place, [process.execPath, hook])?.files ?? [];
  const written = path.join(folder, 'memoryos.mjs');
  writeFileSync(written, file?.edit(null) ?? '');
  const { default: loaded } = await import(pathToFileURL(written).href);
  return loaded;
}

function events(): Record<string, unknown>[] {
  try {
    return readFileSync(noted, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

const told = [
  { moment: 'start', session: 's1', folder: '/code/harbor' },
  { moment: 'prompt', session: 's1', folder: '/code/harbor', prompt: 'Which port?' },
  { moment: 'compacting', session: 's1', folder: '/code/harbor' },
  { moment: 'answered', session: 's1', folder: '/code/harbor', answer: 'Let me look.\n\n4173.' },
];

it('in OpenCode 1 passes prompts and answers to the hook, and its context to the model', async () => {
  const part = (text: string, more: object = {}) => ({ type: 'text', text, ...more });
  const said = [
    { info: { role: 'user' }, parts: [part('Which port?')] },
    { info: { role: 'assistant' }, parts: [part('Let me look.'), { type: 'tool', tool: 'read' }] },
    { info: { role: 'assistant' }, parts: [part('4173.'), part('a reminder', { synthetic: true })] },
  ];
  const client = {
    session: {
      get: async ({ path: { id } }: { path: { id: string } }) => ({
        data: id === 'child' ? { parentID: 's1' } : {},
      }),
      messages: async () => ({ data: said }),
    },
  };
  const loaded = await plugin();
  const hooks = await loaded.server({ client, directory: '/code/harbor/src', worktree: '/code/harbor' });
  await hooks['chat.message']({ sessionID: 's1' }, { parts: [part('Which port?')] });
  await hooks['chat.message']({ sessionID: 'child' }, { parts: [part('Search the code.')] });
  const output = { system: ['You are an agent.'] };
  await hooks['experimental.chat.system.transform']({ sessionID: 's1' }, output);
  expect(output.system).toEqual(['You are an agent.', 'context of start', 'context of prompt']);
  await hooks['experimental.session.compacting']({ sessionID: 's1' });
  await hooks.event({ event: { type: 'session.idle', properties: { sessionID: 's1' } } });
  await hooks.event({ event: { type: 'session.idle', properties: { sessionID: 'child' } } });
  expect(events()).toEqual(told);
});

it('in OpenCode 2 passes prompts and answers to the hook, and its context to the model', async () => {
  const hooks: Record<string, (event: object) => Promise<void>> = {};
  const waiting: ((event: object) => void)[] = [];
  const next = () =>
    new Promise<object>((resolve) => {
      waiting.push(resolve);
    });
  const context = {
    session: {
      hook: async (name: string, run: (event: object) => Promise<void>) => {
        hooks[name] = run;
      },
      get: async ({ sessionID }: { sessionID: string }) => ({
        ...(sessionID === 'child' && { parentID: 's1' }),
        location: { directory: '/code/harbor' },
      }),
      context: async () => [
        { type: 'user', text: 'Which port?' },
        {
          type: 'assistant',
          content: [
            { type: 'text', text: 'Let me look.' },
            { type: 'tool', name: 'read' },
          ],
        },
        { type: 'assistant', content: [{ type: 'text', text: '4173.' }] },
      ],
    },
    event: {
      async *subscribe({ signal }: { signal: AbortSignal }) {
        while (!signal.aborted) yield await next();
      },
    },
  };
  const loaded = await plugin();
  expect(loaded.id).toBe('memoryos');
  const end = await loaded.setup(context);
  await hooks.prompt?.({ sessionID: 's1', prompt: { text: 'Which port?' } });
  await hooks.prompt?.({ sessionID: 'child', prompt: { text: 'Search the code.' } });
  const request = { sessionID: 's1', system: [{ type: 'text', text: 'You are an agent.' }] };
  await hooks.context?.(request);
  expect(request.system.map(({ text }) => text)).toEqual([
    'You are an agent.',
    'context of start',
    'context of prompt',
  ]);
  await hooks.compaction?.({ sessionID: 's1' });
  waiting.shift()?.({ type: 'session.execution.started', data: { sessionID: 's1' } });
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  waiting.shift()?.({ type: 'session.execution.succeeded', data: { sessionID: 's1' } });
  await vi.waitFor(() => expect(events()).toEqual(told), { timeout: 10_000 });
  end();
});
