import * as z from 'zod';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { MemoryError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { Operations } from './operations.js';

export type Scope = 'memory:read' | 'memory:write';

/** The sender of a request, and what this person may do. */
export interface Caller {
  readonly userId: UserId;
  readonly scopes: ReadonlySet<string>;
  /** True for access from this machine without a token. */
  readonly isLocal: boolean;
}

export interface RouteContext {
  readonly memory: MemoryEngine;
  readonly caller: Caller;
  readonly operations: Operations;
  readonly signal: AbortSignal;
}

interface Definition<Input extends z.ZodObject, Output extends z.ZodType> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Path below /api/v1, with parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly scope: Scope;
  /** Path parameters together with those of the query (GET) or the JSON body. */
  readonly input: Input;
  readonly output: Output;
  run(input: z.infer<Input>, context: RouteContext): Promise<z.input<Output>>;
}

/** One operation of the API, with its OpenAPI description and its implementation. */
export interface Route extends Omit<Definition<z.ZodObject, z.ZodType>, 'run'> {
  /** Throws INPUT_INVALID, which names every problem, and the errors of `run`. */
  answer(given: unknown, context: RouteContext): Promise<unknown>;
}

export function defineRoute<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Definition<Input, Output>,
): Route {
  const { run, ...described } = definition;
  return {
    ...described,
    async answer(given, context) {
      const parsed = definition.input.safeParse(given);
      if (!parsed.success) {
        throw new MemoryError('INPUT_INVALID', `The request is not valid: ${problemsOf(parsed.error)}.`, {
          cause: parsed.error,
        });
      }
      return run(parsed.data, context);
    },
  };
}

function problemsOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${z.core.toDotPath(issue.path) || 'the request'}: ${issue.message}`)
    .join('; ');
}
