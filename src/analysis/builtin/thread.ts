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
  const answer: ThreadAnswer = await answerTo(job).catch((error: unknown) => ({
    failed: { code: error instanceof MemoryError ? error.code : 'MODEL_CONTENT', message: messageOf(error) },
  }));
  port.postMessage(answer);
});

async function answerTo(job: ThreadJob): Promise<ThreadAnswer> {
  switch (job.kind) {
    case 'batch':
      return { batch: await analyser.analyseBatch(job.input) };
    case 'pages':
      return { pages: await analyser.readPages(job.input) };
    case 'facts':
      return { facts: await analyser.checkFacts(job.offered) };
    case 'segment':
      return { segment: await analyser.analyseSegment(job.input) };
    default:
      return job satisfies never;
  }
}
