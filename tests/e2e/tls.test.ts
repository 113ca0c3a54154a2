import type { ChildProcess } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli-process.js';
import { makeFolder } from '../support/folders.js';
import { startBuiltServer } from '../support/http/built-server.js';
import { bearer, initialize, jsonHeaders, sendTo } from '../support/http/test-server.js';

const fixture = (name: string) => new URL(`../support/http/test-only-tls/${name}`, import.meta.url);

let folder: string;
let remove: () => Promise<void>;
const children: ChildProcess[] = [];
beforeEach(async () => {
  ({ folder, remove } = await makeFolder());
  await copyFile(fixture('certificate.pem'), path.join(folder, 'certificate.pem'));
  await copyFile(fixture('private-key.pem'), path.join(folder, 'private-key.pem'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await remove();
});

/** The paths of the configuration are relative to its file. */
async function configured(tls: Readonly<Record<string, string>>): Promise<string> {
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify({ data_storage_path: 'data', ...tls }));
  return file;
}

const ours = { http_tls_cert: 'certificate.pem', http_tls_key: 'private-key.pem' };

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request by a client that trusts this certificate and no other. */
function sendSecurely(url: URL, ca: Buffer | undefined, { method = 'GET', headers, body }: Sent = {}) {
  return new Promise<{ status: number | undefined; session: string; text: string }>((resolve, reject) => {
    const options = { method, agent: false, ...(headers && { headers }), ...(ca && { ca }) };
    const sent = request(url, options, (response) => {
      text(response).then(
        (found) =>
          resolve({
            status: response.statusCode,
            session: String(response.headers['mcp-session-id']),
            text: found,
          }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe('the built server with a certificate', () => {
  it('serves everything over https, and nothing without it', async () => {
    const config = await configured(ours);
    const token = await runCli(['--config', config, 'token', 'create', '--user', 'alice'], { cwd: folder });
    const { url } = await startBuiltServer(folder, children, '--config', config);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const ca = await readFile(fixture('certificate.pem'));
    const health = await sendSecurely(new URL('/healthz', url), ca);
    expect(health).toMatchObject({ status: 200, text: '{"status":"ok"}' });

    const own = { ...jsonHeaders, ...bearer(token.stdout.trim()) };
    const post = (body: unknown, more: Readonly<Record<string, string>> = {}) =>
      sendSecurely(new URL(url), ca, { method: 'POST', headers: { ...own, ...more }, body });
    const begun = await post(initialize());
    expect(begun.status).toBe(200);
    const call = (id: number, name: string, args: object) =>
      post(
        { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } },
        { 'Mcp-Session-Id': begun.session },
      );
    await call(1, 'add_memory', { user_input: 'My cat is called Mimi.', agent_response: '' });
    const found = await call(2, 'retrieve_memory', { query: 'cat' });
    expect(found).toMatchObject({ status: 200, text: expect.stringContaining('Mimi') });
    expect(
      (await sendSecurely(new URL(url), ca, { method: 'POST', headers: jsonHeaders, body: initialize() }))
        .status,
    ).toBe(401);
    const page = await sendSecurely(new URL(url), ca, {
      method: 'POST',
      headers: { ...own, Origin: new URL(url).origin },
      body: initialize(),
    });
    expect(page.status).toBe(200);

    await expect(sendSecurely(new URL('/healthz', url), undefined)).rejects.toThrow(/self.signed/i);
    await expect(sendTo(url.replace('https:', 'http:'), { path: '/healthz' })).rejects.toThrow();
  });

  it.each([
    ['a file that is not there', { ...ours, http_tls_cert: 'none.pem' }, /http_tls_cert: ENOENT.*none\.pem/],
    ['a folder', { ...ours, http_tls_key: '.' }, /http_tls_key: EISDIR/],
    [
      'no certificate',
      { ...ours, http_tls_cert: 'config.json' },
      /http_tls_cert and http_tls_key cannot be used.*PEM/,
    ],
    ['one alone', { http_tls_cert: 'certificate.pem' }, /http_tls_key/],
  ])('reports what is wrong with %s', async (_what, tls, problem) => {
    const config = await configured(tls);
    const ended = await runCli(['--config', config, '--transport', 'http', '--port', '0'], { cwd: folder });
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringMatching(problem) });
  });
});
