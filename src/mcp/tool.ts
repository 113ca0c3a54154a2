import type { CallToolResult, Tool, ToolAnnotations } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { invalidArguments, understood } from './arguments.js';
import { type ObjectSchema, toJsonSchema } from './json-schema.js';
import type { RecentlyStored } from './recently-stored.js';
import { jsonText } from './text/json-text.js';
import { wellFormed } from './text/well-formed.js';
import { withinBytes } from './text/within-bytes.js';

/** What a tool may use while it runs. */
export interface ToolContext {
  /** Opens the memory unless it is open. */
  readonly engine: () => Promise<MemoryEngine>;
  /** The project of the session, for a call that names none. */
  readonly project: () => Promise<string | undefined>;
  /** Reports to the client what the call is doing. */
  readonly step: (message: string) => void;
  readonly signal: AbortSignal;
  readonly answerBytesMax: number;
  /** The pages that this session stored itself. */
  readonly recentlyStored: RecentlyStored;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Tells a model when to call the tool. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** For a tool that writes: whether it also shows stored content. */
  readonly alsoReads?: boolean;
  /** The tool has a view of its answers for hosts that support MCP Apps. */
  readonly hasView?: true;
  readonly input: Input;
  /** The fields of every answer; an answer may have more. */
  readonly output: Output;
  /**
   * For a tool that must not guess: an unknown parameter is an error instead of being ignored with a notice.
   */
  readonly refusesUnknown?: true;
  run(input: z.infer<Input>, context: ToolContext): Promise<z.infer<Output>>;
}

/** A tool that the server offers and calls. */
export interface MemoryTool {
  readonly name: string;
  readonly annotations: ToolAnnotations;
  /** For a tool that writes: whether it also shows stored content. */
  readonly alsoReads: boolean;
  /** The tool has a view of its answers for hosts that support MCP Apps. */
  readonly hasView: boolean;
  /** The entry of `tools/list`; computed on the first call. */
  describe(): Tool;
  /**
   * Checks the arguments and runs the tool. The text of the result is its structured content as JSON. Throws
   * INPUT_INVALID, which names every problem, and the errors of `run`.
   */
  call(args: unknown, context: ToolContext): Promise<CallToolResult>;
}

/** Deviations from normal service; absent when there are none. */
const noticesShape = { notices: z.array(z.string()).optional() };

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): MemoryTool {
  const { name, title, description, annotations, input, output } = definition;
  let described: (Omit<Tool, 'inputSchema'> & { inputSchema: ObjectSchema }) | undefined;
  const describe = () => {
    described ??= {
      name,
      title,
      description,
      inputSchema: toJsonSchema(input),
      outputSchema: toJsonSchema(output.extend(noticesShape)),
      annotations,
    };
    return described;
  };
  return {
    name,
    annotations,
    alsoReads: definition.alsoReads ?? false,
    hasView: definition.hasView ?? false,
    describe,
    async call(args, context) {
      const given = wellFormed(args ?? {});
      const meant = understood(given, describe().inputSchema, definition.refusesUnknown === true);
      const parsed = input.safeParse(meant.args);
      if (!parsed.success) throw invalidArguments(name, Object.keys(input.shape), meant.args, parsed.error);
      const fitted = withinBytes(await definition.run(parsed.data, context), context.answerBytesMax);
      const answer = withNotices(fitted.answer, [
        ...meant.notices,
        ...(fitted.notice === '' ? [] : [fitted.notice]),
      ]);
      return { content: [{ type: 'text', text: jsonText(answer) }], structuredContent: answer };
    },
  };
}

/** Adds notices to an answer's own; the key is absent when there are none. */
function withNotices(answer: object, more: readonly string[]): Record<string, unknown> {
  const { notices: own, ...rest } = answer as Record<string, unknown>;
  const notices = [...(Array.isArray(own) ? own : []), ...more];
  return notices.length === 0 ? rest : { ...rest, notices };
}
