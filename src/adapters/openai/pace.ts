import { MemoryError } from '../../model/errors.js';

/** Waits; replaceable in tests. Rejects with CANCELLED when the signal is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });

export function cancelled(): MemoryError {
  return new MemoryError('CANCELLED', 'The request to the model was cancelled.');
}

/**
 * A signal for one request that follows the caller's signal, and a function that detaches it. The `openai`
 * package leaves a listener on every signal it receives, and these would accumulate on a signal that lives as
 * long as the process.
 */
export function ownSignal(signal: AbortSignal | undefined): { signal: AbortSignal; release: () => void } {
  const own = new AbortController();
  const follow = () => own.abort(signal?.reason);
  if (signal?.aborted === true) follow();
  signal?.addEventListener('abort', follow, { once: true });
  return { signal: own.signal, release: () => signal?.removeEventListener('abort', follow) };
}

/** Half a second, doubled with each attempt up to 8 s, minus a random part of up to a quarter. */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(500 * 2 ** (attempt - 1), 8_000) * (1 - random / 4);
}

/** Reads a Retry-After header (seconds or an HTTP date) in milliseconds; undefined when there is none. */
export function retryAfterMs(headers: Headers | undefined, nowMs: number): number | undefined {
  const precise = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (Number.isFinite(precise)) return Math.max(0, precise);
  const text = headers?.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number.parseFloat(text) * 1000;
  const at = Date.parse(text);
  return Number.isFinite(at) ? Math.max(0, at - nowMs) : undefined;
}
