import { createInterface } from 'node:readline';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { MemoryError } from '../model/errors.js';
import { styled } from './terminal.js';

export interface ChatParts {
  readonly engine: Pick<MemoryEngine, 'respond'>;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly relationshipWithUser?: string | undefined;
  readonly styleHint?: string | undefined;
  /** Called when Ctrl-C is pressed while no answer is running, or again while an answer is being stopped. */
  readonly onLeave: () => void;
}

/**
 * A conversation on the terminal: reads a line, prints the answer in pieces. Ends with the input. On a
 * terminal, a failed answer is reported and the conversation continues; from a pipe, the error is thrown.
 */
export async function chat(parts: ChatParts): Promise<void> {
  const { engine, input, output } = parts;
  const interactive = input.isTTY === true;
  const lines = createInterface({ input, output: interactive ? output : undefined, terminal: interactive });
  let answering: AbortController | null = null;
  const interrupt = (): void => {
    if (answering !== null && !answering.signal.aborted) answering.abort();
    else parts.onLeave();
  };
  lines.on('SIGINT', interrupt);
  process.on('SIGINT', interrupt);
  lines.setPrompt(styled(output, 'bold', 'you> '));
  try {
    if (interactive) lines.prompt();
    for await (const line of lines) {
      const command = /^\s*(\/[\p{L}?]*)(?:\s|$)/u.exec(line)?.[1];
      if (command === '/exit') break;
      if (command !== undefined) output.write(`${command === '/help' ? help : unknownCommand(command)}\n`);
      else if (line.trim() !== '') {
        answering = new AbortController();
        await answer(line, answering.signal);
        answering = null;
      }
      if (interactive) lines.prompt();
    }
  } finally {
    process.off('SIGINT', interrupt);
    lines.close();
  }

  async function answer(query: string, signal: AbortSignal): Promise<void> {
    const { relationshipWithUser, styleHint } = parts;
    try {
      for await (const piece of engine.respond({ query, relationshipWithUser, styleHint, signal }))
        output.write(printable(piece));
      output.write('\n');
    } catch (error) {
      if (!(error instanceof MemoryError) || !interactive || error.code === 'MODEL_MISSING') throw error;
      const stopped = error.code === 'CANCELLED';
      output.write(
        `\n${styled(output, stopped ? 'dim' : 'red', stopped ? '(stopped; this exchange is not remembered)' : error.message)}\n`,
      );
    }
  }
}

const help =
  'Type a message and press Enter. /exit ends the chat, /help shows this text, Ctrl-C stops an answer.';

/** An unknown command must neither be sent to a model nor be stored. */
function unknownCommand(command: string): string {
  return `Unknown command ${printable(command)}; nothing was sent. ${help}`;
}

/** Removes control sequences that a terminal would execute. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '');
}
