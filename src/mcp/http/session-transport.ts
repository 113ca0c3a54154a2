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
/** Of LSP and of JSON-RPC's implementation range: the request was cancelled. */
const requestCancelled = -32800;
/** As the SDK has it. */
const sessionNotFound = -32001;

/**
 * Streamable HTTP for one session over the SDK's two ways to do it: what may have progress to tell is answered
 * as a stream that can be resumed, everything else as plain JSON. The server sees one transport.
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
  /** Whether the session's own stream was ever opened. */
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

  /** Answers the request that begins the session. Another status than 200: it did not begin. */
  async begin(request: Request, body: unknown): Promise<Response> {
    // Both have to have seen it; the server hears it from one.
    const opened = await this.#streams.handleRequest(request, { parsedBody: body });
    if (opened.status !== 200) return opened;
    await opened.body?.cancel();
    this.#streams.onmessage = (message, extra) => this.#receive(message, extra);
    const answer = await this.#pass(await this.#plain(), request, body);
    answer.headers.set('mcp-session-id', this.sessionId);
    return answer;
  }

  /** Answers any later GET or POST. `readsStreams`: whether the client can take an answer as a stream. */
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
    // A plain answer has no room for anything else: then it goes to the session's own stream.
    const onStream = via === this.#streams && related !== undefined;
    // Nobody hears it, and without an event's id nobody can ask for it later.
    if (!onStream && !this.#heard) return;
    await this.#streams.send(message, onStream ? { relatedRequestId: related } : undefined);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of [...this.#pending.values()]) {
      await this.#giveUp(pending, 'The session has ended. Begin another one.');
    }
    await this.#streams.close();
    this.#events.clear();
    this.onclose?.();
  }

  /** One for each request: the SDK's keeps every plain answer it gave for as long as it lives. */
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
        'The id of this request is that of another one which is not answered yet. Count ids up.',
      );
    }
    if (this.#closed) return refused(404, sessionNotFound, 'The session has ended. Begin another one.');
    for (const entry of entries) this.#pending.set(entry.request.id, entry);
    const response = await via.handleRequest(request, { parsedBody: body });
    // Refused: the server has not heard of it.
    if (!response.ok) for (const { request } of entries) this.#pending.delete(request.id);
    return response;
  }

  #receive(message: JSONRPCMessage, extra?: MessageExtraInfo): void {
    this.onmessage?.(message, extra);
    if ('method' in message && message.method === 'notifications/cancelled') this.#cancelled(message.params);
  }

  /** The server does not answer a cancelled request, but the HTTP request has to end. */
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
 * Whether the caller asked to hear of the progress of a request. A second `initialize` goes the same way: there
 * the SDK knows that it is one.
 */
function wantsStream(body: unknown): boolean {
  return requestsIn(body).some(
    (request) => request.params?._meta?.progressToken !== undefined || isInitializeRequest(request),
  );
}

function refused(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}

/** The SDK writes one chunk an event, and leaves the stream open although its answer was sent. */
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
