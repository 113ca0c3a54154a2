import type OpenAI from 'openai';
import { Semaphore } from '../../lib/io/semaphore.js';
import { MemoryError } from '../../model/errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Endpoint } from './endpoint.js';
import { withErrorBody, withErrorStatus } from './error-body.js';
import { failureOf, toMemoryError } from './failure.js';
import { type AnswerLimits, guardedFetch } from './guarded-fetch.js';
import { backoffMs, cancelled, retryAfterMs, type Sleep, sleep } from './pace.js';

/** How an endpoint is treated; every field has a default. */
export interface PaceOptions {
  /** Maximum number of simultaneous requests; further ones wait. Default 4. */
  readonly concurrency?: number | undefined;
  /** Maximum number of tries of one request, including the first. Default 3. */
  readonly attemptsMax?: number | undefined;
  /** Default: 60 s to the first byte of a stream, 30 s between pieces, 180 s in total, 4 MB. */
  readonly limits?: Partial<AnswerLimits> | undefined;
  readonly clock?: Clock | undefined;
  readonly sleep?: Sleep | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
}

const defaultLimits: AnswerLimits = {
  firstByteMs: 60_000,
  stallMs: 30_000,
  totalMs: 180_000,
  bytesMax: 4_000_000,
};

/** A longer Retry-After is not waited for. Calls before its end fail at once. */
const retryAfterWaitMaxMs = 30_000;
const retryAfterTrustedMs = 3_600_000;

/** Sends requests to one endpoint, with limits, retries and pauses, and turns errors into MemoryErrors. */
export class Caller {
  readonly #endpoint: Endpoint;
  readonly #apiKey: string;
  readonly #what: string;
  readonly #slots: Semaphore;
  readonly #attemptsMax: number;
  readonly #limits: AnswerLimits;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  readonly #random: () => number;
  readonly #clients = new Map<boolean, Promise<OpenAI>>();
  /** The endpoint asked for no requests before this time. */
  #blockedUntilMs = 0;

  constructor(endpoint: Endpoint, apiKey: string | undefined, model: string, options: PaceOptions) {
    this.#endpoint = endpoint;
    this.#apiKey = apiKey ?? '';
    this.#what = `${model} at ${endpoint.shown}`;
    this.#slots = new Semaphore(options.concurrency ?? 4);
    this.#attemptsMax = options.attemptsMax ?? 3;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#now = () => options.clock?.now() ?? Date.now();
    this.#sleep = options.sleep ?? sleep;
    this.#random = options.random ?? Math.random;
  }

  /** Waits until a request may be sent; resolves with a function that ends it. Throws CANCELLED. */
  takeSlot(signal: AbortSignal | undefined): Promise<() => void> {
    return this.#slots.take(signal).catch(() => {
      throw cancelled();
    });
  }

  /**
   * Does the work, and repeats it when that may help. `streamed`: the answer arrives in pieces, so a late
   * first byte means that no answer will come.
   */
  async attempts<T>(
    work: (client: OpenAI) => Promise<T>,
    signal: AbortSignal | undefined,
    streamed = false,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#untilUnblocked(signal);
      try {
        return await work(await this.#client(streamed));
      } catch (error) {
        if (signal?.aborted === true) throw cancelled();
        if (error instanceof MemoryError) throw error;
        const failure = failureOf(error, [this.#apiKey]);
        const waitMs = retryAfterMs(failure.headers, this.#now());
        if (waitMs !== undefined && failure.code === 'MODEL_UNAVAILABLE')
          this.#blockedUntilMs = this.#now() + Math.min(waitMs, retryAfterTrustedMs);
        const again = failure.retry && attempt < this.#attemptsMax && (waitMs ?? 0) <= retryAfterWaitMaxMs;
        if (!again) throw toMemoryError(failure, this.#what);
        if (waitMs === undefined) await this.#sleep(backoffMs(attempt, this.#random()), signal);
      }
    }
  }

  /** Turns an error thrown while reading an answer into a MemoryError. */
  translate(error: unknown, signal: AbortSignal | undefined): MemoryError {
    if (signal?.aborted === true) return cancelled();
    if (error instanceof MemoryError) return error;
    return toMemoryError(failureOf(error, [this.#apiKey]), this.#what);
  }

  /** The error for an answer that arrived but is unusable. */
  unusable(why: string, code: 'MODEL_CONTENT' | 'MODEL_CONTEXT' = 'MODEL_CONTENT'): MemoryError {
    return new MemoryError(code, `${this.#what} ${why}.`);
  }

  async #untilUnblocked(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw cancelled();
    const waitMs = Math.min(this.#blockedUntilMs - this.#now(), retryAfterTrustedMs);
    if (waitMs <= 0) return;
    if (waitMs > retryAfterWaitMaxMs)
      throw new MemoryError(
        'MODEL_UNAVAILABLE',
        `${this.#what}: the endpoint asked for ${Math.ceil(waitMs / 1000)} s without requests. It will be tried again later.`,
      );
    await this.#sleep(waitMs, signal);
  }

  #client(streamed: boolean): Promise<OpenAI> {
    let client = this.#clients.get(streamed);
    if (client === undefined) {
      client = this.#load(streamed);
      this.#clients.set(streamed, client);
    }
    return client;
  }

  /** Loads the package with the first request, because loading takes about 0.1 s. */
  async #load(streamed: boolean): Promise<OpenAI> {
    const { OpenAI } = await import('openai');
    const { firstByteMs, totalMs } = this.#limits;
    const limits = { ...this.#limits, firstByteMs: streamed ? firstByteMs : totalMs };
    const fetchGuarded = guardedFetch(limits);
    const keyless = this.#apiKey === '';
    return new OpenAI({
      baseURL: this.#endpoint.baseUrl,
      apiKey: keyless ? 'none' : this.#apiKey,
      ...(this.#endpoint.baseUrl.startsWith('https://api.openai.com/')
        ? {}
        : { organization: null, project: null }),
      defaultQuery: { ...this.#endpoint.query },
      defaultHeaders: {
        ...(keyless || this.#endpoint.azure ? { Authorization: null } : {}),
        ...(this.#endpoint.azure && !keyless ? { 'api-key': this.#apiKey } : {}),
      },
      fetch: async (input, init) => {
        const response = await fetchGuarded(input, init);
        return withErrorBody(streamed ? await withErrorStatus(response) : response);
      },
      timeout: totalMs + 60_000,
      maxRetries: 0,
      // The package would log to stdout, which the MCP protocol uses.
      logLevel: 'off',
    });
  }
}
