import { describe, expect, it } from 'vitest';
import type { MemoryChange } from '../../../../src/engine/memory-engine.js';
import type { SegmentId } from '../../../../src/model/ids.js';
import { fakeEngine } from '../../../support/fake-engine.js';
import { openStream } from '../../../support/http/event-stream.js';
import { parseRaw, rawConnection } from '../../../support/http/raw.js';
import {
  bearer,
  initialize,
  jsonHeaders,
  serversOfTests,
  type TestServer,
} from '../../../support/http/test-server.js';

const start = serversOfTests();
const post = (server: TestServer, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  server.send({ method: 'POST', headers: { ...jsonHeaders, ...headers }, body });

describe('a body', () => {
  it('that is too large is 413, with or without a declared length', async () => {
    const server = await start({ limits: { bodyBytesMax: 1000 } });
    const large = JSON.stringify({ ...initialize(), padding: 'x'.repeat(1000) });
    for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }]) {
      const answer = await post(server, large, headers);
      expect(answer.status).toBe(413);
      expect(answer.json.error.message).toMatch(/too large/);
      expect(answer.headers.connection).toBe('close');
    }
    expect((await post(server, initialize())).status).toBe(200);
  });

  it('of a complete exchange of 1 MB on each side is accepted', async () => {
    const server = await start();
    const session = await server.begin();
    const text = 'I like long stories. '.repeat(50_000);
    const answer = await session.call('add_memory', { user_input: text, agent_response: text });
    expect(answer.json.result.structuredContent.status).toBe('success');
  });

  it('of a stranger is not read', async () => {
    const server = await start();
    await server.token('alice');
    const connection = await rawConnection(server.url);
    connection.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{',
    );
    expect(parseRaw(await connection.closed).status).toBe(401);
  });

  it('that is nested a hundred thousand deep is only an error', async () => {
    const server = await start();
    const session = await server.begin();
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add_memory","arguments":{"user_input":"a","agent_response":"b","meta_data":{"a":${deep}}}}}`;
    const answer = await server.send({ method: 'POST', headers: session.headers, body });
    expect(answer.status).toBeLessThan(500);
    expect((await session.send({ id: 2, method: 'ping' })).status).toBe(200);
  });
});

describe('a slow request', () => {
  const limits = { headersMs: 300, requestMs: 300, checkEveryMs: 50 };

  it('with its body is 408', async () => {
    const server = await start({ limits });
    const connection = await rawConnection(server.url);
    connection.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    const { status, json } = parseRaw(await connection.closed);
    expect(status).toBe(408);
    expect(json).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 }, id: null });
    await expect
      .poll(() => server.log.filter((line) => line.fields.status === 408))
      .toMatchObject([{ fields: { method: 'POST /mcp' } }]);
  });

  it('with its headers is 408', async () => {
    const server = await start({ limits: { ...limits, requestMs: 60_000 } });
    const connection = await rawConnection(server.url);
    connection.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\n');
    const trickle = setInterval(() => connection.write('X: y\r\n'), 50);
    const { status } = parseRaw(await connection.closed);
    clearInterval(trickle);
    expect(status).toBe(408);
  });

  it('that sends a byte at a time is 408', async () => {
    const server = await start({ limits });
    const connection = await rawConnection(server.url);
    connection.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    );
    const trickle = setInterval(() => connection.write(' '), 20);
    const { status } = parseRaw(await connection.closed);
    clearInterval(trickle);
    expect(status).toBe(408);
  });

  it('does not delay others, and its stream may stay open', async () => {
    const server = await start({ limits });
    const session = await server.begin();
    const stream = await openStream(server.url, { headers: session.headers });
    const slow = await rawConnection(server.url);
    slow.write('POST /mcp HTTP/1.1\r\n');
    expect((await session.send({ id: 1, method: 'ping' })).status).toBe(200);
    await slow.closed;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stream.isOver()).toBe(false);
  });

  it('ends with its connection when no data moves any more, a stream too', async () => {
    const server = await start({ limits: { standstillMs: 3000 } });
    const session = await server.begin();
    const stream = await openStream(server.url, { headers: session.headers });
    expect(stream.status).toBe(200);
    await expect.poll(() => stream.isOver()).toBe(true);
  });

  it('that never begins: an idle connection is closed', async () => {
    const server = await start({ limits: { ...limits, keepAliveMs: 100 } });
    const connection = await rawConnection(server.url);
    connection.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await connection.closed).toContain('200 OK');
  });
});

describe('data that is not HTTP', () => {
  it.each([
    ['noise', '\x00\x01\x02\xff\xfe hello\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an unknown method', 'BREW /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['no host', 'GET /mcp HTTP/1.1\r\n\r\n'],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
    ],
    [
      'a length and chunks',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header with a line end in it', 'GET /mcp HTTP/1.1\r\nHost: local\rhost\r\n\r\n'],
  ])('is 400: %s', async (_what, text) => {
    const server = await start();
    const connection = await rawConnection(server.url);
    connection.write(text);
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 400 /);
    expect((await server.send({ path: '/healthz' })).status).toBe(200);
  });

  it('is 431 when the headers have no end', async () => {
    const server = await start();
    const connection = await rawConnection(server.url);
    connection.write(`GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`);
    expect(parseRaw(await connection.closed)).toMatchObject({ status: 431, json: { jsonrpc: '2.0' } });
  });

  it('after a request does not spoil its answer', async () => {
    const server = await start();
    const connection = await rawConnection(server.url);
    connection.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\x00\x01\x02');
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 (200|400) /);
  });

  it('with an empty host is refused', async () => {
    const server = await start();
    const connection = await rawConnection(server.url);
    connection.write('GET /mcp HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n');
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 40[03] /);
  });
});

describe('requests per minute', () => {
  it('are limited by token: 429 with Retry-After, without affecting others', async () => {
    const server = await start({ requestsPerMinuteMax: 8 });
    const alice = await server.begin((await server.token('alice')).token);
    const bob = await server.begin((await server.token('bob')).token);
    const answers = [];
    for (let id = 0; id < 10; id += 1) answers.push(await alice.send({ id, method: 'ping' }));
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200, 200, 200, 200, 429, 429, 429, 429]);
    const last = answers.at(-1);
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect(last?.json.error.message).toMatch(/8 requests/);
    expect((await server.send({ path: '/metrics', headers: alice.headers })).status).toBe(429);
    expect((await bob.send({ id: 1, method: 'ping' })).status).toBe(200);
  });

  it('count the messages of a batch', async () => {
    const server = await start({ requestsPerMinuteMax: 20 });
    const session = await server.begin((await server.token('alice')).token, '2025-03-26');
    const body = Array.from({ length: 19 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
    expect((await server.send({ method: 'POST', headers: session.headers, body })).status).toBe(200);
    expect((await session.send({ id: 100, method: 'ping' })).status).toBe(429);
  });

  it('are not limited without tokens, nor when the limit is 0', async () => {
    for (const requestsPerMinuteMax of [1, 0]) {
      const server = await start({ requestsPerMinuteMax });
      const token = requestsPerMinuteMax === 0 ? (await server.token('alice')).token : undefined;
      const session = await server.begin(token);
      for (let id = 0; id < 20; id += 1)
        expect((await session.send({ id, method: 'ping' })).status).toBe(200);
    }
  });
});

describe('sessions', () => {
  it('are limited: 503 says what to do, and ending one makes room again', async () => {
    const server = await start({ sessionsMax: 2 });
    const first = await server.begin();
    await server.begin();
    const refused = await post(server, initialize());
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('30');
    expect(refused.json.error.message).toMatch(/All 2 sessions.*DELETE/);
    await first.end();
    expect((await post(server, initialize())).status).toBe(200);
  });

  it('of one user: the one unused for longest is closed, those in use stay', async () => {
    const server = await start({ sessionsPerUserMax: 2 });
    const { token } = await server.token('alice');
    const bob = await server.begin((await server.token('bob')).token);
    const first = await server.begin(token);
    const second = await server.begin(token);
    const stream = await openStream(server.url, { headers: first.headers });
    const third = await server.begin(token);
    expect((await second.send({ id: 1, method: 'ping' })).status).toBe(404);
    for (const session of [first, third, bob]) {
      expect((await session.send({ id: 1, method: 'ping' })).status).toBe(200);
    }
    const other = await openStream(server.url, { headers: third.headers });
    const refused = await post(server, initialize(), bearer(token));
    expect(refused.status).toBe(503);
    expect(refused.json.error.message).toMatch(/This user has 2 sessions/);
    stream.cut();
    other.cut();
  });

  it('that are unused end, those with an open stream do not', async () => {
    const server = await start({ sessionIdleMs: 200 });
    const unused = await server.begin();
    const used = await server.begin();
    const stream = await openStream(server.url, { headers: used.headers });
    await expect
      .poll(async () => (await server.send({ path: '/metrics' })).text)
      .toMatch(/^memoryos_sessions 1$/m);
    expect((await unused.send({ id: 1, method: 'ping' })).status).toBe(404);
    expect((await used.send({ id: 1, method: 'ping' })).status).toBe(200);
    stream.cut();
  });
});

describe('events kept for clients that reconnect', () => {
  it('are not kept for a session whose stream was never opened, however much changes', async () => {
    const listeners: ((change: MemoryChange) => void)[] = [];
    const server = await start({
      engine: () =>
        fakeEngine({
          stats: async () => Promise.reject(new Error('no figures')),
          onChange: (listener) => {
            listeners.push(listener);
            return () => undefined;
          },
        }),
    });
    const change = { shortTerm: true, segments: new Set<SegmentId>(), segmentsListed: true, longTerm: true };
    const kept = async (changes = 50) => {
      for (const listener of listeners) for (let i = 0; i < changes; i += 1) listener(change);
      const { text } = await server.send({ path: '/metrics' });
      return Number(/^memoryos_event_log_bytes (\d+)$/m.exec(text)?.[1]);
    };
    const session = await server.begin();
    await session.send({ id: 1, method: 'resources/subscribe', params: { uri: 'memoryos://status' } });
    expect(listeners).toHaveLength(1);
    // The answer to "initialize" began with an event.
    const atFirst = await kept(0);
    expect([await kept(), await kept()]).toEqual([atFirst, atFirst]);

    const stream = await openStream(server.url, { headers: session.headers });
    await expect.poll(() => kept()).toBeGreaterThan(atFirst + 1000);
    await expect.poll(() => stream.messages().length).toBeGreaterThan(0);
  });

  it('are limited over all sessions: the oldest are dropped', async () => {
    const server = await start({
      limits: { eventBytesMax: 5000 },
      engine: () => fakeEngine({ stats: async () => Promise.reject(new Error('no figures')) }),
    });
    const session = await server.begin();
    for (let id = 0; id < 30; id += 1) {
      const stream = await openStream(server.url, {
        method: 'POST',
        headers: session.headers,
        body: { jsonrpc: '2.0', id, method: 'prompts/list', params: { _meta: { progressToken: id } } },
      });
      await expect.poll(() => stream.isOver()).toBe(true);
    }
    const { text } = await server.send({ path: '/metrics' });
    const bytes = Number(/^memoryos_event_log_bytes (\d+)$/m.exec(text)?.[1]);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(5000);
    await session.end();
    expect((await server.send({ path: '/metrics' })).text).toMatch(/^memoryos_event_log_bytes 0$/m);
  });
});
