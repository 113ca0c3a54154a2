import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach } from 'vitest';
import { loadConfig } from '../../../src/app/config/config.js';
import { createEngineFactory } from '../../../src/app/create-engine.js';
import { EnginePool } from '../../../src/app/pool/engine-pool.js';
import { createTokenVerifier } from '../../../src/app/tokens/token-verifier.js';
import { createToken, tokensIn } from '../../../src/app/tokens/tokens.js';
import type { MemoryEngine } from '../../../src/engine/memory-engine.js';
import { startHttp } from '../../../src/mcp/http/http-server.js';
import type { HttpOptions } from '../../../src/mcp/http/options.js';
import { toAssistantId, toUserId, type UserId } from '../../../src/model/ids.js';
import { makeFolder } from '../folders.js';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined if it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many forms
  readonly json: any;
}

export interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface TestServer {
  readonly url: string;
  readonly dataDir: string;
  readonly log: LogLine[];
  /** A new token of this user. */
  token(user: string): Promise<{ readonly token: string; readonly id: string }>;
  send(options: RequestOptions): Promise<Answer>;
  /** Begins a session; returns a function that sends JSON-RPC messages in it. */
  begin(token?: string, protocolVersion?: string): Promise<TestSession>;
  /** The SDK's client, connected. */
  client(token?: string): Promise<Client>;
  stop(): Promise<void>;
}

export interface TestSession {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  send(
    message: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  end(): Promise<Answer>;
}

export interface TestServerOptions extends Partial<Omit<HttpOptions, 'users'>> {
  readonly openUsersMax?: number;
  /** Used instead of real engines on files. */
  readonly engine?: (userId: UserId) => MemoryEngine;
}

export const jsonHeaders = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
};

export const initialize = (protocolVersion = '2025-11-25', id: string | number = 'init') => ({
  jsonrpc: '2.0',
  id,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});

/** The real server in this process, with real engines on files in a new folder. */
export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { folder, remove } = await makeFolder();
  const { config } = loadConfig({ withoutFile: true, env: {}, flags: { data_storage_path: folder } });
  const log: LogLine[] = [];
  const { engine, openUsersMax, ...overrides } = options;
  const factory = createEngineFactory(config, () => undefined);
  const pool = new EnginePool({
    open: async (userId) =>
      engine === undefined ? factory.open(userId) : { ...engine(userId), position: 'the same' },
    positionOf: (userId) => factory.positionOf(userId),
    checkEveryMs: 50,
    assistantId: toAssistantId('helper'),
    openUsersMax: openUsersMax ?? 100,
    idleMs: 60_000,
    roomWaitMs: 2000,
    report: () => undefined,
  });
  const server = await startHttp({
    version: '0.0.0-test',
    project: null,
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    tls: null,
    trustProxy: null,
    oauth: null,
    tokens: createTokenVerifier(folder),
    localUserId: toUserId('local'),
    users: pool,
    keepsSessions: true,
    sessionsMax: 100,
    sessionsPerUserMax: 100,
    sessionIdleMs: 600_000,
    requestsPerMinuteMax: 0,
    answerBytesMax: 1024 * 1024,
    shownConfig: (userId) => ({ user_id: userId }),
    checkReady: async () => undefined,
    log: (level, message, fields = {}) => log.push({ level, message, fields }),
    ...overrides,
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const send = (request: RequestOptions) => sendTo(server.url, request);
  const clients: Client[] = [];

  return {
    url: server.url,
    dataDir: folder,
    log,
    send,
    async token(user) {
      const about = { userId: toUserId(user), name: '', nowMs: Date.now() };
      const { token, record } = await createToken(tokensIn(folder), about);
      return { token, id: record.id };
    },
    async begin(token, protocolVersion) {
      const own = { ...jsonHeaders, ...(token === undefined ? {} : bearer(token)) };
      const begun = await send({ method: 'POST', headers: own, body: initialize(protocolVersion) });
      if (begun.status !== 200) throw new Error(`initialize: ${begun.status} ${begun.text}`);
      const id = String(begun.headers['mcp-session-id']);
      const headers = {
        ...own,
        'Mcp-Session-Id': id,
        'Mcp-Protocol-Version': begun.json.result.protocolVersion,
      };
      let count = 0;
      const post = (message: Readonly<Record<string, unknown>>, more = {}) =>
        send({ method: 'POST', headers: { ...headers, ...more }, body: { jsonrpc: '2.0', ...message } });
      await post({ method: 'notifications/initialized' });
      return {
        id,
        headers,
        send: post,
        call(tool, args) {
          count += 1;
          return post({ id: count, method: 'tools/call', params: { name: tool, arguments: args } });
        },
        end: () => send({ method: 'DELETE', headers }),
      };
    },
    async client(token) {
      const client = new Client({ name: 'test', version: '1' });
      const requestInit = token === undefined ? {} : { headers: bearer(token) };
      await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) await client.close();
      await server.stop();
      await pool.close();
      await remove();
    },
  };
}

/** Starts servers for the tests of a file, and stops them after each test. */
export function serversOfTests(): (options?: TestServerOptions) => Promise<TestServer> {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  return async (options) => {
    const server = await testServer(options);
    servers.push(server);
    return server;
  };
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** One HTTP request with exactly these headers, on a connection of its own. Bodies that are no text become JSON. */
export function sendTo(
  url: string,
  { method = 'GET', path, headers, body }: RequestOptions,
): Promise<Answer> {
  const target = path === undefined ? new URL(url) : new URL(path, url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(target, { method, agent: false, ...(headers && { headers }) }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(
      body === undefined || typeof body === 'string' || body instanceof Uint8Array
        ? body
        : JSON.stringify(body),
    );
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
