import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { layoutOf } from '../../src/adapters/files/layout.js';
import { UserLock } from '../../src/adapters/files/lock/user-lock.js';
import { nodeFiles } from '../../src/lib/io/files.js';
import { toUserId } from '../../src/model/ids.js';
import { cliPath, plainEnv, runCli } from '../support/cli-process.js';
import { sharedCommands } from '../support/command-runner.js';

/** Whatever the input, a hook must not stop the client: exit code 0, JSON on stdout, the reason in the log. */

let folder: string;
let data: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trouble ü '));
  data = path.join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function hook(event: unknown, ...options: string[]): Promise<unknown> {
  const input = typeof event === 'string' ? event : JSON.stringify(event);
  const args = ['hook', 'claude-code', '--data', data, '--user', 'alice', ...options];
  const { code, stdout } = await runCli(args, { input });
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const event = (hook_event_name: string, more: object = {}) => ({
  hook_event_name,
  session_id: 's1',
  cwd: folder,
  ...more,
});

const shared = sharedCommands();

async function pages(): Promise<{ user_input: string; agent_response: string }[]> {
  const { stdout } = await shared(['list', '--json', '--data', data, '--user', 'alice']);
  return JSON.parse(stdout);
}

const turn = (number: number, question: string, answer: string) =>
  [
    {
      type: 'user',
      uuid: `u${number}`,
      sessionId: 's1',
      timestamp: `2026-11-20T09:0${number}:00.000Z`,
      message: { role: 'user', content: question },
    },
    {
      type: 'assistant',
      sessionId: 's1',
      message: { role: 'assistant', content: [{ type: 'text', text: answer }] },
    },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

const readLog = () => readFile(path.join(data, 'hooks', 'hooks.log'), 'utf8').catch(() => '');

it('stores a transcript that is cut off in the middle of a line, and the rest once it is complete', async () => {
  const transcript = path.join(folder, 't.jsonl');
  const whole = turn(1, 'We use tabs.', 'Noted.') + turn(2, 'Deploys are on Monday.', 'I will remember it.');
  await writeFile(transcript, whole.slice(0, -30));
  await hook(event('Stop', { transcript_path: transcript }));
  expect((await pages()).map(({ user_input }) => user_input)).toContain('We use tabs.');
  await writeFile(transcript, whole);
  await hook(event('SessionEnd', { transcript_path: transcript, reason: 'exit' }));
  const stored = await pages();
  expect(stored.map(({ user_input }) => user_input).sort()).toEqual([
    'Deploys are on Monday.',
    'We use tabs.',
  ]);
  expect(stored.find(({ user_input }) => user_input.startsWith('Deploys'))?.agent_response).toBe(
    'I will remember it.',
  );
});

it('reads the end of a transcript of 1 GB in time and with little memory', async () => {
  const transcript = path.join(folder, 'large.jsonl');
  await writeFile(transcript, turn(1, 'This is far back.', 'Yes.'));
  // The file is sparse: nothing is written, and zeros are read.
  await truncate(transcript, 1024 ** 3);
  const file = await open(transcript, 'a');
  await file.write(`\n${turn(2, 'The port is 4173.', 'Noted: 4173.')}`);
  await file.close();
  expect((await stat(transcript)).size).toBeGreaterThan(1024 ** 3);
  await hook(event('SessionEnd', { transcript_path: transcript, reason: 'exit' }));
  expect(await readLog()).toBe('');
  expect(await pages()).toMatchObject([{ user_input: 'The port is 4173.', agent_response: 'Noted: 4173.' }]);
});

it('keeps a limited text of a prompt of 10 MB', async () => {
  const prompt = `Our port is 4173. ${'word '.repeat(2_000_000)}That was the port.`;
  await hook(event('UserPromptSubmit', { prompt }));
  await hook(event('Stop', { last_assistant_message: 'Noted.' }));
  const [page] = await pages();
  expect(page?.user_input.length).toBeLessThan(20_000);
  expect(page?.user_input).toMatch(/^Our port is 4173\..*That was the port\.$/s);
});

it('ends when nothing arrives on standard input, and when it is closed at once', async () => {
  const child = spawn(process.execPath, [cliPath, 'hook', 'claude-code', '--data', data], {
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(await readLog()).toContain('Standard input is empty');
});

it('continues with an invalid configuration, and logs the reason in the usual folder', async () => {
  const file = path.join(folder, 'config.json');
  await writeFile(file, '{"user_id": ');
  expect(await hook(event('UserPromptSubmit', { prompt: 'Which port?' }), '--config', file)).toEqual({});
  expect(await readLog()).toContain('config.json');
});

it('uses the database when the memory is in one, and continues when it is unavailable', async () => {
  const file = path.join(folder, 'config.json');
  await writeFile(
    file,
    JSON.stringify({ store: 'postgres', database_url: 'postgres://nobody@127.0.0.1:1/none' }),
  );
  const prompt = event('UserPromptSubmit', { prompt: 'Which port do we use?' });
  expect(await hook(prompt, '--config', file)).toEqual({});
  expect(await readLog()).toMatch(/"client":"claude-code","message":"[^"]*(ECONNREFUSED|database|postgres)/i);
});

it.each([
  ['UserPromptSubmit', { prompt: 'Which port do we use?' }],
  ['SessionStart', { source: 'startup' }],
  ['Stop', { last_assistant_message: 'Noted.' }],
])('continues at %s with a broken memory; doctor reports the reason', async (name, more) => {
  const user = path.join(data, 'users', 'alice');
  await mkdir(user, { recursive: true });
  await hook({ ...event('UserPromptSubmit', { prompt: 'We use tabs.' }), session_id: 's0' });
  await writeFile(path.join(user, 'short_term.json'), '{"schema_version": 999}');
  await hook(event('UserPromptSubmit', { prompt: 'Which port?' }));
  await rm(path.join(data, 'hooks', 'hooks.log'), { force: true });
  expect(await hook(event(name, more))).toEqual({});
  expect(await readLog()).toMatch(/schema_version|newer/);
  const { stdout } = await shared(['doctor', '--offline', '--json', '--data', data, '--user', 'alice'], {
    env: { HOME: folder, USERPROFILE: folder },
  });
  const findings: { check: string; message: string }[] = JSON.parse(stdout);
  expect(findings.find(({ check }) => check === 'hooks')?.message).toMatch(
    /claude-code.*(newer|schema_version)/s,
  );
});

it('answers a prompt at once while another process locks the memory, and stores once it is free', async () => {
  await hook(event('UserPromptSubmit', { prompt: 'Our deploy script lives in tools/ship.sh.' }));
  await hook(event('Stop', { last_assistant_message: 'Noted.' }));
  const layout = layoutOf(data, toUserId('alice'));
  const [journal = ''] = (await readdir(layout.root)).filter((name) => /^journal\.\d+\.jsonl$/.test(name));
  const lock = new UserLock(nodeFiles, layout, { lockWaitMs: 1000, takeOverAfterMs: 2500 });
  const held = await lock.take(Number(journal.split('.')[1]), 0);
  expect(held).not.toBeNull();

  const answer = await hook({
    ...event('UserPromptSubmit', { prompt: 'Where is the deploy script?' }),
    session_id: 's2',
  });
  expect(JSON.stringify(answer)).toContain('tools/ship.sh');
  // A process that keeps the lock without a change counts as hanging.
  await hook({ ...event('Stop', { last_assistant_message: 'In tools/ship.sh.' }), session_id: 's2' });
  expect((await pages()).map(({ agent_response }) => agent_response)).toContain('In tools/ship.sh.');
  await held?.release();
});

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'lets the client continue when the data folder is read-only',
  async () => {
    await mkdir(data, { mode: 0o500 });
    expect(await hook(event('UserPromptSubmit', { prompt: 'Which port?' }))).toEqual({});
  },
);
