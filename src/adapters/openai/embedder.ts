import * as z from 'zod';
import { strideMax as dimensionsMax } from '../../lib/math/dot-bytes.js';
import { MemoryError } from '../../model/errors.js';
import type { Embedder } from '../../ports/embedder.js';
import { Caller, type PaceOptions } from './caller.js';
import { toEndpoint } from './endpoint.js';
import { ownSignal } from './pace.js';

export interface OpenAiEmbedderOptions extends PaceOptions {
  /** As in `openai_base_url`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Texts per request. Default 64. */
  readonly batchTexts?: number | undefined;
  /**
   * Maximum length of a text; the rest is not embedded. Default 8,000, which is within 8,192 tokens in any
   * script.
   */
  readonly textCharactersMax?: number | undefined;
  /** Length of the model's vectors, if known. */
  readonly dimensions?: number | undefined;
}

const answerSchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.number().int().optional(), embedding: z.array(z.number()).min(1) })),
});

/** A text is not shortened below this length for an endpoint that finds it too long. */
const textCharactersMin = 200;

/**
 * Gets vectors from any OpenAI-compatible `/embeddings` endpoint. Throws CONFIG_INVALID for an invalid URL.
 * Does no I/O before the first call.
 */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  return new OpenAiEmbedder(options);
}

class OpenAiEmbedder implements Embedder {
  readonly model: string;
  readonly immediate = false;
  readonly #caller: Caller;
  readonly #batchTexts: number;
  #textCharactersMax: number;
  #dimensions: number;

  constructor(options: OpenAiEmbedderOptions) {
    this.model = options.model;
    this.#caller = new Caller(toEndpoint(options.baseUrl, options.model), options.apiKey, options.model, {
      ...options,
      limits: { bytesMax: 32_000_000, ...options.limits },
    });
    this.#batchTexts = options.batchTexts ?? 64;
    this.#textCharactersMax = options.textCharactersMax ?? 8_000;
    this.#dimensions = options.dimensions ?? 0;
  }

  get dimensions(): number {
    return this.#dimensions;
  }

  async embed(texts: readonly string[], given?: AbortSignal): Promise<Float32Array[]> {
    const { signal, release } = ownSignal(given);
    try {
      return await this.#embedAll(texts, signal);
    } finally {
      release();
    }
  }

  async #embedAll(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    // Endpoints refuse empty texts, and a text without words has no direction.
    const wordy = texts
      .map((text, index) => ({ text: text.toWellFormed().trim(), index }))
      .filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
    const batches = Array.from({ length: Math.ceil(wordy.length / this.#batchTexts) }, (_, i) =>
      wordy.slice(i * this.#batchTexts, (i + 1) * this.#batchTexts),
    );
    const vectors = await Promise.all(
      batches.map(async (batch) => {
        const release = await this.#caller.takeSlot(signal);
        try {
          return await this.#embedBatch(
            batch.map(({ text }) => text),
            signal,
          );
        } finally {
          release();
        }
      }),
    );
    const all: Float32Array[] = [];
    vectors.flat().forEach((vector, at) => {
      const index = wordy[at]?.index;
      if (index !== undefined) all[index] = vector;
    });
    return texts.map((_, index) => all[index] ?? new Float32Array(this.#dimensions));
  }

  /** Halves a request that the endpoint finds too long: first the batch, then the texts. */
  async #embedBatch(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const charactersMax = this.#textCharactersMax;
    try {
      return await this.#request(
        texts.map((text) => cut(text, charactersMax)),
        signal,
      );
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      if (error.code === 'MODEL_CONTENT') throw new MemoryError('MODEL_UNAVAILABLE', error.message);
      if (error.code !== 'MODEL_CONTEXT') throw error;
      if (texts.length > 1) {
        const half = Math.ceil(texts.length / 2);
        const first = await this.#embedBatch(texts.slice(0, half), signal);
        return [...first, ...(await this.#embedBatch(texts.slice(half), signal))];
      }
      const longest = Math.min(charactersMax, texts[0]?.length ?? 0);
      if (longest <= textCharactersMin) throw new MemoryError('MODEL_UNAVAILABLE', error.message);
      this.#textCharactersMax = Math.max(textCharactersMin, Math.floor(longest / 2));
      return this.#embedBatch(texts, signal);
    }
  }

  async #request(input: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const answer = await this.#caller.attempts(async (client) => {
      const raw: unknown = await client.embeddings.create(
        { model: this.model, input: [...input], encoding_format: 'float' },
        { signal },
      );
      const read = answerSchema.safeParse(raw);
      if (!read.success || read.data.data.length !== input.length)
        throw new Error(`the answer does not hold one vector for each of ${input.length} texts`);
      return read.data;
    }, signal);
    const vectors = answer.data
      .map((entry, at) => ({ at: entry.index ?? at, vector: normalised(entry.embedding) }))
      .sort((a, b) => a.at - b.at);
    if (vectors.some(({ at }, position) => at !== position))
      throw this.#strange('numbered its vectors wrongly');
    const lengths = new Set(vectors.map(({ vector }) => vector.length));
    const [length = 0] = lengths;
    if (lengths.size > 1 || (this.#dimensions !== 0 && length !== this.#dimensions))
      throw this.#strange(
        `changed the length of its vectors from ${this.#dimensions} to ${[...lengths].join(', ')}`,
      );
    if (length > dimensionsMax)
      throw this.#strange(
        `gives vectors of ${length} numbers, more than the ${dimensionsMax} that search supports`,
      );
    this.#dimensions = length;
    return vectors.map(({ vector }) => vector);
  }

  #strange(what: string): MemoryError {
    return new MemoryError(
      'MODEL_UNAVAILABLE',
      `The embedding model ${this.model} ${what}. It will be tried again later.`,
    );
  }
}

function normalised(values: readonly number[]): Float32Array {
  const vector = Float32Array.from(values);
  let sum = 0;
  for (const value of vector) sum += value * value;
  const norm = Math.sqrt(sum);
  return norm > 0 && Number.isFinite(norm)
    ? vector.map((value) => value / norm)
    : new Float32Array(vector.length);
}

/** Never cuts inside a surrogate pair. */
function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : text.slice(0, charactersMax).toWellFormed();
}
