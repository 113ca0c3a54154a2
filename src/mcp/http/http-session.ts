import { randomUUID } from 'node:crypto';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import type { Exchange } from '../exchange.js';
import { createMcpServer, type MemoryServer } from '../server.js';
import type { SessionEvents } from './event-log.js';
import type { Identity } from './identity.js';
import type { HttpLog } from './request-log.js';
import { SessionTransport } from './session-transport.js';

export interface SessionParts {
  readonly version: string;
  /** Its `close` only removes this session's listeners. */
  readonly engine: MemoryEngine;
  readonly events: SessionEvents;
  /** From the limits. */
  readonly commentEveryMs: number;
  readonly answerBytesMax: number;
  readonly shownConfig: Readonly<Record<string, unknown>>;
  /** From the configuration only, because over HTTP a client may run on another machine. */
  readonly project: string | null;
  readonly log: HttpLog;
  readonly observe: (exchange: Exchange) => void;
}

/** One client's session: its own MCP server over the memory of the user who started it. */
export class HttpSession {
  readonly id: string = randomUUID();
  readonly identity: Identity;
  readonly transport: SessionTransport;
  readonly #engine: MemoryEngine;
  readonly #server: MemoryServer['server'];
  readonly #connected: Promise<void>;
  #busy = 0;
  #usedAt = performance.now();

  constructor(identity: Identity, parts: SessionParts) {
    this.identity = identity;
    this.#engine = parts.engine;
    this.transport = new SessionTransport(this.id, parts);
    const { server } = createMcpServer({
      version: parts.version,
      engine: async () => parts.engine,
      log: parts.log,
      answerBytesMax: parts.answerBytesMax,
      shownConfig: parts.shownConfig,
      project: { configured: parts.project },
    });
    server.onerror = (error) => parts.log('debug', `Protocol: ${error.message}`);
    this.#server = server;
    this.#connected = server.connect(this.transport);
  }

  /** Answers the request that starts the session. */
  async begin(request: Request, body: unknown): Promise<Response> {
    await this.#connected;
    return this.transport.begin(request, body);
  }

  /** Counts a request or a stream of this session as open until the returned function is called. */
  enter(): () => void {
    this.#busy += 1;
    this.#usedAt = performance.now();
    return () => {
      this.#busy -= 1;
      this.#usedAt = performance.now();
    };
  }

  /** How long the session has been unused. */
  get unusedMs(): number {
    return this.#busy > 0 ? 0 : performance.now() - this.#usedAt;
  }

  /** Ends its streams and answers waiting requests. May be called twice. */
  async close(): Promise<void> {
    await this.#server.close();
    await this.#engine.close();
  }
}
