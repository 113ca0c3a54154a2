import {
  isInitializeRequest,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageExtraInfo,
  ProtocolErrorCode,
  type RequestId,
  type Transport,
  type TransportSendOptions,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Exchange } from '../exchange.js';
import type { SessionEvents } from './event-log.js';

interface Pending {
  readonly request: JSONRPCRequest;
  readonly via: WebStandardStreamableHTTPServerTransport;
  readonly startedAt: number;
}

export interface SessionTransportParts {
  readonly events: SessionEvents;
  readonly commentEveryMs: number;
  readonly observe: (exchange: Exchange) => void;
}

const retryAfterMs = 1000;
/** "Request cancelled", as in LSP and in JSON-RPC's implementation-defined range. */
const requestCancelled = -32800;
/** The value that the SDK uses. */
const sessionNotFound = -32001;

/**
 * Streamable HTTP for one session, combining two transports of the SDK. Requests that may report progress are
 * answered with a resumable stream, all others with plain JSON. The server sees a single transport.
 */
export class SessionTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly sessionId: string;

  readonly #streams: WebStandardStreamableHTTPServerTransport;
  readonly #events: SessionEvents;
  readonly #observe: (exchange: Exchange) => void;
  readonly #pending = new Map<RequestId, Pending>();
  #closed = false;
  /** Whether the client ever opened the session's own stream. */
  #heard = false;

  constructor(sessionId: string, { events, commentEveryMs, observe }: SessionTransportParts) {
    this.sessionId = sessionId;
    this.#events = events;
    this.#observe = observe;
    this.#streams = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => sessionId,
      eventStore: events,
      keepAliveMs: commentEveryMs,
      retryInterval: retryAfterMs,
    });
  }

  get pending(): number {
    return this.#pending.size;
  }

  async start(): Promise<void> {
    this.#streams.onerror = (error) => this.onerror?.(error);
    await this.#streams.start();
  }

  /** Answers the request that starts the session. With a status other than 200, the session did not start. */
  async begin(request: Request, body: unknown): Promise<Response> {
    // Both transports must receive the request; only one passes it to the server.
    const opened = await this.#streams.handleRequest(request, { parsedBody: body });
    if (opened.status !== 200) return opened;
    await opened.body?.cancel();
    this.#streams.onmessage = (message, extra) => this.#receive(message, extra);
    const answer = await this.#pass(await this.#plain(), request, body);
    answer.headers.set('mcp-session-id', this.sessionId);
    return answer;
  }

  /** Answers any later GET or POST. `readsStreams`: whether the client accepts a stream. */
  async handle(request: Request, body: unknown, readsStreams: boolean): Promise<Response> {
    if (request.method === 'GET') return this.#stream(request);
    return this.#pass(readsStreams && wantsStream(body) ? this.#streams : await this.#plain(), request, body);
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
      if (pending !== undefined) await this.#answer(pending, message);
      return;
    }
    const related = options?.relatedRequestId;
    const via = related === undefined ? undefined : this.#pending.get(related)?.via;
    // A plain answer can carry no other messages; they go to the session's own stream.
    const onStream = via === this.#streams && related !== undefined;
    // The client has no open stream, and without an event id it cannot ask for the message later.
    if (!onStream && !this.#heard) return;
    await this.#streams.send(message, onStream ? { relatedRequestId: related } : undefined);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of [...this.#pending.values()]) {
      await this.#giveUp(pending, 'The session has ended. Start another one.');
    }
    await this.#streams.close();
    this.#events.clear();
    this.onclose?.();
  }

  /** A new transport for each request, because the SDK's transport keeps every plain answer in memory. */
  async #plain(): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    transport.onmessage = (message, extra) => this.#receive(message, extra);
    transport.onerror = (error) => this.onerror?.(error);
    await transport.start();
    return transport;
  }

  async #pass(
    via: WebStandardStreamableHTTPServerTransport,
    request: Request,
    body: unknown,
  ): Promise<Response> {
    const entries = requestsIn(body).map(
      (one): Pending => ({ request: one, via, startedAt: performance.now() }),
    );
    const ids = new Set(entries.map((entry) => entry.request.id));
    if (ids.size < entries.length || [...ids].some((id) => this.#pending.has(id))) {
      return refused(
        400,
        ProtocolErrorCode.InvalidRequest,
        'Another request with this id is not answered yet. Use a new id for each request.',
      );
    }
    if (this.#closed) return refused(404, sessionNotFound, 'The session has ended. Start another one.');
    for (const entry of entries) this.#pending.set(entry.request.id, entry);
    const response = await via.handleRequest(request, { parsedBody: body });
    // Refused: the request did not reach the server.
    if (!response.ok) for (const { request } of entries) this.#pending.delete(request.id);
    return response;
  }

  #receive(message: JSONRPCMessage, extra?: MessageExtraInfo): void {
    this.onmessage?.(message, extra);
    if ('method' in message && message.method === 'notifications/cancelled') this.#cancelled(message.params);
  }

  /** Ends the HTTP request of a cancelled request, which the server does not answer. */
  #cancelled(params: Readonly<Record<string, unknown>> | undefined): void {
    const id = params?.requestId;
    const pending = typeof id === 'string' || typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending === undefined) return;
    this.#giveUp(pending, 'The request was cancelled').catch((error: unknown) => this.#failed(error));
  }

  async #answer(pending: Pending, message: JSONRPCMessage): Promise<void> {
    this.#settle(pending, message);
    await pending.via.send(message);
  }

  async #giveUp(pending: Pending, message: string): Promise<void> {
    this.#settle(pending, undefined);
    const { id } = pending.request;
    await pending.via
      .send({ jsonrpc: '2.0', id, error: { code: requestCancelled, message } })
      .catch((error: unknown) => this.#failed(error));
  }

  #settle(pending: Pending, answer: JSONRPCMessage | undefined): void {
    if (this.#pending.get(pending.request.id) === pending) this.#pending.delete(pending.request.id);
    this.#observe({ request: pending.request, answer, durationMs: performance.now() - pending.startedAt });
  }

  async #stream(request: Request): Promise<Response> {
    const lastEventId = request.headers.get('last-event-id');
    this.#heard = true;
    const response = await this.#streams.handleRequest(request);
    if (lastEventId === null || !response.ok || response.body === null) return response;
    const missed = this.#events.after(lastEventId);
    const isOver = missed.some(({ message }) => !('method' in message) && 'id' in message);
    return isOver ? new Response(firstChunks(response.body, missed.length), response) : response;
  }

  #failed(error: unknown): void {
    this.onerror?.(error instanceof Error ? error : new Error(String(error)));
  }
}

function requestsIn(body: unknown): JSONRPCRequest[] {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.filter(isJSONRPCRequest);
}

/**
 * Whether the caller asked for progress. A second `initialize` is also answered with a stream, because the
 * SDK's stream transport recognises it.
 */
function wantsStream(body: unknown): boolean {
  return requestsIn(body).some(
    (request) => request.params?._meta?.progressToken !== undefined || isInitializeRequest(request),
  );
}

function refused(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}

/**
 * Limits a body to its first events. The SDK writes one chunk for each event, and leaves the stream open
 * after its answer.
 */
function firstChunks(body: ReadableStream<Uint8Array>, count: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = count;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (value !== undefined) controller.enqueue(value);
      left -= 1;
      if (done || left === 0) {
        await reader.cancel();
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
