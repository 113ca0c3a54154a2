import { Client, type McpSubscription, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revokeToken, tokensIn } from '../../../../src/app/tokens/tokens.js';
import {
  bearer,
  jsonHeaders,
  type TestServer,
  type TestServerOptions,
  testServer,
} from '../../../support/http/test-server.js';

const version = '2026-07-28';
const statusUri = 'memoryos://status';

let server: TestServer;
let clients: Client[];
let isStopped: boolean;
beforeEach(() => {
  clients = [];
  isStopped = false;
});
afterEach(async () => {
  for (const client of clients) await client.close();
  if (!isStopped) await server.stop();
});

async function start(options: TestServerOptions = {}): Promise<void> {
  server = await testServer(options);
}

async function modern(token?: string): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: version } } },
  );
  const requestInit = token === undefined ? {} : { headers: bearer(token) };
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
  clients.push(client);
  return client;
}

function add(client: Client, user_input: string) {
  return client.callTool({ name: 'add_memory', arguments: { user_input, agent_response: 'I see' } });
}

/** Subscribes to the status. `heard` gets the URIs. */
async function listen(client: Client, heard: string[] = []): Promise<McpSubscription> {
  client.setNotificationHandler(
    'notifications/resources/updated',
    ({ params }) => void heard.push(params.uri),
  );
  return client.listen({ resourceSubscriptions: [statusUri] });
}

const post = (method: string, params: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  server.send({
    method: 'POST',
    headers: { ...jsonHeaders, 'Mcp-Protocol-Version': version, 'Mcp-Method': method, ...headers },
    body: {
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': version,
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    },
  });

describe('a request of the revision 2026-07-28', () => {
  it('is answered without a session', async () => {
    await start();
    const found = await post('server/discover');
    expect(found.status).toBe(200);
    expect(found.headers['mcp-session-id']).toBeUndefined();
    expect(found.json.result).toMatchObject({
      supportedVersions: [version],
      instructions: expect.stringContaining('retrieve_memory'),
      ttlMs: 3_600_000,
      cacheScope: 'public',
    });
    expect(found.json.result.capabilities).not.toHaveProperty('logging');
    const args = { name: 'retrieve_memory', arguments: { query: 'anything' } };
    const called = await post('tools/call', args, { 'Mcp-Name': 'retrieve_memory' });
    expect(called.json.result.structuredContent).toMatchObject({ status: 'success' });
  });

  it('names the view of a tool when it says that its host shows views', async () => {
    await start();
    const extensions = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } };
    for (const [capabilities, named] of [
      [{ extensions }, ['retrieve_memory', 'get_user_profile']],
      [{}, []],
    ] as const) {
      const client = new Client(
        { name: 'host', version: '1' },
        { capabilities, versionNegotiation: { mode: { pin: version } } },
      );
      await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
      clients.push(client);
      const { tools } = await client.listTools();
      expect(tools.filter(({ _meta }) => _meta?.ui !== undefined).map(({ name }) => name)).toEqual(named);
    }
  });

  it('finds what a session of an older revision stored', async () => {
    await start();
    const session = await server.begin();
    await session.call('add_memory', { user_input: 'My sister Klara plays the oboe', agent_response: 'Oh' });
    const client = await modern();
    const result = await client.callTool({
      name: 'retrieve_memory',
      arguments: { query: 'Which oboe player?' },
    });
    expect(JSON.stringify(result.structuredContent)).toContain('Klara');
  });

  it('is logged with its outcome', async () => {
    await start();
    await post('tools/call', { name: 'get_memory_stats', arguments: {} }, { 'Mcp-Name': 'get_memory_stats' });
    await post('tools/call', { name: 'add_memory', arguments: {} }, { 'Mcp-Name': 'add_memory' });
    await expect
      .poll(() => server.log.filter(({ message }) => message === 'request').map(({ fields }) => fields))
      .toMatchObject([
        { tool: 'get_memory_stats', outcome: 'success' },
        { tool: 'add_memory', outcome: 'INPUT_INVALID' },
      ]);
  });

  it('of an unknown revision is refused with a list of the supported ones', async () => {
    await start();
    const answer = await post('tools/list', {}, { 'Mcp-Protocol-Version': '2099-01-01' });
    expect(answer.status).toBe(400);
  });
});

describe('subscriptions/listen', () => {
  it("reports changes of the user's own memory only", async () => {
    await start();
    const alice = await server.token('alice');
    const bob = await server.token('bob');
    const heard: string[] = [];
    const heardByBob: string[] = [];
    const subscription = await listen(await modern(alice.token), heard);
    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: [statusUri] });
    await listen(await modern(bob.token), heardByBob);
    await add(await modern(alice.token), 'I play the oboe');
    await expect.poll(() => heard).toContain(statusUri);
    expect(heardByBob).toEqual([]);
    await add(await modern(bob.token), 'I play the tuba');
    await expect.poll(() => heardByBob).toContain(statusUri);
  });

  it('ends when its token is revoked, and no other subscription does', async () => {
    await start();
    const revoked = await server.token('alice');
    const kept = await server.token('alice');
    const over: string[] = [];
    void (await listen(await modern(revoked.token))).closed.then(() => over.push('revoked'));
    void (await listen(await modern(kept.token))).closed.then(() => over.push('kept'));
    await revokeToken(tokensIn(server.dataDir), revoked.id, Date.now());
    await expect.poll(() => over).toEqual(['revoked']);
  });

  it('ends cleanly when the server stops, without delaying it', async () => {
    await start({ limits: { drainMs: 60_000 } });
    const { closed } = await listen(await modern());
    isStopped = true;
    await Promise.all([server.stop(), expect(closed).resolves.toBe('graceful')]);
  });

  it('is refused beyond the limit of one sender', async () => {
    await start({ sessionsPerUserMax: 1 });
    const client = await modern();
    await listen(client);
    await expect(client.listen({ resourceSubscriptions: [statusUri] })).rejects.toThrow(/limit/);
  });
});

describe('without sessions', () => {
  it('a client of an older revision is answered by whichever server it reaches', async () => {
    await start({ keepsSessions: false });
    const client = await server.client();
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    await client.callTool({
      name: 'add_memory',
      arguments: { user_input: 'My sister Klara plays the oboe', agent_response: 'Oh' },
    });
    const call = {
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'retrieve_memory', arguments: { query: 'Who plays the oboe?' } },
    };
    // No initialize came before it on this connection, and no session is named.
    for (const accept of ['application/json', 'text/event-stream', 'application/json, text/event-stream']) {
      const headers = { 'Content-Type': 'application/json', Accept: accept };
      const answer = await server.send({ method: 'POST', headers, body: call });
      expect(answer.headers['mcp-session-id']).toBeUndefined();
      expect(answer.text).toContain('Klara');
      if (accept === 'application/json') expect(answer.json).toMatchObject({ id: 7 });
    }
    const stream = await server.send({ headers: { Accept: 'text/event-stream' } });
    expect(stream).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });
});
