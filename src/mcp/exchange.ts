import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/server';
import { toolByName } from './tools/handlers.js';

/** A request and how it ended. */
export interface Exchange {
  readonly request: JSONRPCRequest;
  /** Undefined: it was cancelled, or the session ended before the answer. */
  readonly answer: JSONRPCMessage | undefined;
  readonly durationMs: number;
}

/** What the log says of an exchange; nothing of its content. */
export interface ExchangeLine {
  /** The tool, for a call of one that exists. */
  readonly tool: string | undefined;
  /** The method; `other` for one that does not exist, whose name may be anything. */
  readonly method: string;
  /** `success`, the code of the memory's error, `protocol_error` or `cancelled`. */
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

/** Milliseconds as logged. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Undefined for a tool that does not exist: its name may be anything. */
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
