import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RawServer, runCli } from '../support/cli-process.js';
import { startBuiltServer } from '../support/http/built-server.js';

let folder: string;
let data: string;
let servers: RawServer[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hook ä '));
  data = path.join(folder, 'data');
  servers = [];
});
afterEach(async () => {
  for (const { child } of servers) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function hook(event: unknown, client = 'claude-code') {
  const input = typeof event === 'string' ? event : JSON.stringify(event);
  const { code, stdout, stderr } = await runCli(['hook', client, '--data', data, '--user', 'alice'], {
    input,
  });
  expect(code).toBe(0);
  return { answer: JSON.parse(stdout), stderr };
}

async function serve(): Promise<RawServer> {
  const server = new RawServer(['--data', data, '--user', 'alice']);
  servers.push(server);
  await server.initialize();
  server.send({ id: 1, method: 'tools/list' });
  await server.answerTo(1);
  return server;
}

const socketFile = async () => {
  const name = (await readdir(path.join(data, 'hooks')).catch(() => [])).find((file) =>
    file.startsWith('socket-'),
  );
  return name === undefined ? null : JSON.parse(await readFile(path.join(data, 'hooks', name), 'utf8'));
};
const prompt = (session: string, text: string) => ({
  hook_event_name: 'UserPromptSubmit',
  session_id: session,
  cwd: folder,
  prompt: text,
});
const stop = (session: string, answer: string) => ({
  hook_event_name: 'Stop',
  session_id: session,
  cwd: folder,
  last_assistant_message: answer,
});
const context = ({ answer }: { answer: { hookSpecificOutput?: { additionalContext: string } } }) =>
  answer.hookSpecificOutput?.additionalContext ?? '';

it('remembers without a request, with a running server and without one', async () => {
  await hook(prompt('s1', 'Our deploy script lives in tools/ship.sh and needs the staging token.'));
  await hook(stop('s1', 'I will use tools/ship.sh for deploys.'));
  expect(context(await hook(prompt('s2', 'Where is the deploy script?')))).toContain('tools/ship.sh');

  const first = await serve();
  await expect.poll(socketFile).toMatchObject({ pid: first.child.pid });
  expect(context(await hook(prompt('s3', 'Where is the deploy script?')))).toContain('tools/ship.sh');
  await hook(stop('s3', 'In tools/ship.sh.'));

  // A second server takes the socket over when the first one is killed.
  const second = await serve();
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  expect(context(await hook(prompt('s4', 'Which token does the deploy script need?')))).toContain(
    'staging token',
  );
  await expect.poll(socketFile).toMatchObject({ pid: second.child.pid });
  second.child.stdin.end();
  await second.ended;
  expect(await socketFile()).toBeNull();

  const { stdout } = await runCli(['stats', '--json', '--data', data, '--user', 'alice']);
  expect(JSON.parse(stdout).short_term.pages).toBe(2);
});

it('also queries a server over HTTP about the memory of its configuration', async () => {
  const children: ChildProcess[] = [];
  const { child } = await startBuiltServer(folder, children, '--data', data, '--user', 'alice');
  try {
    await expect.poll(socketFile).toMatchObject({ pid: child.pid });
    await hook(prompt('s1', 'Our deploy script lives in tools/ship.sh.'));
    await hook(stop('s1', 'I will use it.'));
    // The server stores it, because its memory was already open.
    expect(context(await hook(prompt('s2', 'Where is the deploy script?')))).toContain('tools/ship.sh');
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(await socketFile()).toBeNull();
  } finally {
    child.kill('SIGKILL');
  }
});

it('refuses a caller without the secret of the socket', async () => {
  await serve();
  await expect.poll(socketFile).not.toBeNull();
  const found = await socketFile();
  const name = (await readdir(path.join(data, 'hooks'))).find((file) => file.startsWith('socket-')) ?? '';
  await writeFile(path.join(data, 'hooks', name), JSON.stringify({ ...found, secret: 'wrong' }));
  const { answerOf } = await import('../support/hook-socket.js');
  expect(
    await answerOf(found.address, { secret: 'wrong', client: 'claude-code', event: '{}', project: null }),
  ).toBe('');
  expect(
    await answerOf(found.address, {
      secret: found.secret,
      client: 'claude-code',
      event: JSON.stringify({ hook_event_name: 'Other', session_id: 's' }),
      project: null,
    }),
  ).toBe('{}');
});

it.each([
  ['no event', ''],
  ['no JSON', 'hello'],
  ['an event without its form', '{"hook_event_name":5}'],
  ['an event of no concern', '{"hook_event_name":"PostToolUse","session_id":"s"}'],
])('continues with %s', async (_name, event) => {
  expect((await hook(event)).answer).toEqual({});
});

it('continues for an unknown client and with wrong options', async () => {
  expect((await hook('{}', 'emacs')).answer).toEqual({});
  const { code, stdout } = await runCli(['hook', 'claude-code', '--wrong'], { input: '{}' });
  expect([code, stdout]).toEqual([0, '{}']);
});

it('continues with a memory that cannot be opened, and logs the reason', async () => {
  await mkdir(path.join(data, 'users', 'alice'), { recursive: true });
  await writeFile(path.join(data, 'users', 'alice', 'short_term.json'), '{"schema_version":999}');
  expect((await hook(prompt('s1', 'Where is the deploy script?'))).answer).toEqual({});
  const log = await readFile(path.join(data, 'hooks', 'hooks.log'), 'utf8');
  expect(log).toContain('"client":"claude-code"');
  expect(log).not.toContain('deploy script');
});
