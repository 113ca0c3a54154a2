import { type Command, InvalidArgumentError } from 'commander';
import { excerpt } from './terminal.js';

/** Output options: text for people, or JSON for programs. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly table?: boolean;
}

/** Maximum width of everything a command shows. */
export const columnsMax = 60;

export function withOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON (the default when the output is not a terminal)')
    .option('--table', 'print text even when the output is not a terminal');
}

/** Prints a result in the requested form. */
export function show<T>(found: T, options: OutputOptions, textOf: (found: T) => string): void {
  const asText = options.table ?? (!options.json && process.stdout.isTTY);
  process.stdout.write(`${asText ? textOf(found) : JSON.stringify(found, null, 2)}\n`);
}

/** A line with a label and the beginning of a text. */
export function labelled(label: string, text: string): string {
  const front = `  ${label.padEnd(5)} `;
  return `${front}${excerpt(text, columnsMax - front.length)}`;
}

/** "1 fact", "2 facts". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Parses an option's value as a whole number of at least 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}
