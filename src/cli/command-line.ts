import { CommanderError } from 'commander';
import { usageExitCode } from './exit-code.js';
import { createProgram } from './program.js';

/** Runs the command these words name. Wrong use has been reported when it returns; its exit code is set. */
export async function runCommand(words: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(words);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
  }
}
