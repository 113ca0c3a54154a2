import { nodeFiles } from '../lib/io/files.js';

/** Puts a file in the place of another in one step; waits a moment where Windows says that somebody has it open. */
export function replaceFile(from: string, to: string): Promise<void> {
  return nodeFiles.rename(from, to);
}
