import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packageFile } from '../../lib/io/package-files.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import { MemoryError, type MemoryErrorCode } from '../../model/errors.js';
import type {
  Analyser,
  BatchAnalysis,
  BatchInput,
  CheckedFact,
  FactChecker,
  OfferedFact,
  PageReader,
  Reading,
  ReadingInput,
  SegmentAnalysis,
  SegmentInput,
} from '../../ports/analyser.js';

export type ThreadJob =
  | { readonly kind: 'batch'; readonly input: BatchInput }
  | { readonly kind: 'facts'; readonly offered: readonly OfferedFact[] }
  | { readonly kind: 'pages'; readonly input: ReadingInput }
  | { readonly kind: 'segment'; readonly input: SegmentInput };

/** A message from the thread, which runs one job at a time. */
export interface ThreadAnswer {
  readonly batch?: BatchAnalysis;
  readonly facts?: readonly CheckedFact[];
  readonly pages?: Reading;
  readonly segment?: SegmentAnalysis;
  readonly failed?: { readonly code: MemoryErrorCode; readonly message: string };
}

export interface ThreadedAnalyserOptions {
  /** The module that runs in the thread. */
  readonly entry?: URL;
  /** If a job takes longer, it is aborted and its thread is ended. */
  readonly jobMaxMs?: number;
}

/** Several hundred times the duration of the largest segment. */
const jobMsMax = 5 * 60_000;

/**
 * Runs the built-in analyser in a separate thread, for a process with many users: the analysis for one user
 * does not delay the calls of others. The first job starts the thread, and so does the first job after the
 * thread has died. The thread does not keep the process alive. A cancelled job is answered at once, and its
 * result is ignored.
 */
export function createThreadedAnalyser(
  options: ThreadedAnalyserOptions = {},
): Analyser & PageReader & FactChecker {
  const { entry = pathToFileURL(packageFile('dist/analysis/builtin/thread.js')), jobMaxMs = jobMsMax } =
    options;
  const lane = new WriteLane();
  let thread: Worker | null = null;

  function begin(): Worker {
    const begun = new Worker(entry, { name: 'memoryos-analysis' });
    begun.unref();
    const over = () => {
      if (thread === begun) thread = null;
    };
    begun.on('error', over).on('exit', over);
    return begun;
  }

  function send(job: ThreadJob): Promise<ThreadAnswer> {
    thread ??= begin();
    const to = thread;
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => void to.terminate(), jobMaxMs).unref();
      const settle = (run: () => void) => {
        clearTimeout(overdue);
        to.off('message', answered).off('error', died).off('exit', ended);
        run();
      };
      const answered = (answer: ThreadAnswer) => settle(() => resolve(answer));
      const died = (error: Error) => settle(() => reject(lost(error)));
      const ended = () => settle(() => reject(lost(undefined)));
      to.on('message', answered).on('error', died).on('exit', ended);
      to.postMessage(job);
    });
  }

  async function analyse(job: ThreadJob, signal: AbortSignal | undefined): Promise<ThreadAnswer> {
    const done = lane.run(async () => {
      refuseIfCancelled(signal);
      return send(job);
    });
    const answer = await (signal === undefined ? done : Promise.race([done, cancelled(signal, done)]));
    if (answer.failed !== undefined) throw new MemoryError(answer.failed.code, answer.failed.message);
    return answer;
  }

  return {
    name: 'builtin',
    async readPages(input, signal) {
      const { pages } = await analyse({ kind: 'pages', input }, signal);
      if (pages === undefined) throw lost(undefined);
      return pages;
    },
    async checkFacts(offered, signal) {
      const { facts } = await analyse({ kind: 'facts', offered }, signal);
      if (facts === undefined) throw lost(undefined);
      return facts;
    },
    async analyseBatch(input, signal) {
      const { batch } = await analyse({ kind: 'batch', input }, signal);
      if (batch === undefined) throw lost(undefined);
      return batch;
    },
    async analyseSegment(input, signal) {
      const { segment } = await analyse({ kind: 'segment', input }, signal);
      if (segment === undefined) throw lost(undefined);
      return segment;
    },
  };
}

/** Rejects if the signal is aborted before the job is done. */
function cancelled(signal: AbortSignal, done: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => {
      if (signal.aborted) reject(cancellation(signal));
    };
    signal.addEventListener('abort', give, { once: true });
    const forget = () => signal.removeEventListener('abort', give);
    done.then(forget, forget);
    give();
  });
}

function refuseIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancellation(signal);
}

function cancellation(signal: AbortSignal): MemoryError {
  return new MemoryError(
    'CANCELLED',
    'The analysis was cancelled. Nothing was changed; it is tried again later.',
    { cause: signal.reason },
  );
}

function lost(cause: Error | undefined): MemoryError {
  return new MemoryError(
    'MODEL_UNAVAILABLE',
    `The analysis thread has ended${cause === undefined ? '' : `: ${cause.message}`}. Nothing was changed; it is tried again later.`,
    { cause },
  );
}
