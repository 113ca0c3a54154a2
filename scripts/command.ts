import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';

/** What `--help` says about a benchmark or a script. */
export interface Purpose {
  /** How it is called, such as `npm run bench:http --`. */
  readonly call: string;
  /** What it measures or makes. */
  readonly about: string;
  readonly time: string;
  /** What it needs besides this checkout, and where to get that. */
  readonly needs: string;
}

/** The `needs` of a benchmark that reads conversations. */
export const needsConversations =
  'conversations of LoCoMo or REALTALK as --data; "Data" in docs/benchmarks.md says where to get them.';

export const needsNothing = 'nothing.';

/** The command line of a benchmark or a script. Wrong usage ends the process and names the help. */
export function command({ call, about, time, needs }: Purpose): Command {
  return new Command(call)
    .description(`${about}\n\nTime: ${time}\nNeeds: ${needs}`)
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(`See ${call} --help.`);
}

/** `--data` with one file of conversations. It must be given if `isRequired`. */
export function conversationFile(isRequired = true): Option {
  return new Option('--data <file>', 'conversations in the format of LoCoMo')
    .argParser(existingFile)
    .makeOptionMandatory(isRequired);
}

/** `--data` with any number of files of conversations. */
export function conversationFiles(isRequired = true): Option {
  return new Option('--data <file...>', 'conversations in the format of LoCoMo')
    .argParser(existingFiles)
    .makeOptionMandatory(isRequired);
}

export function existingFiles(file: string, before: readonly string[] = []): string[] {
  return [...before, existingFile(file)];
}

export function existingFile(file: string): string {
  if (existsSync(file)) return file;
  throw new InvalidArgumentError('There is no such file. See "Data" in docs/benchmarks.md.');
}

/** Parses a number of at least `min`. */
export function numberFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min) return value;
    throw new InvalidArgumentError(`It must be a number of at least ${min}.`);
  };
}

/** Parses a whole number of at least `min`. */
export function wholeFrom(min: number): (text: string) => number {
  return (text) => {
    const value = numberFrom(min)(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${min}.`);
  };
}

/** Parses whole numbers of at least 1, separated by commas. */
export function wholeNumbers(list: string): number[] {
  return list.split(',').map(wholeFrom(1));
}
