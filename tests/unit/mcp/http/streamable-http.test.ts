import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { toUserId } from '../../../../src/model/ids.js';
import { fakeEngine } from '../../../support/fake-engine.js';
import { openStream } from '../../../support/http/event-stream.js';
import { initialize, jsonHeaders, type TestServer, testServer } from '../../../support/http/test-server.js';
import { added, makePage } from '../../../support/records.js';

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});
afterEach(() => server.stop());

const remember = { user_input: 'I grow tomatoes.', agent_response: 'Nice.' };

describe('a session', () => {
  it('of the SDK client: tools, resources, prompts, and a working memory', async () => {
    const client = await server.client();
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('add_memory');
    await client.callTool({ name: 'add_memory', arguments: remember });
    const found = await client.callTool({ name: 'retrieve_memory', arguments: { query: 'tomatoes' } });
    expect(found.structuredContent).toMatchObject({ short_term_count: 1 });
    const status = await client.readResource({ uri: 'memoryos://status' });
    expect(JSON.stringify(status)).toContain('local');
    expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0);
  });

  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])(
    'speaks revision %s',
    async (revision) => {
      const { json } = await server.send({
        method: 'POST',
        headers: jsonHeaders,
        body: initialize(revision),
      });
      expect(json.result.protocolVersion).toBe(revision);
    },
  );

  it('offers a revision it knows to a client of a future revision', async () => {
    const { json } = await server.send({
      method: 'POST',
      headers: jsonHeaders,
      body: initialize('2099-01-01'),
    });
    expect(json.result.protocolVersion).toBe('2025-11-25');
  });

  it('has an unpredictable id, different each time', async () => {
    const ids = [(await server.begin()).id, (await server.begin()).id];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('ends with DELETE', async () => {
    const session = await server.begin();
    expect((await session.end()).status).toBe(200);
    const after = await session.send({ id: 1, method: 'ping' });
    expect(after.status).toBe(404);
    expect(after.json.error.message).toMatch(/initialize/);
    expect((await session.end()).status).toBe(404);
  });

  it('ends its stream with DELETE', async () => {
    const session = await server.begin();
    const stream = await openStream(server.url, { headers: session.headers });
    await session.end();
    await expect.poll(() => stream.isOver()).toBe(true);
  });
});

describe('answers', () => {
  it('are plain JSON when no stream is needed', async () => {
    const session = await server.begin();
    const answer = await session.call('add_memory', remember);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toMatchObject({
      jsonrpc: '2.0',
      id: 1,
      result: { structuredContent: { status: 'success' } },
    });
  });

  it('are a stream with progress for clients that ask for it', async () => {
    const session = await server.begin();
    const stream = await openStream(server.url, {
      method: 'POST',
      headers: session.headers,
      body: {
        jsonrpc: '2.0',
        id: 7,
        method: 'tools/call',
        params: { name: 'retrieve_memory', arguments: { query: 'x' }, _meta: { progressToken: 'p' } },
      },
    });
    await expect.poll(() => stream.isOver()).toBe(true);
    expect(stream.events[0]).toMatchObject({
      data: '',
      retry: expect.stringMatching(/^\d+$/),
      id: expect.any(String),
    });
    const messages = stream.messages();
    expect(messages[0]).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p' } });
    expect(messages.at(-1)).toMatchObject({ id: 7, result: { structuredContent: { status: 'success' } } });
    expect(new Set(stream.events.map((event) => event.id)).size).toBe(stream.events.length);
  });

  it('to notifications are 202 without a body', async () => {
    const session = await server.begin();
    const answer = await session.send({ method: 'notifications/roots/list_changed' });
    expect(answer).toMatchObject({ status: 202, text: '' });
  });

  it('to a batch of revision 2025-03-26 are a batch', async () => {
    const session = await server.begin(undefined, '2025-03-26');
    const answer = await server.send({
      method: 'POST',
      headers: session.headers,
      body: [
        { jsonrpc: '2.0', id: 1, method: 'ping' },
        { jsonrpc: '2.0', id: 2, method: 'tools/list' },
      ],
    });
    expect(answer.json.map((one: { id: number }) => one.id).sort()).toEqual([1, 2]);
  });
});

describe('unusual clients', () => {
  const { Accept: _accept, ...bare } = jsonHeaders;

  it.each([
    ['application/json only', { Accept: 'application/json' }, 'application/json'],
    ['text/event-stream only', { Accept: 'text/event-stream' }, 'text/event-stream'],
    ['anything', { Accept: '*/*' }, 'application/json'],
    ['nothing said', {}, 'application/json'],
  ])('get what they accept: %s', async (_, accept, type) => {
    const headers = { ...bare, ...accept };
    const read = (answer: { text: string }) =>
      JSON.parse(
        type === 'application/json'
          ? answer.text
          : (/^event: message\ndata: (.*)\n\n$/.exec(answer.text)?.[1] ?? ''),
      );
    const begun = await server.send({ method: 'POST', path: '/mcp/', headers, body: initialize() });
    expect(begun.headers['content-type']).toBe(type);
    expect(read(begun)).toMatchObject({ id: expect.anything(), result: { protocolVersion: '2025-11-25' } });
    const session = { ...headers, 'Mcp-Session-Id': String(begun.headers['mcp-session-id']) };
    for (const _meta of [{}, { progressToken: 'p' }]) {
      const params = { name: 'add_memory', arguments: remember, _meta };
      const body = { jsonrpc: '2.0', id: 5, method: 'tools/call', params };
      const answer = await server.send({ method: 'POST', path: '/mcp/', headers: session, body });
      expect(answer.status).toBe(200);
      if ('Accept' in accept && accept.Accept === 'application/json')
        expect(answer.headers['content-type']).toBe(type);
      if (type === 'text/event-stream') expect(answer.headers['content-type']).toBe(type);
      expect(answer.text).toContain('"status":"success"');
    }
    const ended = await server.send({ method: 'DELETE', headers: session });
    expect(ended.status).toBe(200);
  });

  it('start a new session with an id that has ended', async () => {
    const before = await server.begin();
    await before.end();
    const headers = { ...jsonHeaders, 'Mcp-Session-Id': before.id };
    const again = await server.send({ method: 'POST', headers, body: initialize() });
    expect(again.status).toBe(200);
    expect(again.headers['mcp-session-id']).not.toBe(before.id);
    const other = await server.send({
      method: 'POST',
      headers,
      body: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
    expect(other.status).toBe(404);
  });
});

describe('an invalid request', () => {
  it.each<[string, number, object]>([
    [
      'without a session',
      400,
      { headers: jsonHeaders, body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
    ],
    [
      'of an unknown session',
      404,
      {
        headers: { ...jsonHeaders, 'Mcp-Session-Id': 'no-such' },
        body: { jsonrpc: '2.0', id: 1, method: 'ping' },
      },
    ],
    ['that is no JSON', 400, { headers: jsonHeaders, body: '{"jsonrpc":' }],
    ['that is no message', 400, { headers: jsonHeaders, body: { hello: 'world' } }],
    ['without a body', 400, { headers: jsonHeaders }],
    ['that is a text', 400, { headers: jsonHeaders, body: '"x"' }],
    ['that is null', 400, { headers: jsonHeaders, body: 'null' }],
    [
      'an initialize without its parameters',
      400,
      { headers: jsonHeaders, body: { jsonrpc: '2.0', id: 1, method: 'initialize' } },
    ],
    [
      'that accepts neither JSON nor a stream',
      406,
      { headers: { ...jsonHeaders, Accept: 'text/html' }, body: initialize() },
    ],
    [
      'of another type',
      415,
      { headers: { ...jsonHeaders, 'Content-Type': 'text/plain' }, body: initialize() },
    ],
    [
      'that is compressed',
      415,
      { headers: { ...jsonHeaders, 'Content-Encoding': 'gzip' }, body: initialize() },
    ],
    [
      'in another charset',
      415,
      { headers: { ...jsonHeaders, 'Content-Type': 'application/json; charset=latin1' }, body: initialize() },
    ],
    ['by another method', 405, { method: 'PUT', headers: jsonHeaders, body: initialize() }],
    ['for a stream without a session', 400, { method: 'GET', headers: { Accept: 'text/event-stream' } }],
    ['to end no session', 400, { method: 'DELETE' }],
    ['for another path', 404, { method: 'GET', path: '/nothing/here' }],
    ['for a path below', 404, { method: 'POST', path: '/mcp/x', headers: jsonHeaders, body: initialize() }],
  ])('is refused with a JSON error: %s', async (_what, status, request) => {
    const answer = await server.send({ method: 'POST', ...request });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) }, id: null });
    expect(answer.json.error.message).not.toBe('');
    if (status === 405) expect(answer.headers.allow).toBe('POST, GET, DELETE');
  });

  it('leaves no session behind', async () => {
    await server.send({
      method: 'POST',
      headers: { ...jsonHeaders, Accept: 'text/html' },
      body: initialize(),
    });
    const { text } = await server.send({ path: '/metrics' });
    expect(text).toMatch(/^memoryos_sessions 0$/m);
  });

  it('does not harm its session', async () => {
    const session = await server.begin();
    expect(
      (await session.send({ id: 1, method: 'ping' }, { 'Mcp-Protocol-Version': '1999-01-01' })).status,
    ).toBe(400);
    expect((await session.send({ id: 2 })).status).toBe(400);
    expect((await server.send({ method: 'POST', headers: session.headers, body: initialize() })).status).toBe(
      400,
    );
    expect((await session.send({ id: 1, method: 'ping' })).json).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {},
    });
  });
});

describe('a stream without events', () => {
  it('gets comments, so that proxies leave it open', async () => {
    const quiet = await testServer({
      limits: { commentEveryMs: 10, drainMs: 10 },
      engine: () => fakeEngine({ retrieve: () => new Promise(() => undefined) }),
    });
    try {
      const session = await quiet.begin();
      const params = { name: 'retrieve_memory', arguments: { query: 'x' }, _meta: { progressToken: 1 } };
      const streams = [
        await openStream(quiet.url, { headers: session.headers }),
        await openStream(quiet.url, {
          method: 'POST',
          headers: session.headers,
          body: { jsonrpc: '2.0', id: 9, method: 'tools/call', params },
        }),
      ];
      for (const stream of streams) await expect.poll(() => stream.comments()).toBeGreaterThan(2);
    } finally {
      await quiet.stop();
    }
  });
});

describe('the stream of a session', () => {
  it('reports changes the client subscribed to, whoever made them', async () => {
    const watching = await server.begin();
    const stream = await openStream(server.url, { headers: watching.headers });
    expect(stream.status).toBe(200);
    await watching.send({ id: 1, method: 'resources/subscribe', params: { uri: 'memoryos://status' } });
    const other = await server.begin();
    await other.call('add_memory', remember);
    await expect
      .poll(() => stream.messages())
      .toContainEqual(expect.objectContaining({ method: 'notifications/resources/updated' }));
  });

  it('reports what another process wrote to a memory that was closed to free capacity', async () => {
    const crowded = await testServer({ openUsersMax: 1 });
    try {
      const { token } = await crowded.token('alice');
      const alice = await crowded.begin(token);
      const stream = await openStream(crowded.url, { headers: alice.headers });
      await alice.send({ id: 1, method: 'resources/subscribe', params: { uri: 'memoryos://status' } });
      await alice.send({ id: 2, method: 'resources/subscribe', params: { uri: 'memoryos://segments/one' } });
      const bob = await crowded.begin((await crowded.token('bob')).token);
      await bob.call('get_memory_stats', {});
      expect(stream.messages()).toEqual([]);
      const other = await createFileStore({ dataDir: crowded.dataDir }).open(toUserId('alice'));
      await other.transact(() => [added(makePage('from elsewhere'))]);
      const updated = (uri: string) =>
        expect.objectContaining({ method: 'notifications/resources/updated', params: { uri } });
      await expect.poll(() => stream.messages()).toContainEqual(updated('memoryos://status'));
      // The kind of change is unknown.
      await expect.poll(() => stream.messages()).toContainEqual(updated('memoryos://segments/one'));
      await other.close();
    } finally {
      await crowded.stop();
    }
  });

  it('exists once', async () => {
    const session = await server.begin();
    const stream = await openStream(server.url, { headers: session.headers });
    expect((await openStream(server.url, { headers: session.headers })).status).toBe(409);
    stream.cut();
    await expect
      .poll(async () => {
        const next = await openStream(server.url, { headers: session.headers });
        next.cut();
        return next.status;
      })
      .toBe(200);
  });

  it('sends what was missed while it was interrupted, once', async () => {
    const session = await server.begin();
    const first = await openStream(server.url, { headers: session.headers });
    await session.send({ id: 1, method: 'resources/subscribe', params: { uri: 'memoryos://status' } });
    await session.call('add_memory', remember);
    await expect.poll(() => first.events.length).toBeGreaterThan(0);
    const last = first.events.at(-1)?.id ?? '';
    const seen = first.events.length;
    first.cut();
    await session.call('add_memory', remember);
    await expect
      .poll(async () => {
        const again = await openStream(server.url, {
          headers: { ...session.headers, 'Last-Event-ID': last },
        });
        await new Promise((resolve) => setTimeout(resolve, 30));
        again.cut();
        return again.messages().length;
      })
      .toBeGreaterThan(0);
    expect(seen).toBeGreaterThan(0);
  });
});

describe('a long call', () => {
  let release: () => void;
  let signal: AbortSignal | undefined;
  let slow: TestServer;
  beforeEach(async () => {
    signal = undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    slow = await testServer({
      engine: () =>
        fakeEngine({
          stats: async () => {
            throw new Error('no figures');
          },
          retrieve: async (input) => {
            signal = input.signal;
            await gate;
            throw new Error('released');
          },
        }),
    });
  });
  afterEach(async () => {
    release();
    await slow.stop();
  });
  const call = (id: number | string, progressToken?: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: {
      name: 'retrieve_memory',
      arguments: { query: 'x' },
      ...(progressToken && { _meta: { progressToken } }),
    },
  });

  it('whose connection was cut is answered when the client returns, and then the stream ends', async () => {
    const session = await slow.begin();
    const stream = await openStream(slow.url, {
      method: 'POST',
      headers: session.headers,
      body: call(1, 'p'),
    });
    await expect.poll(() => stream.events.length).toBeGreaterThan(1);
    const last = stream.events[0]?.id ?? '';
    stream.cut();
    await expect.poll(() => stream.isOver()).toBe(true);
    release();
    await expect
      .poll(async () => {
        const again = await openStream(slow.url, { headers: { ...session.headers, 'Last-Event-ID': last } });
        if (again.status !== 200) return again.status;
        await expect.poll(() => again.isOver()).toBe(true);
        return again.messages().at(-1)?.id;
      })
      .toBe(1);
  });

  it('gives nothing to another session that uses its event ids', async () => {
    const session = await slow.begin();
    const stream = await openStream(slow.url, {
      method: 'POST',
      headers: session.headers,
      body: call(1, 'p'),
    });
    await expect.poll(() => stream.events.length).toBeGreaterThan(1);
    const other = await slow.begin();
    for (const event of stream.events) {
      const stolen = await openStream(slow.url, {
        headers: { ...other.headers, 'Last-Event-ID': event.id ?? '' },
      });
      expect(stolen.status).toBe(400);
    }
    stream.cut();
  });

  it('does not delay others', async () => {
    const session = await slow.begin();
    const waiting = session.send(call(1));
    expect((await session.send({ id: 2, method: 'ping' })).status).toBe(200);
    release();
    expect((await waiting).json.result.isError).toBe(true);
  });

  it('that is cancelled ends, and stops its work', async () => {
    const session = await slow.begin();
    const waiting = session.send(call(5));
    const stream = await openStream(slow.url, {
      method: 'POST',
      headers: session.headers,
      body: call(6, 'p'),
    });
    await expect.poll(() => signal).toBeDefined();
    for (const requestId of [5, 6])
      await session.send({ method: 'notifications/cancelled', params: { requestId } });
    expect((await waiting).json.error.code).toBe(-32800);
    await expect.poll(() => stream.isOver()).toBe(true);
    expect(signal?.aborted).toBe(true);
    expect(slow.log.filter((line) => line.fields.outcome === 'cancelled')).toHaveLength(2);
  });

  it('keeps its id for itself', async () => {
    const session = await slow.begin();
    const waiting = session.send(call(5));
    await expect.poll(() => signal).toBeDefined();
    expect((await session.send({ id: 5, method: 'ping' })).status).toBe(400);
    expect((await session.send({ id: '5', method: 'ping' })).status).toBe(200);
    release();
    expect((await waiting).status).toBe(200);
    expect((await session.send({ id: 5, method: 'ping' })).status).toBe(200);
  });

  it('of a session that is ended gets an answer that says so', async () => {
    const session = await slow.begin();
    const waiting = session.send(call(5));
    await expect.poll(() => signal).toBeDefined();
    await session.end();
    expect((await waiting).json).toMatchObject({ id: 5, error: { code: -32800 } });
    expect(signal?.aborted).toBe(true);
  });
});
