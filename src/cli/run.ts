import { MemoryError, messageOf } from '../model/errors.js';
import { exitCodeOf, softwareExitCode } from './exit-code.js';
import { plainServeCall } from './options.js';
import { styled } from './terminal.js';

// In `memoryos-mcp inspect | head`, the reader stops early.
process.stdout.on('error', () => process.exit(0));

const words = process.argv.slice(2);
try {
  if (words[0] === 'hook' && !words.some((word) => word === '-h' || word === '--help')) {
    const { runHook } = await import('./hook.js');
    await runHook(words.slice(1));
  }
  const serveCall = plainServeCall(words);
  if (serveCall !== null) {
    const { serve } = await import('./serve.js');
    await serve(serveCall);
  }
  const { runCommand } = await import('./command-line.js');
  await runCommand(words);
} catch (error) {
  process.exitCode = report(error);
}

/** Prints an error; returns the exit code. */
function report(error: unknown): number {
  if (error instanceof MemoryError) {
    process.stderr.write(`${styled(process.stderr, 'red', error.code)} ${error.message}\n`);
    return exitCodeOf(error.code);
  }
  const detail = error instanceof Error ? error.stack : messageOf(error);
  process.stderr.write(`${styled(process.stderr, 'red', 'INTERNAL')} ${detail}\n`);
  return softwareExitCode;
}
