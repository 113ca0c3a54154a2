import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { verifyMemory } from '../adapters/files/recovery/verify.js';
import { messageOf } from '../model/errors.js';
import type { UserId } from '../model/ids.js';

// The other side of `problemsInThread`: looks at the files of one user, and ends.
const niceness = 10;

/** The input of the thread. */
export interface ThreadTask {
  readonly dataDir: string;
  readonly userId: UserId;
}

// Only Linux has priorities for threads; elsewhere this would change the priority of the process.
if (process.platform === 'linux') setPriority(0, niceness);
const { dataDir, userId } = workerData as ThreadTask;
const problems = await verifyMemory(dataDir, userId).then(
  ({ defects }) => defects.map(({ message }) => message),
  (error: unknown) => [messageOf(error)],
);
parentPort?.postMessage(problems);
