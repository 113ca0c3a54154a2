import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../../../src/mcp/http/guard.js';
import {
  bearer,
  initialize,
  jsonHeaders,
  serversOfTests,
  type TestServer,
} from '../../../support/http/test-server.js';

const start = serversOfTests();

const begin = (server: TestServer, headers: Readonly<Record<string, string>>) =>
  server.send({ method: 'POST', headers: { ...jsonHeaders, ...headers }, body: initialize() });

/** Tokens that accept everybody, for servers that are not on loopback. */
const everybody = {
  any: async () => true,
  anyValid: async () => true,
  verify: async () => ({ id: 'a', userId: 'alice' as never }),
  isValid: async () => true,
};

describe('the host name', () => {
  it.each([
    'localhost',
    'localhost:1234',
    '127.0.0.1:80',
    '[::1]:3000',
    'LOCALHOST',
    'memory.test',
    'memory.test:8443',
  ])('may be %s', async (host) => {
    const server = await start({ allowedHosts: ['memory.test'] });
    expect((await begin(server, { Host: host })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:3000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil.localhost',
    '10.0.0.1',
    '169.254.169.254',
    'localhost@evil.example',
    'evil.example#localhost',
    'localhost,evil.example',
    'localhost/..',
    'localhost:80:80',
    '2130706433.evil',
    '[::ffff:7f00:1]x',
    ' ',
  ])('may not be %j', async (host) => {
    const server = await start({ allowedHosts: ['memory.test'] });
    const answer = await begin(server, { Host: host });
    expect([400, 403]).toContain(answer.status);
    expect(answer.json.error).toBeDefined();
    expect(answer.headers['mcp-session-id']).toBeUndefined();
  });

  it('is not taken from X-Forwarded-Host without a trusted proxy', async () => {
    const server = await start();
    const forwarded = { 'X-Forwarded-Host': 'localhost', 'X-Forwarded-Proto': 'https' };
    expect((await begin(server, { Host: 'evil.example', ...forwarded })).status).toBe(403);
    const spoofed = { Host: 'localhost', 'X-Forwarded-Host': 'evil.example' };
    expect((await begin(server, spoofed)).status).toBe(200);
  });

  it('is that of a trusted proxy', async () => {
    const server = await start({ trustProxy: '1', tokens: everybody, allowedHosts: ['memory.test'] });
    const own = { ...bearer('mos_x'), Host: 'backend' };
    expect((await begin(server, { ...own, 'X-Forwarded-Host': 'memory.test' })).status).toBe(200);
    expect((await begin(server, { ...own, 'X-Forwarded-Host': 'evil.example' })).status).toBe(403);
    expect((await begin(server, own)).status).toBe(403);
  });

  it('may be any IP address when the server is not on loopback, because DNS cannot forge one', async () => {
    const server = await start({ host: '0.0.0.0', tokens: everybody });
    const url = new URL(server.url);
    expect(url.hostname).toBe('0.0.0.0');
    expect((await begin(server, { ...bearer('mos_x'), Host: '192.168.7.7:3000' })).status).toBe(200);
    expect((await begin(server, { ...bearer('mos_x'), Host: 'evil.example' })).status).toBe(403);
  });

  it('is not checked for health checks', async () => {
    const server = await start();
    expect((await server.send({ path: '/healthz', headers: { Host: 'pod-7' } })).status).toBe(200);
  });

  it('is checked before the token', async () => {
    const server = await start();
    await server.token('alice');
    expect((await begin(server, { Host: 'evil.example' })).status).toBe(403);
  });
});

describe('the origin', () => {
  const allowedOrigins = ['https://app.test'];

  it.each([
    'https://evil.example',
    'http://localhost:6274',
    'null',
    'http://app.test',
    'https://app.test:444',
    'https://app.test.evil.example',
    'file://',
  ])('may not be %s', async (origin) => {
    const server = await start({ allowedOrigins });
    const answer = await begin(server, { Origin: origin });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await server.send({
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });

  it("may be the server's own or an allowed one, which may then read the answer", async () => {
    const server = await start({ allowedOrigins });
    const own = new URL(server.url).origin;
    expect((await begin(server, { Origin: own })).status).toBe(200);
    const answer = await begin(server, { Origin: 'https://app.test' });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.test');
    expect(answer.headers['access-control-expose-headers']).toMatch(/Mcp-Session-Id/);
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    const preflight = await server.send({
      method: 'OPTIONS',
      headers: {
        Origin: 'https://app.test',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'mcp-session-id, authorization',
      },
    });
    expect(preflight.headers['access-control-allow-headers']).toMatch(/Mcp-Session-Id/);
  });

  it('is permitted nothing by default', async () => {
    const server = await start();
    expect((await begin(server, { Origin: 'https://app.test' })).status).toBe(403);
    const own = await begin(server, { Origin: new URL(server.url).origin });
    expect(own.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.3.2.1', 'localhost', '::1', '[::1]', 'LocalHost'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each([
    '0.0.0.0',
    '::',
    '128.0.0.1',
    '127.0.0.1.evil.example',
    'localhost.localdomain',
    '',
    '10.0.0.1',
    '127.1',
  ])('is not %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
