import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { MemoryError, messageOf } from '../../model/errors.js';
import { createBuiltinAnalyser } from './builtin-analyser.js';
import type { ThreadAnswer, ThreadJob } from './threaded-analyser.js';

// Counterpart of threaded-analyser.ts: runs the jobs it receives, one after another.
const niceness = 5;
const port = parentPort;
if (port === null) throw new Error('This module is the entry of a worker thread');
// Calls have priority over analysis. Only Linux has a priority for each thread. On other systems, this would
// change the priority of the process.
if (process.platform === 'linux') setPriority(0, niceness);
const analyser = createBuiltinAnalyser();

port.on('message', async (job: ThreadJob) => {
  const answer: ThreadAnswer = await resultOf(job).then(
    (result) => ({ result }),
    (error: unknown) => ({
      failed: {
        code: error instanceof MemoryError ? error.code : 'MODEL_CONTENT',
        message: messageOf(error),
      },
    }),
  );
  port.postMessage(answer);
});

function resultOf(job: ThreadJob): Promise<unknown> {
  switch (job.method) {
    case 'analyseBatch':
      return analyser.analyseBatch(job.input);
    case 'analyseSegment':
      return analyser.analyseSegment(job.input);
    case 'checkFacts':
      return analyser.checkFacts(job.input);
    case 'readPages':
      return analyser.readPages(job.input);
    default:
      return job satisfies never;
  }
}
