import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  isInitializeRequest,
  isJSONRPCRequest,
  isLegacyRequest,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { Request as HttpRequest, Response as HttpResponse } from 'express';
import type { HttpSession } from './http-session.js';
import type { Identity } from './identity.js';
import { Refusal } from './refusal.js';
import type { Sessions } from './sessions.js';
import type { StatelessEndpoint } from './stateless.js';

/** The headers that are passed on; all others are dropped. */
const passedHeaders = [
  'content-type',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
];
const jsonType = 'application/json';
const streamType = 'text/event-stream';

export interface EndpointOptions {
  readonly stateless: StatelessEndpoint;
  /**
   * Sessions for clients of revisions before 2026-07-28; null: those clients are served without a session,
   * too.
   */
  readonly sessions: Sessions | null;
  readonly newSession: (identity: Identity) => HttpSession;
  /** Called with a response that continues until the client or the server ends it. */
  readonly onListening: (response: HttpResponse) => void;
  /** Throws a Refusal when the identity lacks the scope for this request. */
  readonly checkScopes: (request: HttpRequest, identity: Identity, body: unknown) => void;
}

export interface McpRequest {
  readonly identity: Identity;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Called when a session's server has answered or will answer. */
  readonly onPassedOn: () => void;
}

/** Answers a request to the MCP path. Throws a Refusal. */
export async function answerMcp(options: EndpointOptions, asked: McpRequest): Promise<void> {
  const { sessions, checkScopes } = options;
  const { identity, request } = asked;
  const body: unknown = request.body;
  const accepts = acceptedBy(request);
  if (request.method === 'POST') {
    if (body === undefined) throw notJson(request);
    checkScopes(request, identity, body);
    if (sessions === null || !(await isLegacyRequest(toWeb(request), body))) {
      return answerAlone(options, asked, accepts);
    }
  }
  if (sessions === null) throw notKnown('Only POST is supported: this server keeps no sessions.', 'POST');
  return answerInSession(sessions, options, asked, accepts);
}

async function answerAlone(
  { stateless, onListening }: EndpointOptions,
  { identity, request, response, onPassedOn }: McpRequest,
  accepts: Accepted,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  endWith(response, identity);
  const { signal } = gone;
  const { response: answer, over } = await stateless.answer(identity, toWeb(request, signal), request.body);
  if (signal.aborted) over();
  else signal.addEventListener('abort', over, { once: true });
  if (isListening(request.body)) onListening(response);
  if (answer.status === 200) onPassedOn();
  await send(accepts.stream ? answer : await asPlain(answer), response);
}

async function answerInSession(
  sessions: Sessions,
  { newSession }: EndpointOptions,
  { identity, request, response, onPassedOn }: McpRequest,
  accepts: Accepted,
): Promise<void> {
  const body: unknown = request.body;
  const sessionId = request.get('mcp-session-id');
  switch (request.method) {
    case 'POST': {
      if (sessionId === undefined || beginsAnew(sessionId)) return begin(body);
      const session = sessions.find(sessionId, identity);
      return pass(session, session.transport.handle(toWeb(request), body, accepts.stream));
    }
    case 'GET': {
      const session = sessions.find(required(sessionId), identity);
      if (!accepts.stream) throw notAccepted(streamType);
      endWith(response, identity);
      return pass(session, session.transport.handle(toWeb(request), undefined, true));
    }
    case 'DELETE':
      await sessions.end(sessions.find(required(sessionId), identity));
      response.status(200).end();
      return;
    default:
      throw notKnown('Only POST, GET and DELETE are supported.', 'POST, GET, DELETE');
  }

  /** Whether a client starts again but still names a lost session, as after a restart of this server. */
  function beginsAnew(id: string): boolean {
    return isInitializeRequest(body) && sessions.get(id, identity) === undefined;
  }

  async function begin(first: unknown): Promise<void> {
    if (!isInitializeRequest(first)) throw notBegun(first);
    const session = newSession(identity);
    try {
      sessions.add(session);
    } catch (error) {
      await session.close();
      throw error;
    }
    const answer = await session.begin(toWeb(request), first);
    if (!answer.ok) await sessions.end(session);
    return pass(session, Promise.resolve(answer));
  }

  async function pass(session: HttpSession, answer: Promise<Response>): Promise<void> {
    response.once('close', session.enter());
    const given = await answer;
    if (given.status === 200 && request.method === 'POST') onPassedOn();
    await send(accepts.json ? given : await asStream(given), response);
  }
}

function notKnown(message: string, allow: string): Refusal {
  return new Refusal(405, message, { headers: { Allow: allow } });
}

function isListening(body: unknown): boolean {
  return isJSONRPCRequest(body) && body.method === 'subscriptions/listen';
}

interface Accepted {
  readonly json: boolean;
  readonly stream: boolean;
}

/**
 * The content types that a client accepts. Both when the header is missing or general. Throws a Refusal when
 * it accepts neither.
 */
function acceptedBy(request: HttpRequest): Accepted {
  const json = request.accepts(jsonType) !== false;
  const stream = request.accepts(streamType) !== false;
  if (!json && !stream && request.method === 'POST') throw notAccepted(`${jsonType} or ${streamType}`);
  return { json, stream };
}

function notAccepted(type: string): Refusal {
  return new Refusal(406, `Answers have the type ${type}. Add it to the header Accept, or omit the header.`);
}

/** Wraps a plain answer for a client that reads only streams: a stream with one message of one line. */
async function asStream(answer: Response): Promise<Response> {
  if (answer.status !== 200 || answer.headers.get('content-type') !== jsonType) return answer;
  const headers = new Headers(answer.headers);
  headers.set('content-type', streamType);
  headers.delete('content-length');
  return new Response(`event: message\ndata: ${await answer.text()}\n\n`, { status: answer.status, headers });
}

/** Unwraps the last message of a stream, which is its answer, for a client that reads only plain answers. */
async function asPlain(answer: Response): Promise<Response> {
  if (answer.headers.get('content-type')?.startsWith(streamType) !== true) return answer;
  const messages = (await answer.text()).match(/^data: .*$/gm) ?? [];
  const headers = new Headers(answer.headers);
  headers.set('content-type', jsonType);
  return new Response(messages.at(-1)?.slice('data: '.length) ?? null, { status: answer.status, headers });
}

function toWeb(request: HttpRequest, signal?: AbortSignal): Request {
  // The SDK requires the client to accept both. What the client really accepts is handled here.
  const headers = new Headers({ accept: `${jsonType}, ${streamType}` });
  for (const name of passedHeaders) {
    const value = request.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  // The body is already parsed and the host already checked, so the SDK needs neither.
  return new Request('http://localhost/mcp', { method: request.method, headers, signal: signal ?? null });
}

async function send(answer: Response, response: HttpResponse): Promise<void> {
  response.status(answer.status);
  answer.headers.forEach((value, name) => {
    response.setHeader(name, value);
  });
  if (answer.body === null) {
    response.end();
  } else if (answer.headers.get('content-type') === 'text/event-stream') {
    response.flushHeaders();
    // A client that disconnects is not an error.
    await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
  } else {
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}

/** Ends a stream when its token expires. The client returns with its next token. */
function endWith(response: HttpResponse, { expiresAtMs }: Identity): void {
  if (expiresAtMs === null) return;
  const leftMs = Math.min(Math.max(0, expiresAtMs - Date.now()), 2 ** 31 - 1);
  const end = setTimeout(() => response.destroy(), leftMs).unref();
  response.once('close', () => clearTimeout(end));
}

function required(sessionId: string | undefined): string {
  if (sessionId !== undefined) return sessionId;
  throw new Refusal(400, 'The header Mcp-Session-Id is missing. Start a session with "initialize".');
}

function notJson(request: HttpRequest): Refusal {
  return request.is('application/json') === false
    ? new Refusal(415, 'Content-Type must be application/json, without Content-Encoding.')
    : new Refusal(400, 'The body is empty. Send a JSON-RPC message.', {
        code: ProtocolErrorCode.InvalidRequest,
      });
}

function notBegun(body: unknown): Refusal {
  const isInitialize =
    typeof body === 'object' && body !== null && 'method' in body && body.method === 'initialize';
  return isInitialize
    ? new Refusal(400, 'This "initialize" lacks an id, protocolVersion, capabilities or clientInfo.', {
        code: ProtocolErrorCode.InvalidRequest,
      })
    : new Refusal(400, 'The header Mcp-Session-Id is missing. Start a session with "initialize".');
}
