import type { CallToolResult, Tool, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { MemoryError } from '../model/errors.js';
import { toJsonSchema } from './json-schema.js';

/** What a tool has at hand while it runs. */
export interface ToolContext {
  /** Opens the memory if it is not open yet. */
  readonly engine: () => Promise<MemoryEngine>;
  /** Tells the client what the call is doing now. */
  readonly step: (message: string) => void;
  readonly signal: AbortSignal;
}

export interface ToolAnswer<Output> {
  readonly structured: Output;
  /** The same for a model to read. */
  readonly text: string;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Tells a model when to call it. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** Of a tool that writes: it also shows what is stored. */
  readonly alsoReads?: boolean;
  readonly input: Input;
  readonly output: Output;
  run(input: z.infer<Input>, context: ToolContext): Promise<ToolAnswer<z.infer<Output>>>;
}

/** A tool as the server offers and calls it. */
export interface MemoryTool {
  readonly name: string;
  readonly annotations: ToolAnnotations;
  /** Of a tool that writes: it also shows what is stored. */
  readonly alsoReads: boolean;
  /** The entry of `tools/list`. Made at the first call. */
  describe(): Tool;
  /** Checks the arguments and runs. Throws INPUT_INVALID, naming every problem, and what `run` throws. */
  call(args: unknown, context: ToolContext): Promise<CallToolResult>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): MemoryTool {
  const { name, title, description, annotations, input, output } = definition;
  let described: Tool | undefined;
  return {
    name,
    annotations,
    alsoReads: definition.alsoReads ?? false,
    describe() {
      described ??= {
        name,
        title,
        description,
        inputSchema: { ...toJsonSchema(input), additionalProperties: false },
        outputSchema: toJsonSchema(output),
        annotations: { title, ...annotations },
      };
      return described;
    },
    async call(args, context) {
      const parsed = input.safeParse(withoutBlanks(args ?? {}, input));
      if (!parsed.success) throw invalidArguments(name, Object.keys(input.shape), args, parsed.error);
      const answer = await definition.run(parsed.data, context);
      return {
        content: [{ type: 'text', text: answer.text }],
        structuredContent: { ...answer.structured },
      };
    },
  };
}

/** Models fill in what they mean to leave out: null and "" of an optional parameter count as not given. */
function withoutBlanks(args: unknown, input: z.ZodObject): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args;
  const isBlank = (name: string, value: unknown): boolean =>
    (value === null || value === '') &&
    Object.hasOwn(input.shape, name) &&
    z.safeParse(input.shape[name] as z.ZodType, undefined).success;
  return Object.fromEntries(Object.entries(args).filter(([name, value]) => !isBlank(name, value)));
}

function invalidArguments(
  tool: string,
  parameters: readonly string[],
  args: unknown,
  error: z.ZodError,
): MemoryError {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownParameter(key, parameters));
    const where = z.core.toDotPath(issue.path) || 'arguments';
    return [`${where}: ${isMissing(args, issue) ? 'is missing' : issue.message}`];
  });
  return new MemoryError(
    'INPUT_INVALID',
    `The arguments of ${tool} are not valid: ${problems.join('; ')}. Nothing was done.`,
    { cause: error },
  );
}

function unknownParameter(key: string, parameters: readonly string[]): string {
  const [nearest = ''] = [...parameters].sort((a, b) => distance(key, a) - distance(key, b));
  const isLike = distance(key, nearest) <= Math.ceil(key.length / 2);
  const hint = isLike ? `the nearest one is ${nearest}` : `there are ${parameters.join(', ')}`;
  return `${key.slice(0, 60)}: there is no such parameter; ${hint}`;
}

function isMissing(args: unknown, issue: z.core.$ZodIssue): boolean {
  const [key] = issue.path;
  return (
    issue.path.length === 1 &&
    key !== undefined &&
    typeof args === 'object' &&
    args !== null &&
    !Object.hasOwn(args, key)
  );
}
