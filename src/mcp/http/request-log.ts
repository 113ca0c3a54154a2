import { type Exchange, lineOf, roundedMs } from '../exchange.js';
import { userHash } from '../user-hash.js';
import type { Identity } from './identity.js';
import type { Metrics } from './metrics.js';

/** A log with fields beside the message. Never contains what a user said. */
export type HttpLog = (
  level: 'debug' | 'info' | 'warning' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** An HTTP request that contained no JSON-RPC request, or that was refused. */
export interface HttpEvent {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly identity: Identity | undefined;
}

const paths: ReadonlySet<string> = new Set(['/mcp', '/metrics', '/healthz', '/readyz']);

/** Logs one line for each request and counts it. */
export class RequestLog {
  readonly #log: HttpLog;
  readonly #metrics: Metrics;

  constructor(log: HttpLog, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  exchange(identity: Identity, exchange: Exchange): void {
    const { tool, method, outcome } = lineOf(exchange);
    this.#metrics.request(tool ?? method, outcome, exchange.durationMs);
    const fields = tool === undefined ? { method } : { tool };
    this.#log('info', 'request', {
      ...fields,
      user: userHash(identity.userId),
      duration_ms: roundedMs(exchange.durationMs),
      outcome,
    });
  }

  http({ method, path, status, durationMs, identity }: HttpEvent): void {
    if (status >= 400) this.#metrics.refusal(status);
    const level = status >= 500 ? 'warning' : status < 400 && path !== '/mcp' ? 'debug' : 'info';
    this.#log(level, 'request', {
      // Only known paths, because anyone could put any text into other ones.
      method: `${method} ${paths.has(path) || path.startsWith('/.well-known/oauth-protected-resource') ? path.slice(0, 60) : 'other'}`,
      ...(identity && { user: userHash(identity.userId) }),
      duration_ms: roundedMs(durationMs),
      outcome: status < 400 ? 'success' : 'refused',
      status,
    });
  }
}
