import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hookAdapters } from '../../../../src/capture/hooks/adapters.js';
import { answerHook } from '../../../../src/capture/hooks/answer-hook.js';
import type { FittingQuestion } from '../../../../src/capture/hooks/hook-memory.js';
import { SessionNotes } from '../../../../src/capture/hooks/session-notes.js';
import type { Exchange } from '../../../../src/model/exchange.js';

let folder: string;
let stored: Map<string, Exchange>;
let asked: FittingQuestion[];
let opened: (string | null)[];
let nowMs: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hooks-'));
  stored = new Map();
  asked = [];
  opened = [];
  nowMs = Date.parse('2026-11-20T09:00:00Z');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the hook as a new process would: only the notes are kept between calls. */
async function hook(client: string, event: object): Promise<unknown> {
  const adapter = hookAdapters.get(client);
  if (adapter === undefined) throw new Error(client);
  nowMs += 1000;
  const text = await answerHook(adapter, event, {
    memory: {
      opening: async ({ project }) => {
        opened.push(project);
        return { text: 'opening', ids: ['pg_0'] };
      },
      fitting: async (question) => {
        asked.push(question);
        return { text: 'fitting', ids: [`pg_${asked.length}`] };
      },
      store: async (exchanges) => {
        for (const exchange of exchanges) {
          if (!stored.has(exchange.key)) stored.set(exchange.key, exchange);
        }
      },
    },
    notes: new SessionNotes(path.join(folder, 'notes')),
    place: { home: folder, env: {} },
    project: null,
    nowMs,
  });
  return JSON.parse(text);
}

const said = () => [...stored.values()].map(({ userInput, agentResponse }) => [userInput, agentResponse]);
const jsonl = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const user = (uuid: string, text: string) => ({
  type: 'user',
  uuid,
  sessionId: 's1',
  timestamp: `2026-11-20T09:00:0${uuid.slice(1)}.000Z`,
  message: { role: 'user', content: text },
});
const agent = (...content: object[]) => ({
  type: 'assistant',
  sessionId: 's1',
  message: { role: 'assistant', content },
});
const text = (value: string) => ({ type: 'text', text: value });
const stop = (transcript: string | null, last: string | null = null) => ({
  hook_event_name: 'Stop',
  session_id: 's1',
  cwd: folder,
  transcript_path: transcript,
  last_assistant_message: last,
});

it('stores an exchange once, from the new part of the transcript, without tool output', async () => {
  const file = path.join(folder, 't.jsonl');
  await writeFile(
    file,
    jsonl([
      user('u1', 'Why is the build red?<system-reminder>secret plan</system-reminder>'),
      agent(text('I look at it.'), { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'make' } }),
      { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't1', content: 'noise' }] } },
      agent({ type: 'thinking', thinking: 'hm' }, text('A missing comma.')),
    ]),
  );
  await hook('claude-code', stop(file));
  await hook('claude-code', stop(file));
  expect(said()).toEqual([['Why is the build red?', 'I look at it.\n\nA missing comma.']]);
  await appendFile(file, jsonl([user('u2', 'Then mend it.'), agent(text('Mended.'))]));
  await hook('claude-code', stop(file));
  await hook('claude-code', { hook_event_name: 'SessionEnd', session_id: 's1', transcript_path: file });
  expect(said().slice(1)).toEqual([['Then mend it.', 'Mended.']]);
});

it('does not read a part of the transcript again, so that forgotten content does not come back', async () => {
  const file = path.join(folder, 't.jsonl');
  await writeFile(file, jsonl([user('u1', 'One'), agent(text('1'))]));
  await hook('claude-code', stop(file));
  stored.clear();
  await appendFile(file, jsonl([user('u2', 'Two'), agent(text('2'))]));
  await hook('claude-code', stop(file));
  expect(said()).toEqual([['Two', '2']]);
});

it('takes the last message from the event while the transcript is still being written', async () => {
  const file = path.join(folder, 't.jsonl');
  const last = JSON.stringify(agent(text('Mended.')));
  await writeFile(file, jsonl([user('u1', 'Mend it.')]) + last.slice(0, 30));
  await hook('claude-code', stop(file, 'Mended.'));
  expect(said()).toEqual([['Mend it.', 'Mended.']]);
  await appendFile(file, `${last.slice(30)}\n`);
  await hook('claude-code', stop(file, 'Mended.'));
  expect(said()).toEqual([['Mend it.', 'Mended.']]);
});

it('stores once from the events when the transcript lacks the prompt', async () => {
  const file = path.join(folder, 't.jsonl');
  await writeFile(file, '');
  await hook('claude-code', {
    hook_event_name: 'UserPromptSubmit',
    session_id: 's1',
    cwd: folder,
    prompt: 'Mend it.',
  });
  await hook('claude-code', stop(file, 'Mended.'));
  await appendFile(file, jsonl([user('u1', 'Mend it.'), agent(text('Mended.'))]));
  await appendFile(file, jsonl([user('u2', 'Thanks.'), agent(text('Gladly.'))]));
  await hook('claude-code', stop(file, 'Gladly.'));
  expect(said()).toEqual([
    ['Mend it.', 'Mended.'],
    ['Thanks.', 'Gladly.'],
  ]);
});

it('stores an unfinished answer later when a session is compacted', async () => {
  const file = path.join(folder, 't.jsonl');
  await writeFile(
    file,
    jsonl([user('u1', 'One'), agent(text('1')), user('u2', 'Two'), agent(text('so far'))]),
  );
  await hook('claude-code', { hook_event_name: 'PreCompact', session_id: 's1', transcript_path: file });
  expect(said()).toEqual([['One', '1']]);
  await appendFile(file, jsonl([agent(text('and done'))]));
  await hook('claude-code', stop(file));
  expect(said()[1]).toEqual(['Two', 'so far\n\nand done']);
});

it('stores the prompt when a session ends without an answer', async () => {
  await hook('gemini', {
    hook_event_name: 'BeforeAgent',
    session_id: 's1',
    cwd: folder,
    prompt: 'Note: tea',
  });
  await hook('gemini', { hook_event_name: 'SessionEnd', session_id: 's1', cwd: folder, reason: 'exit' });
  await hook('gemini', { hook_event_name: 'SessionEnd', session_id: 's1', cwd: folder, reason: 'exit' });
  expect(said()).toEqual([['Note: tea', '']]);
});

it('stores once an answer that a client reports twice, and stores a repeated prompt again', async () => {
  const common = { session_id: 's1', cwd: folder, prompt: 'continue' };
  const ask = () => hook('gemini', { ...common, hook_event_name: 'BeforeAgent' });
  const tell = () => hook('gemini', { ...common, hook_event_name: 'AfterAgent', prompt_response: 'Done.' });
  await ask();
  await tell();
  await tell();
  expect(said()).toEqual([['continue', 'Done.']]);
  await ask();
  await tell();
  expect(said()).toHaveLength(2);
});

it('joins the messages of one answer, whether or not the client says that it has ended', async () => {
  const common = { conversation_id: 'c1', workspace_roots: [folder] };
  const say = (name: string, more: object) => hook('cursor', { ...common, hook_event_name: name, ...more });
  await say('beforeSubmitPrompt', { prompt: 'First' });
  await say('afterAgentResponse', { text: 'I look.' });
  await say('afterAgentResponse', { text: 'Found.' });
  await say('stop', { status: 'completed' });
  await say('beforeSubmitPrompt', { prompt: 'Second' });
  await say('afterAgentResponse', { text: 'Yes.' });
  await say('beforeSubmitPrompt', { prompt: 'Third' });
  await say('sessionEnd', {});
  expect(said()).toEqual([
    ['First', 'I look.\n\nFound.'],
    ['Second', 'Yes.'],
    ['Third', ''],
  ]);
});

it('names the project by repository, otherwise by folder, and none in the home folder', async () => {
  const repository = path.join(folder, 'orchard');
  await mkdir(path.join(repository, '.git'), { recursive: true });
  await mkdir(path.join(repository, 'src', 'deep'), { recursive: true });
  await mkdir(path.join(folder, 'loose'));
  const start = (cwd: string) =>
    hook('claude-code', { hook_event_name: 'SessionStart', session_id: 's', cwd });
  await start(path.join(repository, 'src', 'deep'));
  await start(path.join(folder, 'loose'));
  await start(folder);
  expect(opened).toEqual(['orchard', 'loose', null]);
});

it('writes no private text and no secret into its notes, and still finds the prompt in the transcript', async () => {
  const file = path.join(folder, 't.jsonl');
  const prompt = 'Use password=kV9xQ2mTz7Lp4Rw8 here, <private>my PIN is 4711</private> please.';
  const common = { session_id: 's1', cwd: folder, transcript_path: file };
  await writeFile(file, '');
  await hook('claude-code', { ...common, hook_event_name: 'UserPromptSubmit', prompt });
  const [name = ''] = await readdir(path.join(folder, 'notes'));
  const notes = await readFile(path.join(folder, 'notes', name), 'utf8');
  expect(notes).not.toMatch(/4711|kV9xQ2mTz7Lp4Rw8/);
  await writeFile(file, jsonl([user('u1', prompt), agent(text('Working on it.')), agent(text('Done.'))]));
  await hook('claude-code', stop(file, 'Done.'));
  // The memory itself removes secrets before it stores.
  expect(said()).toEqual([[prompt, 'Working on it.\n\nDone.']]);
});

it('does not show a session the same memories twice, until it starts again', async () => {
  const prompt = { hook_event_name: 'UserPromptSubmit', session_id: 's1', cwd: folder, prompt: 'Watering?' };
  await hook('claude-code', prompt);
  await hook('claude-code', prompt);
  await hook('claude-code', {
    hook_event_name: 'SessionStart',
    session_id: 's1',
    cwd: folder,
    source: 'compact',
  });
  await hook('claude-code', prompt);
  expect(asked.map(({ shown }) => [...shown])).toEqual([[], ['pg_1'], ['pg_0']]);
});

it("leaves out our own context, which Gemini CLI puts before the user's words", async () => {
  const prompt =
    '<hook_context>Latest exchanges in the project a:\n- We use tabs.</hook_context>\n\nWhich port?';
  const event = { session_id: 's1', cwd: folder, prompt };
  await hook('gemini', { ...event, hook_event_name: 'BeforeAgent' });
  await hook('gemini', { ...event, hook_event_name: 'AfterAgent', prompt_response: '4173.' });
  expect(asked.map((question) => question.prompt)).toEqual(['Which port?']);
  expect(said()).toEqual([['Which port?', '4173.']]);
});

it('asks with a short question and keeps a limited text of a prompt of 10 MB', async () => {
  const long = `${'word '.repeat(2_000_000)}What about the orchard?`;
  await hook('gemini', { hook_event_name: 'BeforeAgent', session_id: 's1', cwd: folder, prompt: long });
  await hook('gemini', {
    hook_event_name: 'AfterAgent',
    session_id: 's1',
    cwd: folder,
    prompt: long,
    prompt_response: 'Fine.',
  });
  expect(asked[0]?.prompt.length).toBeLessThan(5_000);
  expect(asked[0]?.prompt).toContain('orchard');
  const [[kept] = []] = said();
  expect(kept?.length).toBeLessThan(20_000);
  expect(kept).toContain('What about the orchard?');
});

it('uses the events when the transcript cannot be read', async () => {
  await hook('codex', { hook_event_name: 'UserPromptSubmit', session_id: 's1', cwd: folder, prompt: 'One' });
  await hook('codex', stop(path.join(folder, 'gone.jsonl'), '1'));
  expect(said()).toEqual([['One', '1']]);
});

it('reads a transcript in UTF-16 and skips lines of a newer version', async () => {
  const file = path.join(folder, 't.jsonl');
  const lines = jsonl([
    { type: 'of-2029', strange: [1] },
    user('u1', 'Grüße aus Köln'),
    { type: 'assistant', message: 7 },
    agent(text('Schön.'), { type: 'hologram' }),
  ]);
  await writeFile(file, Buffer.from(`\uFEFF${lines}`, 'utf16le'));
  await hook('claude-code', stop(file));
  expect(said()).toEqual([['Grüße aus Köln', 'Schön.']]);
});

it('shortens long code in an answer and keeps the prose', async () => {
  const diff = Array.from({ length: 200 }, (_, i) => `+ line ${i}`).join('\n');
  await hook('gemini', {
    hook_event_name: 'AfterAgent',
    session_id: 's1',
    cwd: folder,
    prompt: 'Do it',
    prompt_response: `Before.\n\`\`\`diff\n${diff}\n\`\`\`\nAfter.`,
  });
  const [[, answer] = []] = said();
  expect(answer).toMatch(/^Before\.[\s\S]*188 lines omitted[\s\S]*After\.$/);
  expect(answer).not.toContain('line 150');
});
