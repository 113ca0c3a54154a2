import { CommanderError } from 'commander';
import { MemoryError, messageOf } from '../model/errors.js';
import { exitCodeOf, softwareExitCode, usageExitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { styled } from './terminal.js';

// `memoryos-mcp inspect | head`: the reader has seen enough.
process.stdout.on('error', () => process.exit(0));

try {
  const program = await createProgram(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, unless commander has; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  if (error instanceof MemoryError) {
    process.stderr.write(`${styled(process.stderr, 'red', error.code)} ${error.message}\n`);
    return exitCodeOf(error.code);
  }
  const detail = error instanceof Error ? error.stack : messageOf(error);
  process.stderr.write(`${styled(process.stderr, 'red', 'INTERNAL')} ${detail}\n`);
  return softwareExitCode;
}
