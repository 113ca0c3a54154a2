import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliPath, plainEnv, runCli } from '../support/cli-process.js';
import { makeFolder } from '../support/folders.js';
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

async function serve(...args: string[]) {
  const child = spawn(
    process.execPath,
    [cliPath, '--data', folder, '--transport', 'http', '--port', '0', ...args],
    { cwd: folder, env: plainEnv(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  const log: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${log.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const found = /Serving MCP over HTTP at (\S+?)"/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, url, log, exit: once(child, 'exit') };
}

const begin = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  sendTo(url, { method: 'POST', headers: { ...jsonHeaders, ...headers }, body: initialize() });

describe('the built server over HTTP', () => {
  it('takes tokens of the command line, and no more once they are revoked', async () => {
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

  it('does not start for strangers, and says how to make a token', async () => {
    const ended = await runCli(
      ['--data', folder, '--transport', 'http', '--host', '0.0.0.0', '--port', '0'],
      {
        cwd: folder,
      },
    );
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringMatching(/token create --user/) });
  });

  it('says what is wrong with an address that is taken', async () => {
    const { url } = await serve();
    const ended = await runCli(['--data', folder, '--transport', 'http', '--port', new URL(url).port], {
      cwd: folder,
    });
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringMatching(/--port/) });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'leaves in order on %s, and what was told is there again',
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

  it('wants a user for a token', async () => {
    expect(await token('create')).toMatchObject({ code: 65, stderr: expect.stringMatching(/--user alice/) });
    expect(await token('create', '--user', '../x')).toMatchObject({ code: 78 });
    expect(await token('revoke', '../x')).toMatchObject({ code: 66 });
    expect(await token('revoke')).toMatchObject({ code: 64 });
  });
});
