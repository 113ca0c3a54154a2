import type { CallToolResult, Tool, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { invalidArguments, understood } from './arguments.js';
import { type ObjectSchema, toJsonSchema } from './json-schema.js';
import { jsonText } from './text/json-text.js';
import { mended } from './text/mended.js';
import { withinBytes } from './text/within-bytes.js';
import type { ToldLately } from './told-lately.js';

/** What a tool has at hand while it runs. */
export interface ToolContext {
  /** Opens the memory if it is not open yet. */
  readonly engine: () => Promise<MemoryEngine>;
  /** The project of the session, for a call that names none. */
  readonly project: () => Promise<string | undefined>;
  /** Tells the client what the call is doing now. */
  readonly step: (message: string) => void;
  readonly signal: AbortSignal;
  readonly answerBytesMax: number;
  /** What this session stored itself. */
  readonly told: ToldLately;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Tells a model when to call it. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** Of a tool that writes: it also shows what is stored. */
  readonly alsoReads?: boolean;
  /** Has a view of its answers, for hosts that show MCP Apps. */
  readonly hasView?: true;
  readonly input: Input;
  /** What every answer has; an answer may have more. */
  readonly output: Output;
  /** For a tool that must not guess: a parameter that does not exist is an error, and not ignored with a notice. */
  readonly refusesUnknown?: true;
  run(input: z.infer<Input>, context: ToolContext): Promise<z.infer<Output>>;
}

/** A tool as the server offers and calls it. */
export interface MemoryTool {
  readonly name: string;
  readonly annotations: ToolAnnotations;
  /** Of a tool that writes: it also shows what is stored. */
  readonly alsoReads: boolean;
  /** Has a view of its answers, for hosts that show MCP Apps. */
  readonly hasView: boolean;
  /** The entry of `tools/list`. Made at the first call. */
  describe(): Tool;
  /**
   * Checks the arguments and runs. The text of the result is its structured content as JSON. Throws INPUT_INVALID,
   * naming every problem, and what `run` throws.
   */
  call(args: unknown, context: ToolContext): Promise<CallToolResult>;
}

/** What is not as it should be; only in answers that have something to say. */
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
      const given = mended(args ?? {});
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

/** The answer with its own notices and these; without any, the key is left out. */
function withNotices(answer: object, more: readonly string[]): Record<string, unknown> {
  const { notices: own, ...rest } = answer as Record<string, unknown>;
  const notices = [...(Array.isArray(own) ? own : []), ...more];
  return notices.length === 0 ? rest : { ...rest, notices };
}
