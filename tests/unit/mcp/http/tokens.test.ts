import { describe, expect, it } from 'vitest';
import { revokeToken, tokensIn } from '../../../../src/app/tokens/tokens.js';
import { openStream } from '../../../support/http/event-stream.js';
import {
  bearer,
  initialize,
  jsonHeaders,
  serversOfTests,
  type TestServer,
  testServer,
} from '../../../support/http/test-server.js';

const start = serversOfTests();

const begin = (server: TestServer, headers: Readonly<Record<string, string>> = {}) =>
  server.send({ method: 'POST', headers: { ...jsonHeaders, ...headers }, body: initialize() });

describe('over loopback', () => {
  it('no token is needed, and the memory is that of the configured user', async () => {
    const server = await start();
    const session = await server.begin();
    const stats = await session.call('get_memory_stats', {});
    expect(stats.json.result.structuredContent.user_id).toBe('local');
  });

  it('an invalid token is refused, not treated as a missing one', async () => {
    const server = await start();
    for (const Authorization of ['', 'Basic bG9jYWw6', 'Bearer', 'Bearer a b', 'mos_x'])
      expect((await begin(server, { Authorization })).status, Authorization).toBe(401);
  });

  it('a token is needed once tokens exist, also in open sessions', async () => {
    const server = await start();
    const session = await server.begin();
    const stream = await openStream(server.url, { headers: session.headers });
    await server.token('alice');
    expect((await session.send({ id: 1, method: 'ping' })).status).toBe(401);
    expect((await begin(server)).status).toBe(401);
    await expect.poll(() => stream.isOver()).toBe(true);
  });

  it('a token is still needed after the last one was revoked', async () => {
    const server = await start();
    const { id } = await server.token('alice');
    await revokeToken(tokensIn(server.dataDir), id, Date.now());
    expect((await begin(server)).status).toBe(401);
    expect((await server.send({ path: '/metrics' })).status).toBe(401);
  });
});

describe('a token', () => {
  it('gives its user access to their own memory only', async () => {
    const server = await start();
    const alice = await server.begin((await server.token('alice')).token);
    const bob = await server.begin((await server.token('bob')).token);
    await alice.call('add_memory', { user_input: 'My cat is called Mimi.', agent_response: 'Lovely.' });
    const seen = await bob.call('retrieve_memory', { query: 'How is my cat called?' });
    expect(seen.text).not.toContain('Mimi');
    expect(seen.json.result.structuredContent.short_term_count).toBe(0);
    const own = await alice.call('retrieve_memory', { query: 'How is my cat called?' });
    expect(own.text).toContain('Mimi');
    const other = await server.begin((await server.token('alice')).token);
    expect((await other.call('retrieve_memory', { query: 'cat' })).text).toContain('Mimi');
  });

  it('cannot use the session of another user', async () => {
    const server = await start();
    const { token: bobs } = await server.token('bob');
    const alice = await server.begin((await server.token('alice')).token);
    await alice.call('add_memory', { user_input: 'My cat is called Mimi.', agent_response: 'Lovely.' });
    const stolen = { ...alice.headers, ...bearer(bobs) };
    const call = {
      jsonrpc: '2.0',
      id: 99,
      method: 'tools/call',
      params: { name: 'retrieve_memory', arguments: { query: 'cat' } },
    };
    const unknown = await server.send({
      method: 'POST',
      headers: { ...stolen, 'Mcp-Session-Id': 'none' },
      body: call,
    });
    for (const request of [
      { method: 'POST', headers: stolen, body: call },
      { method: 'GET', headers: stolen },
      { method: 'DELETE', headers: stolen },
    ]) {
      const answer = await server.send(request);
      expect(answer.status).toBe(404);
      expect(answer.text).toBe(unknown.text);
    }
    expect((await alice.send({ id: 1, method: 'ping' })).status).toBe(200);
  });

  it('cannot use the session of another token of the same user', async () => {
    const server = await start();
    const first = await server.begin((await server.token('alice')).token);
    const { token } = await server.token('alice');
    const answer = await server.send({
      method: 'POST',
      headers: { ...first.headers, ...bearer(token) },
      body: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
    expect(answer.status).toBe(404);
  });

  it.each<[string, (token: string) => Record<string, string>]>([
    ['missing', () => ({})],
    ['empty', () => ({ Authorization: 'Bearer ' })],
    ['wrong in its last letter', (token) => bearer(token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'))],
    ['cut short', (token) => bearer(token.slice(0, -1))],
    ['made up', () => bearer(`mos_${'a'.repeat(12)}_${'b'.repeat(43)}`)],
    ['of another form', () => bearer('x')],
    ['a path', () => bearer(`mos_../../alice_${'b'.repeat(43)}`)],
    ['by another scheme', (token) => ({ Authorization: `Basic ${token}` })],
    ['with its scheme left out', (token) => ({ Authorization: token })],
    ['in another header', (token) => ({ 'X-Api-Key': token })],
    ['twice', (token) => ({ Authorization: `Bearer ${token} ${token}` })],
  ])('that is %s is refused', async (_what, headers) => {
    const server = await start();
    const { token } = await server.token('alice');
    for (const request of [
      { method: 'POST', headers: { ...jsonHeaders, ...headers(token) }, body: initialize() },
      { method: 'GET', headers: headers(token) },
      { method: 'GET', path: '/metrics', headers: headers(token) },
    ]) {
      const answer = await server.send(request);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="memoryos-mcp"/);
      expect(answer.json.error.message).toMatch(/token/i);
      expect(answer.text).not.toContain(token);
    }
  });

  it('in the query is ignored', async () => {
    const server = await start();
    const { token } = await server.token('alice');
    const path = `/mcp?access_token=${token}`;
    expect(
      (await server.send({ method: 'POST', path, headers: jsonHeaders, body: initialize() })).status,
    ).toBe(401);
    expect(JSON.stringify(server.log)).not.toContain(token);
  });

  it('that is revoked ends its sessions and streams at once, and no others', async () => {
    const server = await start();
    const revoked = await server.token('alice');
    const kept = await server.token('alice');
    const session = await server.begin(revoked.token);
    const other = await server.begin(kept.token);
    const streams = [
      await openStream(server.url, { headers: session.headers }),
      await openStream(server.url, { headers: other.headers }),
    ];
    await revokeToken(tokensIn(server.dataDir), revoked.id, Date.now());
    expect((await session.send({ id: 1, method: 'ping' })).status).toBe(401);
    expect((await begin(server, bearer(revoked.token))).status).toBe(401);
    await expect.poll(() => streams[0]?.isOver()).toBe(true);
    expect(streams[1]?.isOver()).toBe(false);
    expect((await other.send({ id: 1, method: 'ping' })).status).toBe(200);
  });

  it('created while the server runs is accepted at once', async () => {
    const server = await start();
    await server.token('alice');
    expect((await begin(server, bearer((await server.token('bob')).token))).status).toBe(200);
  });

  it('is answered while 300 wrong ones are checked, and open sessions continue', async () => {
    const server = await start();
    const good = await server.token('alice');
    const { token: unseen } = await server.token('bob');
    const session = await server.begin(good.token);
    const wrong = `mos_${good.id}_${'x'.repeat(43)}`;
    const guesses = Array.from({ length: 300 }, () => begin(server, bearer(wrong)));
    expect((await begin(server, bearer(unseen))).status).toBe(200);
    expect((await session.send({ id: 1, method: 'ping' })).status).toBe(200);
    for (const guess of await Promise.all(guesses)) expect(guess.status).toBe(401);
  });
});

describe('any other address', () => {
  it.each(['0.0.0.0', '::', '192.168.7.7', 'memory.example.com'])(
    'without tokens is not served, and the error says how to make one: %s',
    async (host) => {
      await expect(testServer({ host })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/token create --user/),
      });
    },
  );

  it('is not served when all tokens are revoked', async () => {
    const tokens = {
      any: async () => true,
      anyValid: async () => false,
      verify: async () => null,
      isValid: async () => false,
    };
    await expect(testServer({ host: '0.0.0.0', tokens })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('and a proxy before loopback require tokens, too', async () => {
    await expect(testServer({ trustProxy: '1' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/trust_proxy[\s\S]*token create/),
    });
  });

  it.each([
    ['an address', { host: '0.0.0.0' }],
    ['a proxy', { trustProxy: '1' }],
  ])(
    'accepts only requests with a token, also when the tokens are deleted while it runs: %s',
    async (_what, open) => {
      const tokens = {
        any: async () => false,
        anyValid: async () => true,
        verify: async () => null,
        isValid: async () => false,
      };
      const server = await start({ ...open, tokens });
      expect((await begin(server)).status).toBe(401);
    },
  );
});

describe('no token needed', () => {
  it('for the health checks, which reveal nothing', async () => {
    const server = await start({ checkReady: async () => Promise.reject(new Error('/secret/path is away')) });
    await server.token('alice');
    expect(await server.send({ path: '/healthz' })).toMatchObject({ status: 200, json: { status: 'ok' } });
    const ready = await server.send({ path: '/readyz' });
    expect(ready).toMatchObject({ status: 503, text: '{"status":"not ready"}' });
    expect(server.log.some((line) => line.message.includes('/secret/path'))).toBe(true);
  });
});
