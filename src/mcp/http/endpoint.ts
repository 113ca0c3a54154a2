import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ErrorCode, isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Request as HttpRequest, Response as HttpResponse } from 'express';
import type { HttpSession } from './http-session.js';
import type { Identity } from './identity.js';
import { Refusal } from './refusal.js';
import type { Sessions } from './sessions.js';

/** What a request is and how it may be answered; nothing else of it is passed on. */
const passedHeaders = ['accept', 'content-type', 'mcp-session-id', 'mcp-protocol-version', 'last-event-id'];

export interface EndpointOptions {
  readonly sessions: Sessions;
  readonly newSession: (identity: Identity) => HttpSession;
  /** Throws a Refusal when the identity may not do this. */
  readonly checkScopes: (request: HttpRequest, identity: Identity, body: unknown) => void;
}

export interface McpRequest {
  readonly identity: Identity;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Called when a session's server has answered it or is to answer it. */
  readonly onPassedOn: () => void;
}

/** Answers a request of MCP's own path. Throws a Refusal. */
export async function answerMcp(
  { sessions, newSession, checkScopes }: EndpointOptions,
  { identity, request, response, onPassedOn }: McpRequest,
): Promise<void> {
  const body: unknown = request.body;
  const sessionId = request.get('mcp-session-id');
  switch (request.method) {
    case 'POST': {
      if (body === undefined) throw notJson(request);
      checkScopes(request, identity, body);
      if (sessionId === undefined) return begin(body);
      const session = sessions.find(sessionId, identity);
      return pass(session, session.transport.handle(toWeb(request), body));
    }
    case 'GET': {
      const session = sessions.find(required(sessionId), identity);
      endWith(response, identity);
      return pass(session, session.transport.handle(toWeb(request), undefined));
    }
    case 'DELETE':
      await sessions.end(sessions.find(required(sessionId), identity));
      response.status(200).end();
      return;
    default:
      throw new Refusal(405, 'Only POST, GET and DELETE are known here.', {
        headers: { Allow: 'POST, GET, DELETE' },
      });
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
    await send(given, response);
  }
}

function toWeb(request: HttpRequest): Request {
  const headers = new Headers();
  for (const name of passedHeaders) {
    const value = request.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  // The body was read already, and the host was checked: the SDK needs neither.
  return new Request('http://localhost/mcp', { method: request.method, headers });
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
    // A client that goes away is no error.
    await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
  } else {
    response.end(Buffer.from(await answer.arrayBuffer()));
  }
}

/** A stream ends with the token it was opened with; the client comes again with its next one. */
function endWith(response: HttpResponse, { expiresAtMs }: Identity): void {
  if (expiresAtMs === null) return;
  const leftMs = Math.min(Math.max(0, expiresAtMs - Date.now()), 2 ** 31 - 1);
  const end = setTimeout(() => response.destroy(), leftMs).unref();
  response.once('close', () => clearTimeout(end));
}

function required(sessionId: string | undefined): string {
  if (sessionId !== undefined) return sessionId;
  throw new Refusal(400, 'The header Mcp-Session-Id is missing. Begin a session with "initialize".');
}

function notJson(request: HttpRequest): Refusal {
  return request.is('application/json') === false
    ? new Refusal(415, 'Content-Type has to be application/json, without Content-Encoding.')
    : new Refusal(400, 'The body is empty. Send a JSON-RPC message.', { code: ErrorCode.InvalidRequest });
}

function notBegun(body: unknown): Refusal {
  const isInitialize =
    typeof body === 'object' && body !== null && 'method' in body && body.method === 'initialize';
  return isInitialize
    ? new Refusal(400, 'This "initialize" lacks an id, protocolVersion, capabilities or clientInfo.', {
        code: ErrorCode.InvalidRequest,
      })
    : new Refusal(400, 'The header Mcp-Session-Id is missing. Begin a session with "initialize".');
}
