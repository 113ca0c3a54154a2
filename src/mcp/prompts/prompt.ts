import {
  type Prompt,
  type PromptArgument,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import type { McpSession } from '../session.js';
import { inline } from '../text/quote.js';

interface PromptDefinition<Name extends string> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly (PromptArgument & { readonly name: Name })[];
  render(
    values: Readonly<Record<Name, string>>,
    session: McpSession,
    signal: AbortSignal,
  ): Promise<{ readonly description: string; readonly text: string }>;
}

/** A prompt that the server offers and renders. */
export interface MemoryPrompt {
  readonly name: string;
  describe(): Prompt;
  /** Throws a protocol error for missing and unknown arguments. */
  render(
    given: Readonly<Record<string, string>>,
    session: McpSession,
    signal: AbortSignal,
  ): Promise<{ readonly description: string; readonly text: string }>;
}

/** A missing optional argument becomes ''. */
export function definePrompt<Name extends string>(definition: PromptDefinition<Name>): MemoryPrompt {
  const { name, title, description } = definition;
  return {
    name,
    describe: () => ({ name, title, description, arguments: [...definition.arguments] }),
    async render(given, session, signal) {
      const names: readonly string[] = definition.arguments.map((argument) => argument.name);
      const unknown = Object.keys(given).find((key) => !names.includes(key));
      if (unknown !== undefined) throw invalid(`${name} has no argument ${inline(unknown.slice(0, 60))}`);
      const values: Record<string, string> = {};
      for (const { name: key, required } of definition.arguments) {
        const value = Object.hasOwn(given, key) ? (given[key] ?? '') : '';
        if (required && value.trim() === '') throw invalid(`${name} needs the argument ${key}`);
        values[key] = value;
      }
      return definition.render(values as Record<Name, string>, session, signal);
    },
  };
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}
