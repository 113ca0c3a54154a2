import { setMaxListeners } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { packageFile } from '../../lib/io/package-files.js';
import { startThread } from '../../lib/io/package-thread.js';
import { MemoryError } from '../../model/errors.js';
import type { MeaningReader } from '../../ports/meaning-reader.js';
import { pieceWidth } from './reduction.js';
import type { ThreadAnswer, ThreadJob } from './thread.js';

/**
 * The name of the model, with everything else that stored vectors depend on. If the name changes, all pages
 * are read again.
 */
export const sentenceModelName = 'all-MiniLM-L6-v2, int8, 64 x 4 bits, 1';

export interface SentenceModelOptions {
  /** Path of the module that runs in the thread. */
  readonly entry?: string;
  /** Path of the folder with the model's files. */
  readonly assets?: string;
  /** After this time without a text, the thread ends and frees its memory. */
  readonly idleMs?: number;
}

interface Waiting {
  answered(answer: ThreadAnswer): void;
  failed(error: MemoryError): void;
}

const idleMsDefault = 60_000;

/**
 * all-MiniLM-L6-v2 in a separate thread, shared by all memories of a process. The first text starts the
 * thread and loads the model. The same happens at the next text after the thread has ended. The thread does
 * not keep the process alive.
 */
export class SentenceModel implements MeaningReader {
  readonly model = sentenceModelName;
  readonly dimensions = pieceWidth;
  readonly wantsNames = true;
  readonly #options: SentenceModelOptions;
  readonly #idleMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: SentenceModelOptions = {}) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? idleMsDefault;
  }

  /** Whether the thread runs with the model in memory. */
  get loaded(): boolean {
    return this.#thread !== null;
  }

  async warm(): Promise<void> {
    await this.readQuestion('');
  }

  async readTexts(texts: readonly string[], signal?: AbortSignal) {
    // Node warns about more than ten listeners on a signal. The texts listen to a signal that allows any
    // number.
    const each = new AbortController();
    setMaxListeners(0, each.signal);
    const abort = () => each.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort);
    try {
      return await Promise.all(
        texts.map(async (text) => {
          const { text: reading } = await this.#ask('text', text, each.signal);
          if (reading === undefined) throw ended();
          return reading;
        }),
      );
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async readQuestion(text: string, signal?: AbortSignal) {
    const { question } = await this.#ask('question', text, signal);
    if (question === undefined) throw ended();
    return question;
  }

  /** Ends the thread. Waiting requests fail with MODEL_UNAVAILABLE. The next text starts it again. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#thread?.terminate();
  }

  #ask(kind: ThreadJob['kind'], text: string, signal: AbortSignal | undefined): Promise<ThreadAnswer> {
    if (signal?.aborted === true) return Promise.reject(cancelled(signal));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const settle = (run: () => void) => {
        this.#waiting.delete(id);
        signal?.removeEventListener('abort', abort);
        if (this.#waiting.size === 0) this.#rest();
        run();
      };
      const failed = (error: MemoryError) => settle(() => reject(error));
      const abort = () => failed(cancelled(signal));
      signal?.addEventListener('abort', abort);
      this.#waiting.set(id, {
        failed,
        answered: (answer) => {
          if (answer.unusable === undefined) settle(() => resolve(answer));
          else failed(unusable(answer.unusable));
        },
      });
      clearTimeout(this.#idle);
      this.#thread ??= this.#begin();
      // Keeps the process alive until the answer arrives.
      this.#thread.ref();
      this.#thread.postMessage({ id, kind, text } satisfies ThreadJob);
    });
  }

  #begin(): Worker {
    const entry = this.#options.entry ?? 'dist/retrieval/meaning/thread.js';
    const assets = this.#options.assets ?? packageFile('assets/sentence-model');
    const thread = startThread(entry, 'memoryos-sentence-model', { assets });
    thread.on('message', (answer: ThreadAnswer) => this.#waiting.get(answer.id)?.answered(answer));
    const over = (cause?: unknown) => {
      if (this.#thread !== thread) return;
      this.#thread = null;
      for (const waiting of [...this.#waiting.values()]) waiting.failed(ended(cause));
    };
    thread.on('error', over).on('exit', () => over());
    return thread;
  }

  /** Called when no request waits: the process may end, and the thread ends after a while. */
  #rest(): void {
    this.#thread?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#thread?.terminate(), this.#idleMs).unref();
  }
}

function cancelled(signal: AbortSignal | undefined): MemoryError {
  return new MemoryError('CANCELLED', 'Reading was cancelled by the caller.', { cause: signal?.reason });
}

function unusable(reason: string): MemoryError {
  return new MemoryError(
    'MODEL_REJECTED',
    `The sentence model cannot be loaded: ${reason.replace(/\.$/, '')}. Search uses only words. Install the package again.`,
  );
}

function ended(cause?: unknown): MemoryError {
  return new MemoryError(
    'MODEL_UNAVAILABLE',
    'The thread of the sentence model has ended and will be restarted.',
    {
      cause,
    },
  );
}
