import { CommanderError } from 'commander';
import { usageExitCode } from './exit-code.js';
import { createProgram } from './program.js';

/** Runs the command that these words name. Wrong usage is reported and sets the exit code. */
export async function runCommand(words: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(words);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
  }
}
