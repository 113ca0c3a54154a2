import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { toolByName } from '../tools/handlers.js';
import type { Identity } from './identity.js';
import type { Metrics } from './metrics.js';
import type { Exchange } from './session-transport.js';
import { userHash } from './user-hash.js';

/** A log that takes fields beside the message. Never given what a user said. */
export type HttpLog = (
  level: 'debug' | 'info' | 'warning' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** One HTTP request that no JSON-RPC request came of, or that was refused. */
export interface HttpEvent {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly identity: Identity | undefined;
}

const methods: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'completion/complete',
  'logging/setLevel',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'tools/list',
  'tools/call',
]);
const paths: ReadonlySet<string> = new Set(['/mcp', '/metrics', '/healthz', '/readyz']);

/** Writes one line a request and counts it. */
export class RequestLog {
  readonly #log: HttpLog;
  readonly #metrics: Metrics;

  constructor(log: HttpLog, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  exchange(identity: Identity, { request, answer, durationMs }: Exchange): void {
    const { method, params } = request;
    const tool = method === 'tools/call' ? toolIn(params) : undefined;
    const name = tool ?? (methods.has(method) ? method : 'other');
    const outcome = outcomeOf(answer);
    this.#metrics.request(name, outcome, durationMs);
    const fields = tool === undefined ? { method: name } : { tool };
    this.#log('info', 'request', {
      ...fields,
      user: userHash(identity.userId),
      duration_ms: rounded(durationMs),
      outcome,
    });
  }

  http({ method, path, status, durationMs, identity }: HttpEvent): void {
    if (status >= 400) this.#metrics.refusal(status);
    const level = status >= 500 ? 'warning' : status < 400 && path !== '/mcp' ? 'debug' : 'info';
    this.#log(level, 'request', {
      // Only what is known: anything else a stranger could have put there.
      method: `${method} ${paths.has(path) || path.startsWith('/.well-known/oauth-protected-resource') ? path.slice(0, 60) : 'other'}`,
      ...(identity && { user: userHash(identity.userId) }),
      duration_ms: rounded(durationMs),
      outcome: status < 400 ? 'success' : 'refused',
      status,
    });
  }
}

/** Undefined for a tool that does not exist: its name may be anything. */
function toolIn(params: Exchange['request']['params']): string | undefined {
  const name = params?.name;
  return typeof name === 'string' && toolByName.has(name) ? name : undefined;
}

/** `success`, the code of the memory's error, `protocol_error` or `cancelled`. */
function outcomeOf(answer: JSONRPCMessage | undefined): string {
  if (answer === undefined) return 'cancelled';
  if ('error' in answer) return 'protocol_error';
  if (!('result' in answer) || answer.result.isError !== true) return 'success';
  const code = answer.result._meta?.['memoryos-mcp/code'];
  return typeof code === 'string' ? code : 'INTERNAL';
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
