import { nodeFiles } from '../lib/io/files.js';

/** Replaces one file with another in one step. Retries briefly on Windows while the target is in use. */
export function replaceFile(from: string, to: string): Promise<void> {
  return nodeFiles.rename(from, to);
}
