import type { CallToolResult } from '@modelcontextprotocol/server';
import { MemoryError, type MemoryErrorCode } from '../model/errors.js';
import { inline } from './text/quote.js';

/** A result that tells a model what failed and what it can do. */
export function toolError(error: unknown): CallToolResult {
  const code = error instanceof MemoryError ? error.code : undefined;
  const message =
    error instanceof MemoryError
      ? error.message
      : 'The memory server failed with an internal error; its log on stderr has the details.';
  return {
    isError: true,
    content: [
      {
        type: 'text',
        text: `Error${code ? ` ${code}` : ''}: ${inline(message)}\nNext step: ${nextStep(code)}`,
      },
    ],
    _meta: { 'memoryos-mcp/code': code ?? 'INTERNAL' },
  };
}

/** The next step for the calling model. It cannot repair files, but it can call again or tell the user. */
function nextStep(code: MemoryErrorCode | undefined): string {
  switch (code) {
    case 'INPUT_INVALID':
    case 'ID_INVALID':
      return 'correct the arguments and call the tool again.';
    case 'NOT_FOUND':
      return 'use an id that an earlier result of this server gave you.';
    case 'CONFLICT':
    case 'STORE_BUSY':
      return 'nothing was stored; call the tool again in a few seconds.';
    case 'CANCELLED':
      return 'nothing was stored; call the tool again if you still need the result.';
    case 'MODEL_UNAVAILABLE':
      return 'call the tool again later; the stored memory is not affected.';
    case 'MODEL_REJECTED':
    case 'MODEL_MISSING':
    case 'MODEL_CONTENT':
    case 'MODEL_CONTEXT':
      return 'continue without this answer and tell the user to check openai_api_key, openai_base_url and llm_model.';
    case 'CONFIG_INVALID':
      return 'tell the user to correct the configuration; "memoryos-mcp doctor" checks it.';
    case 'STORE_CORRUPT':
    case 'STORE_NEWER':
    case 'STORE_IO':
    case 'STORE_CLOSED':
      return 'continue without the memory and tell the user that "memoryos-mcp doctor" shows what is wrong.';
    case undefined:
      return 'try once more; if it fails again, continue without the memory and tell the user.';
    default:
      return code satisfies never;
  }
}
