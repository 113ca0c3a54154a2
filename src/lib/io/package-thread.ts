import { isAbsolute } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageFile } from './package-files.js';

/**
 * Starts a module in a separate thread: `entry` is its path, or its name within this package. The options of the
 * process are not inherited, because `--input-type`, of a program given by `node -e`, fits no file.
 */
export function startThread(entry: string | URL, name: string, workerData?: unknown): Worker {
  const file = typeof entry === 'string' && !isAbsolute(entry) ? packageFile(entry) : entry;
  return new Worker(file, { name, workerData, execArgv: [] });
}
