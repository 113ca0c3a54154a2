import { createHmac } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStream } from '../../../support/http/event-stream.js';
import { type Issuer, localIssuer, type TokenOptions } from '../../../support/http/issuer.js';
import {
  bearer,
  initialize,
  jsonHeaders,
  type TestServer,
  testServer,
} from '../../../support/http/test-server.js';

let issuer: Issuer;
let server: TestServer;
const audience = 'https://memory.test/mcp';

beforeEach(async () => {
  issuer = await localIssuer();
  server = await testServer({ oauth: { issuer: issuer.url, audience } });
});
afterEach(async () => {
  await server.stop();
  await issuer.close();
});

const begin = (token: string) =>
  server.send({ method: 'POST', headers: { ...jsonHeaders, ...bearer(token) }, body: initialize() });

describe('where to get tokens', () => {
  it('is in the metadata, which requires no token', async () => {
    for (const path of [
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/mcp',
    ]) {
      const { status, json } = await server.send({ path });
      expect(status).toBe(200);
      expect(json).toEqual({
        resource: audience,
        resource_name: 'memoryos-mcp',
        authorization_servers: [issuer.url],
        scopes_supported: ['memory:read', 'memory:write'],
        bearer_methods_supported: ['header'],
      });
    }
  });

  it('is in the refusal of requests without a token, also over loopback', async () => {
    const answer = await server.send({ method: 'POST', headers: jsonHeaders, body: initialize() });
    expect(answer.status).toBe(401);
    const where = `${new URL(server.url).origin}/.well-known/oauth-protected-resource/mcp`;
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="memoryos-mcp", resource_metadata="${where}"`,
    );
  });

  it('is not reported without OAuth', async () => {
    const plain = await testServer();
    try {
      expect((await plain.send({ path: '/.well-known/oauth-protected-resource' })).status).toBe(404);
    } finally {
      await plain.stop();
    }
  });
});

describe('a JWT of the issuer', () => {
  it('gives its subject access to their own memory', async () => {
    const session = await server.begin(await issuer.token({ sub: 'auth0|alice' }));
    const stats = await session.call('get_memory_stats', {});
    expect(stats.json.result.structuredContent.user_id).toBe('auth0|alice');
  });

  it('continues the session of the token before it', async () => {
    const session = await server.begin(await issuer.token({ jti: '1' }));
    const headers = { ...session.headers, ...bearer(await issuer.token({ jti: '2' })) };
    const answer = await server.send({
      method: 'POST',
      headers,
      body: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
    expect(answer.status).toBe(200);
  });

  it('of another subject has no access to that session', async () => {
    const session = await server.begin(await issuer.token());
    const headers = { ...session.headers, ...bearer(await issuer.token({ sub: 'bob' })) };
    const answer = await server.send({
      method: 'POST',
      headers,
      body: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
    expect(answer.status).toBe(404);
  });

  it.each<[string, JWTPayload, TokenOptions?]>([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another server', { aud: 'https://other.test/mcp' }],
    ['for nobody', {}, { without: ['aud'] }],
    ['without a subject', {}, { without: ['sub'] }],
    ['that never expires', {}, { without: ['exp'] }],
    ['that has expired', {}, { expiresIn: new Date(Date.now() - 60_000) }],
    ['that is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }],
    ['signed by another key', {}, { foreignKey: true }],
    ['whose subject is a path', { sub: '../../etc/passwd' }],
    ['whose subject is empty', { sub: '' }],
    ['whose subject is a number', JSON.parse('{"sub": 7}')],
    ['whose subject is a list', JSON.parse('{"sub": ["alice"]}')],
    ['whose subject is endless', { sub: 'x'.repeat(300) }],
    ['whose subject has control characters', { sub: 'alice\u0000' }],
  ])('%s is refused', async (_what, claims, options) => {
    const answer = await begin(await issuer.token(claims, options));
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/error="invalid_token".*resource_metadata=/);
  });

  it('that is forged is refused', async () => {
    const token = await issuer.token();
    const [, payload = ''] = token.split('.');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none' })}.${payload}.`;
    const head = `${part({ alg: 'HS256', kid: 'k1' })}.${payload}`;
    const shared = `${head}.${createHmac('sha256', 'k1').update(head).digest('base64url')}`;
    const changed = token.replace(payload, part({ ...JSON.parse(atob(payload)), sub: 'bob' }));
    for (const forged of [unsigned, shared, changed, 'a.b.c', '...', token.slice(0, -9)]) {
      expect((await begin(forged)).status).toBe(401);
    }
  });

  it("needs the issuer's keys: without them nobody is admitted or thrown out", async () => {
    issuer.failWith(500);
    const answer = await begin(await issuer.token());
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBeDefined();
    expect(server.log.some((line) => line.level === 'warning' && line.message.includes(issuer.url))).toBe(
      true,
    );
    const before = issuer.asked.length;
    await begin(await issuer.token());
    expect(issuer.asked.length).toBe(before);
  });

  it('and a token of this server are both accepted', async () => {
    const own = await server.token('carol');
    expect((await begin(own.token)).status).toBe(200);
    expect((await begin(await issuer.token())).status).toBe(200);
    expect((await begin(`${own.token}x`)).status).toBe(401);
  });

  it('ends the stream opened with it when it expires', async () => {
    const token = await issuer.token({}, { expiresIn: new Date(Date.now() + 1500) });
    const session = await server.begin(token);
    const stream = await openStream(server.url, { headers: session.headers });
    expect(stream.status).toBe(200);
    await expect.poll(() => stream.isOver()).toBe(true);
  });
});

describe('scopes', () => {
  it.each([
    ['memory:read', 200],
    ['memory:write', 403],
    ['', 403],
  ])('%j gets %i for /metrics', async (scope, status) => {
    const answer = await server.send({
      path: '/metrics',
      headers: bearer(await issuer.token({ scope })),
    });
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.headers['www-authenticate']).toMatch(/error="insufficient_scope", scope=".*memory:read/);
    }
  });

  const reading = [
    ['tools/call', { name: 'retrieve_memory', arguments: { query: 'x' } }],
    ['tools/call', { name: 'get_user_profile', arguments: {} }],
    ['tools/call', { name: 'get_memory_stats', arguments: {} }],
    ['resources/list', {}],
    ['resources/read', { uri: 'memoryos://status' }],
    ['resources/subscribe', { uri: 'memoryos://status' }],
    ['prompts/get', { name: 'recall', arguments: { topic: 'x' } }],
  ] as const;
  const writing = [
    ['tools/call', { name: 'add_memory', arguments: { user_input: 'a', agent_response: 'b' } }],
    ['tools/call', { name: 'forget_memory', arguments: { before: '2020-01-01' } }],
    ['tools/call', { name: 'update_memory', arguments: { fact: 'It rains.' } }],
  ] as const;

  async function statuses(scope: string | undefined, requests: readonly (readonly [string, object])[]) {
    const session = await server.begin(await issuer.token({ scope }));
    const found = [];
    for (const [index, [method, params]] of requests.entries()) {
      found.push(await session.send({ id: index, method, params }));
    }
    return found;
  }

  it('memory:read permits reading, but not writing', async () => {
    for (const answer of await statuses('openid memory:read', reading)) expect(answer.status).toBe(200);
    for (const answer of await statuses('memory:read', writing)) {
      expect(answer.status).toBe(403);
      expect(answer.headers['www-authenticate']).toMatch(
        /error="insufficient_scope", scope="memory:read memory:write", resource_metadata=/,
      );
    }
  });

  it('memory:write permits adding, but neither reading nor seeing what would be forgotten', async () => {
    for (const answer of await statuses('memory:write', reading)) expect(answer.status).toBe(403);
    const [add, forget] = await statuses('memory:write', writing);
    expect(add?.status).toBe(200);
    expect(forget?.status).toBe(403);
  });

  it('both scopes permit both', async () => {
    for (const answer of await statuses('memory:read memory:write', [...reading, ...writing])) {
      expect(answer.status).toBe(200);
    }
  });

  it.each(['openid', '', 'memory:readwrite', 'MEMORY:READ'])(
    '%j do nothing with the memory',
    async (scope) => {
      for (const answer of await statuses(scope, [...reading, ...writing])) expect(answer.status).toBe(403);
      for (const answer of await statuses(scope, [
        ['ping', {}],
        ['tools/list', {}],
      ]))
        expect(answer.status).toBe(200);
    },
  );

  it('are checked in every message of a batch', async () => {
    const session = await server.begin(await issuer.token({ scope: 'memory:read' }), '2025-03-26');
    const answer = await server.send({
      method: 'POST',
      headers: session.headers,
      body: [
        { jsonrpc: '2.0', id: 1, method: 'ping' },
        {
          jsonrpc: '2.0',
          id: 2,
          method: 'tools/call',
          params: { name: 'add_memory', arguments: { user_input: 'a', agent_response: '' } },
        },
      ],
    });
    expect(answer.status).toBe(403);
  });

  it('may be a list in scp', async () => {
    const token = await issuer.token({ scp: ['memory:write'] }, { without: ['scope'] });
    const session = await server.begin(token);
    expect((await session.call('add_memory', { user_input: 'a', agent_response: 'b' })).status).toBe(200);
    expect((await session.call('retrieve_memory', { query: 'a' })).status).toBe(403);
  });
});

describe('the metadata of the issuer', () => {
  it.each([
    ['/.well-known/oauth-authorization-server/realms/a', '/realms/a'],
    ['/.well-known/openid-configuration/realms/a', '/realms/a'],
    ['/realms/a/.well-known/openid-configuration', '/realms/a'],
    ['/.well-known/openid-configuration', ''],
  ])('is found at %s', async (metadataPath, path) => {
    const other = await localIssuer({ metadataPath, path });
    const plain = await testServer({ oauth: { issuer: other.url, audience } });
    try {
      const headers = { ...jsonHeaders, ...bearer(await other.token()) };
      expect((await plain.send({ method: 'POST', headers, body: initialize() })).status).toBe(200);
    } finally {
      await plain.stop();
      await other.close();
    }
  });

  it('that names another issuer is not accepted', async () => {
    const other = await localIssuer({ claimedIssuer: 'https://evil.example' });
    const plain = await testServer({ oauth: { issuer: other.url, audience } });
    try {
      const headers = { ...jsonHeaders, ...bearer(await other.token()) };
      expect((await plain.send({ method: 'POST', headers, body: initialize() })).status).toBe(503);
    } finally {
      await plain.stop();
      await other.close();
    }
  });
});
