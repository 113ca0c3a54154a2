import type { Worker } from 'node:worker_threads';
import { startThread } from '../../lib/io/package-thread.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import { MemoryError, type MemoryErrorCode } from '../../model/errors.js';
import type { FullAnalyser } from '../../ports/analyser.js';

type Method = Exclude<keyof FullAnalyser, 'name'>;
type Input<M extends Method> = Parameters<FullAnalyser[M]>[0];
type Result<M extends Method> = Awaited<ReturnType<FullAnalyser[M]>>;

/** A call of the analyser, as sent to the thread, which runs one job at a time. */
export type ThreadJob = {
  readonly [M in Method]: { readonly method: M; readonly input: Input<M> };
}[Method];

/** A message from the thread: what the method returned, or the error it threw. */
export type ThreadAnswer<R = unknown> =
  | { readonly result: R }
  | { readonly failed: { readonly code: MemoryErrorCode; readonly message: string } };

export interface ThreadedAnalyserOptions {
  /** The module that runs in the thread. */
  readonly entry?: string | URL;
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
export function createThreadedAnalyser(options: ThreadedAnalyserOptions = {}): FullAnalyser {
  const { entry = 'dist/analysis/builtin/thread.js', jobMaxMs = jobMsMax } = options;
  const lane = new WriteLane();
  let thread: Worker | null = null;

  function begin(): Worker {
    const begun = startThread(entry, 'memoryos-analysis');
    begun.unref();
    const over = () => {
      if (thread === begun) thread = null;
    };
    begun.on('error', over).on('exit', over);
    return begun;
  }

  function send<R>(job: ThreadJob): Promise<ThreadAnswer<R>> {
    thread ??= begin();
    const to = thread;
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => void to.terminate(), jobMaxMs).unref();
      const settle = (run: () => void) => {
        clearTimeout(overdue);
        to.off('message', answered).off('error', died).off('exit', ended);
        run();
      };
      const answered = (answer: ThreadAnswer<R>) => settle(() => resolve(answer));
      const died = (error: Error) => settle(() => reject(lost(error)));
      const ended = () => settle(() => reject(lost(undefined)));
      to.on('message', answered).on('error', died).on('exit', ended);
      try {
        to.postMessage(job);
      } catch (error) {
        settle(() => reject(error));
      }
    });
  }

  async function run<M extends Method>(
    method: M,
    input: Input<M>,
    signal: AbortSignal | undefined,
  ): Promise<Result<M>> {
    const done = lane.run(async () => {
      refuseIfCancelled(signal);
      return send<Result<M>>({ method, input } as ThreadJob);
    });
    const answer = await (signal === undefined ? done : Promise.race([done, cancelled(signal, done)]));
    if ('failed' in answer) throw new MemoryError(answer.failed.code, answer.failed.message);
    return answer.result;
  }

  return {
    name: 'builtin',
    readPages: (input, signal) => run('readPages', input, signal),
    checkFacts: (offered, signal) => run('checkFacts', offered, signal),
    analyseBatch: (input, signal) => run('analyseBatch', input, signal),
    analyseSegment: (input, signal) => run('analyseSegment', input, signal),
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
