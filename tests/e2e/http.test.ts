import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli-process.js';
import { makeFolder } from '../support/folders.js';
import { startBuiltServer } from '../support/http/built-server.js';
import { bearer, initialize, jsonHeaders, sendTo } from '../support/http/test-server.js';

let folder: string;
let remove: () => Promise<void>;
const children: ChildProcess[] = [];
beforeEach(async () => {
  ({ folder, remove } = await makeFolder());
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await remove();
});

const token = (...args: string[]) => runCli(['--data', folder, 'token', ...args], { cwd: folder });

const serve = (...args: string[]) => startBuiltServer(folder, children, '--data', folder, ...args);

const begin = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  sendTo(url, { method: 'POST', headers: { ...jsonHeaders, ...headers }, body: initialize() });

describe('the built server over HTTP', () => {
  it('accepts tokens of the command line until they are revoked', async () => {
    const created = await token('create', '--user', 'alice', '--name', 'laptop');
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mos_\S+\n$/) });
    const secret = created.stdout.trim();
    const { url, log } = await serve();
    expect((await begin(url)).status).toBe(401);
    expect((await begin(url, bearer(secret))).status).toBe(200);
    const listed = await token('list');
    const [record] = JSON.parse(listed.stdout);
    expect(record).toMatchObject({ user_id: 'alice', name: 'laptop', revoked_at: null });
    expect(listed.stdout).not.toContain(secret.slice(-43));
    expect((await token('revoke', record.token_id)).code).toBe(0);
    expect((await begin(url, bearer(secret))).status).toBe(401);
    expect(log.join('\n')).not.toContain(secret.slice(-43));
  });

  it('does not start when strangers would have access, and says how to create a token', async () => {
    const ended = await runCli(
      ['--data', folder, '--transport', 'http', '--host', '0.0.0.0', '--port', '0'],
      {
        cwd: folder,
      },
    );
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringMatching(/token create --user/) });
  });

  it('reports an address that is in use', async () => {
    const { url } = await serve();
    const ended = await runCli(['--data', folder, '--transport', 'http', '--port', new URL(url).port], {
      cwd: folder,
    });
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringMatching(/--port/) });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops cleanly on %s, and its pages are there after a restart',
    async (signal) => {
      const first = await serve();
      const begun = await begin(first.url);
      const headers = { ...jsonHeaders, 'Mcp-Session-Id': String(begun.headers['mcp-session-id']) };
      const call = (name: string, args: object) => ({
        jsonrpc: '2.0',
        id: name,
        method: 'tools/call',
        params: { name, arguments: args },
      });
      await sendTo(first.url, {
        method: 'POST',
        headers,
        body: call('add_memory', { user_input: 'My cat is called Mimi.', agent_response: '' }),
      });
      first.child.kill(signal);
      expect(await first.exit).toEqual([0, null]);
      const again = await serve();
      const next = await begin(again.url);
      const found = await sendTo(again.url, {
        method: 'POST',
        headers: { ...jsonHeaders, 'Mcp-Session-Id': String(next.headers['mcp-session-id']) },
        body: call('retrieve_memory', { query: 'cat' }),
      });
      expect(found.text).toContain('Mimi');
    },
  );

  it.runIf(process.platform === 'linux')(
    'analyses in a thread with a lower priority than calls',
    async () => {
      const { url, child } = await serve();
      const begun = await begin(url);
      const headers = { ...jsonHeaders, 'Mcp-Session-Id': String(begun.headers['mcp-session-id']) };
      for (let id = 0; id < 12; id += 1) {
        const args = {
          user_input: `My cat is called Mimi, this is note ${id}.`,
          agent_response: 'A fine name.',
        };
        const params = { name: 'add_memory', arguments: args };
        await sendTo(url, {
          method: 'POST',
          headers,
          body: { jsonrpc: '2.0', id, method: 'tools/call', params },
        });
      }
      const niceness = () =>
        readdirSync(`/proc/${child.pid}/task`).map((id) =>
          Number(readFileSync(`/proc/${child.pid}/task/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]),
        );
      await expect.poll(() => niceness().some((nice) => nice > 0)).toBe(true);
    },
  );

  it('requires a user for a token', async () => {
    expect(await token('create')).toMatchObject({ code: 65, stderr: expect.stringMatching(/--user alice/) });
    expect(await token('create', '--user', '../x')).toMatchObject({ code: 78 });
    expect(await token('revoke', '../x')).toMatchObject({ code: 66 });
    expect(await token('revoke')).toMatchObject({ code: 64 });
  });
});
