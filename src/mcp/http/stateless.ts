import {
  createMcpHandler,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type McpHttpHandler,
  type ServerEvent,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Exchange } from '../exchange.js';
import { RecentlyStored } from '../recently-stored.js';
import { tellChanges } from '../resources/changes.js';
import { createMcpServer } from '../server.js';
import type { McpServerOptions } from '../session.js';
import type { Identity } from './identity.js';
import type { HttpLog } from './request-log.js';

export interface StatelessParts {
  readonly version: string;
  /** Its `close` only removes the listeners of this caller. */
  readonly engineOf: (userId: UserId) => MemoryEngine;
  readonly answerBytesMax: number;
  /** From the configuration. */
  readonly project: string | null;
  readonly shownConfig: (identity: Identity) => Readonly<Record<string, unknown>>;
  /** True: requests of older revisions are also answered without a session. */
  readonly servesOlder: boolean;
  /** Maximum number of open `subscriptions/listen` requests of one sender. */
  readonly subscriptionsMax: number;
  readonly commentEveryMs: number;
  /** Whether an identity that was accepted would be accepted again. */
  readonly isStillValid: (identity: Identity) => Promise<boolean>;
  readonly observe: (identity: Identity, exchange: Exchange) => void;
  readonly log: HttpLog;
}

/**
 * How often streams are checked. The requests of a revoked token are refused at once; its open streams end
 * after at most this long.
 */
const checkEveryMs = 1000;

/** State shared by the requests of one sender while at least one of them is open. */
interface Sender {
  readonly identity: Identity;
  readonly handler: McpHttpHandler;
  open: number;
}

/**
 * Serves the revision 2026-07-28, and older ones when sessions are off. Every request has its own server and
 * no session. Any process can answer the next request.
 */
export class StatelessEndpoint {
  readonly #parts: StatelessParts;
  readonly #senders = new Map<string, Sender>();
  readonly #recentlyStored = new Map<string, RecentlyStored>();
  readonly #checking: NodeJS.Timeout;

  constructor(parts: StatelessParts) {
    this.#parts = parts;
    this.#checking = setInterval(() => void this.#endOver(), checkEveryMs).unref();
  }

  /** Answers one message. The answer may be a stream; the caller must call `over` when it ends. */
  async answer(
    identity: Identity,
    request: Request,
    body: unknown,
  ): Promise<{ readonly response: Response; readonly over: () => void }> {
    const sender = this.#senderOf(identity);
    sender.open += 1;
    const over = () => {
      sender.open -= 1;
      if (sender.open === 0 && this.#senders.get(identity.key) === sender) this.#senders.delete(identity.key);
    };
    const startedAt = performance.now();
    try {
      const response = await sender.handler.fetch(request, { parsedBody: body });
      return { response: this.#observed({ identity, body, startedAt }, response), over };
    } catch (error) {
      over();
      throw error;
    }
  }

  /** Ends all streams and requests in progress. */
  async close(): Promise<void> {
    clearInterval(this.#checking);
    const senders = [...this.#senders.values()];
    this.#senders.clear();
    await Promise.all(senders.map(({ handler }) => handler.close()));
  }

  #senderOf(identity: Identity): Sender {
    const known = this.#senders.get(identity.key);
    if (known !== undefined) return known;
    const { engineOf, servesOlder, subscriptionsMax, commentEveryMs, log } = this.#parts;
    const onerror = (error: Error) => log('debug', `Protocol: ${error.message}`);
    const handler = createMcpHandler(() => this.#server(identity, onerror), {
      legacy: servesOlder ? 'stateless' : 'reject',
      bus: new ChangesOf(() => engineOf(identity.userId), log),
      maxSubscriptions: subscriptionsMax,
      keepAliveMs: commentEveryMs,
      onerror,
    });
    const sender: Sender = { identity, handler, open: 0 };
    this.#senders.set(identity.key, sender);
    return sender;
  }

  #server(identity: Identity, onerror: (error: Error) => void) {
    const { version, engineOf, answerBytesMax, project, shownConfig, log } = this.#parts;
    const engine = engineOf(identity.userId);
    const options: McpServerOptions = {
      version,
      engine: async () => engine,
      log,
      answerBytesMax,
      shownConfig: shownConfig(identity),
      project: { configured: project },
      recentlyStored: this.#recentlyStoredBy(identity),
    };
    const { server } = createMcpServer(options, 'request');
    server.onerror = onerror;
    const { onclose } = server;
    server.onclose = () => {
      onclose?.();
      engine.close().catch((error: unknown) => log('error', messageOf(error)));
    };
    return server;
  }

  /** Kept by sender while it contains anything. The client's next request may go to another process. */
  #recentlyStoredBy(identity: Identity): RecentlyStored {
    const recentlyStored = this.#recentlyStored.get(identity.key) ?? new RecentlyStored();
    this.#recentlyStored.set(identity.key, recentlyStored);
    return recentlyStored;
  }

  /** The response, with its last message recorded for the log. */
  #observed(
    { identity, body, startedAt }: { identity: Identity; body: unknown; startedAt: number },
    response: Response,
  ): Response {
    const request: JSONRPCRequest | null = isJSONRPCRequest(body) ? body : null;
    if (request === null || response.body === null) return response;
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const tail = new Tail(isStream);
    const observe = () =>
      this.#parts.observe(identity, {
        request,
        answer: tail.message(),
        durationMs: performance.now() - startedAt,
      });
    const seen = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          tail.add(chunk);
          controller.enqueue(chunk);
        },
        flush: observe,
      }),
    );
    return new Response(seen, response);
  }

  /** Ends the streams of identities that are no longer valid, and drops old records of stored pages. */
  async #endOver(): Promise<void> {
    for (const [key, recentlyStored] of this.#recentlyStored) {
      if (recentlyStored.ids().length === 0 && !this.#senders.has(key)) this.#recentlyStored.delete(key);
    }
    for (const sender of [...this.#senders.values()]) {
      const stays = await this.#parts.isStillValid(sender.identity).catch((error: unknown) => {
        this.#parts.log('error', `A token cannot be checked, so its streams end: ${messageOf(error)}`);
        return false;
      });
      if (stays || this.#senders.get(sender.identity.key) !== sender) continue;
      this.#senders.delete(sender.identity.key);
      await sender.handler.close();
    }
  }
}

/** The changes of one memory, while somebody listens. */
class ChangesOf implements ServerEventBus {
  readonly #open: () => MemoryEngine;
  readonly #log: HttpLog;
  readonly #listeners = new Set<(event: ServerEvent) => void>();
  #close: (() => void) | null = null;

  constructor(open: () => MemoryEngine, log: HttpLog) {
    this.#open = open;
    this.#log = log;
  }

  publish(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#close ??= this.#listen();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#close?.();
      this.#close = null;
    };
  }

  #listen(): () => void {
    const engine = this.#open();
    const cancel = tellChanges(
      engine,
      {
        watched: null,
        updated: (uri) => this.publish({ kind: 'resource_updated', uri }),
        listChanged: () => this.publish({ kind: 'resources_list_changed' }),
      },
      this.#log,
    );
    // Changes are noticed only while the memory is open.
    engine.stats().catch((error: unknown) => this.#log('error', messageOf(error)));
    return () => {
      cancel();
      engine.close().catch((error: unknown) => this.#log('error', messageOf(error)));
    };
  }
}

/** Records the last message of an answer while it is sent. */
class Tail {
  readonly #isStream: boolean;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(isStream: boolean) {
    this.#isStream = isStream;
  }

  add(chunk: Uint8Array): void {
    const text = this.#decoder.decode(chunk, { stream: true });
    // A stream has one chunk for each event.
    this.#text = this.#isStream ? text : this.#text + text;
  }

  message(): JSONRPCMessage | undefined {
    const json = this.#isStream ? this.#text.slice(this.#text.indexOf('data:') + 5) : this.#text;
    try {
      return JSON.parse(json);
    } catch {
      return undefined;
    }
  }
}
