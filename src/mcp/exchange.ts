import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/server';
import { toolByName } from './tools/handlers.js';

/** A request and its result. */
export interface Exchange {
  readonly request: JSONRPCRequest;
  /** Undefined when the request was cancelled, or the session ended before the answer. */
  readonly answer: JSONRPCMessage | undefined;
  readonly durationMs: number;
}

/** The log line for an exchange; contains nothing of its content. */
export interface ExchangeLine {
  /** The tool, for a call of an existing tool. */
  readonly tool: string | undefined;
  /** The method. `other` for an unknown method, whose name could be any text. */
  readonly method: string;
  /** `success`, the code of a MemoryError, `protocol_error` or `cancelled`. */
  readonly outcome: string;
}

const methods: ReadonlySet<string> = new Set([
  'initialize',
  'server/discover',
  'subscriptions/listen',
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

export function lineOf({ request, answer }: Exchange): ExchangeLine {
  const { method, params } = request;
  return {
    tool: method === 'tools/call' ? toolIn(params) : undefined,
    method: methods.has(method) ? method : 'other',
    outcome: outcomeOf(answer),
  };
}

/** Rounds milliseconds for the log. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Undefined for an unknown tool, whose name could be any text. */
function toolIn(params: JSONRPCRequest['params']): string | undefined {
  const name = params?.name;
  return typeof name === 'string' && toolByName.has(name) ? name : undefined;
}

function outcomeOf(answer: JSONRPCMessage | undefined): string {
  if (answer === undefined) return 'cancelled';
  if ('error' in answer) return 'protocol_error';
  if (!('result' in answer) || answer.result.isError !== true) return 'success';
  const code = answer.result._meta?.['memoryos-mcp/code'];
  return typeof code === 'string' ? code : 'INTERNAL';
}
