import { MemoryError, messageOf } from '../../model/errors.js';
import type { ChatModel } from '../../ports/chat-model.js';
import type { Embedder } from '../../ports/embedder.js';
import type { MeaningReader } from '../../ports/meaning-reader.js';
import type { ModelChanges } from '../../ports/model-changes.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Config } from '../config/config.js';
import { describeDestinations, destinationsOf } from './known-endpoints.js';
import {
  builtinNames,
  chatEndpoint,
  embeddingEndpoint,
  type ModelEndpoint,
  wordsOnly,
} from './model-endpoint.js';

/** The configured models. */
export interface Models {
  /** Null when none is configured. */
  readonly chatModel: ChatModel | null;
  /** Embeds summaries of topics. */
  readonly embedder: Embedder;
  /** Reads pages by meaning; null when the configuration says `words`. */
  readonly meaningReader: MeaningReader | null;
  /** `check` applies changes of the configuration file to the models. */
  readonly changes: ModelChanges;
}

export interface ModelsOptions {
  readonly report: Reporter;
  /** Notices about fallbacks in use. */
  readonly notices: string[];
  /**
   * Returns the configuration if its file has changed since the last call; null when it has not. Throws
   * CONFIG_INVALID.
   */
  readonly reread: () => Config | null;
}

/**
 * Creates the models. They use the configuration read at the start. After an endpoint has rejected a request,
 * the file is checked again before the next request, so that a corrected key, address or model name needs no
 * restart.
 */
export async function createModels(config: Config, options: ModelsOptions): Promise<Models> {
  const { report, notices, reread } = options;
  const chat = await chatOf(config);
  const embedding = await embedderOf(config);
  const remote = embedding === null ? null : embedderThrough(embedding, check);
  const used = new Set(destinationsOf(config).map(({ url }) => url));
  let count = 0;

  function check(): void {
    try {
      const next = reread();
      if (next === null) return;
      const destinations = destinationsOf(next);
      const isNew = destinations.some(({ url }) => !used.has(url));
      for (const { url } of destinations) used.add(url);
      report(
        isNew ? 'warning' : 'info',
        `The configuration file has changed; requests to models use the new settings. ${describeDestinations(destinations)}`,
      );
      chat?.use(next);
      embedding?.use(next);
      count += 1;
    } catch (error) {
      report('warning', `The changed configuration file is not used: ${messageOf(error)}`);
    }
  }

  return {
    chatModel: chat === null ? null : chatThrough(chat, check),
    embedder: remote ?? (await builtinEmbedder()),
    meaningReader: remote === null ? await builtinReader(config, notices) : await readerThrough(remote),
    changes: {
      get count() {
        return count;
      },
      check,
    },
  };
}

/** Models created one after another; the latest one is used. */
interface Successive<T> {
  readonly all: readonly [T, ...T[]];
  current(): T;
  use(config: Config): void;
}

function successive<T>(first: T, next: (config: Config, last: T) => T | null): Successive<T> {
  const all: [T, ...T[]] = [first];
  const current = () => all.at(-1) ?? first;
  return {
    all,
    current,
    use(config) {
      const made = next(config, current());
      if (made !== null) all.push(made);
    },
  };
}

/** Checks the configuration before the request that follows a rejected one. */
class AfterRejection {
  #rejected = false;
  readonly #check: () => void;

  constructor(check: () => void) {
    this.#check = check;
  }

  before(): void {
    if (this.#rejected) this.#check();
    this.#rejected = false;
  }

  failed(error: unknown): unknown {
    this.#rejected = error instanceof MemoryError && error.code === 'MODEL_REJECTED';
    return error;
  }
}

function chatThrough(chat: Successive<ChatModel>, check: () => void): ChatModel {
  const rejection = new AfterRejection(check);
  return {
    get model() {
      return chat.current().model;
    },
    async complete(request) {
      rejection.before();
      return chat
        .current()
        .complete(request)
        .catch((error: unknown) => {
          throw rejection.failed(error);
        });
    },
    async *stream(request) {
      rejection.before();
      try {
        yield* chat.current().stream(request);
      } catch (error) {
        throw rejection.failed(error);
      }
    },
    usage() {
      const sum = { calls: 0, promptTokens: 0, completionTokens: 0 };
      for (const model of chat.all) {
        const used = model.usage();
        sum.calls += used.calls;
        sum.promptTokens += used.promptTokens;
        sum.completionTokens += used.completionTokens;
      }
      return sum;
    },
  };
}

function embedderThrough(embedding: Successive<Embedder>, check: () => void): Embedder {
  const rejection = new AfterRejection(check);
  const { model, immediate } = embedding.current();
  return {
    model,
    immediate,
    get dimensions() {
      return embedding.current().dimensions;
    },
    async embed(texts, signal) {
      rejection.before();
      return embedding
        .current()
        .embed(texts, signal)
        .catch((error: unknown) => {
          throw rejection.failed(error);
        });
    },
  };
}

async function chatOf(config: Config): Promise<Successive<ChatModel> | null> {
  const endpoint = chatEndpoint(config);
  if (endpoint === null) return null;
  const { createOpenAiChat } = await import('../../adapters/openai/chat-model.js');
  const create = (
    at: ModelEndpoint,
    { llm_concurrency: concurrency, llm_timeout_seconds: seconds }: Config,
  ) => createOpenAiChat({ ...at, concurrency, limits: { totalMs: seconds * 1000 } });
  return successive(create(endpoint, config), (next) => {
    const at = chatEndpoint(next);
    return at === null ? null : create(at, next);
  });
}

/** A remote embedder, when its endpoint is configured or the model name is one of OpenAI's. */
async function embedderOf(config: Config): Promise<Successive<Embedder> | null> {
  const endpoint = embeddingEndpoint(config);
  if (endpoint === null) return null;
  const { createOpenAiEmbedder } = await import('../../adapters/openai/embedder.js');
  return successive(createOpenAiEmbedder(endpoint), (next, { model, dimensions }) => {
    const at = embeddingEndpoint(next);
    // Vectors of another model need another index, which is created only at the start.
    return at?.model === model ? createOpenAiEmbedder({ ...at, dimensions }) : null;
  });
}

async function builtinEmbedder(): Promise<Embedder> {
  const { createBuiltinEmbedder } = await import('../../retrieval/builtin-embedder.js');
  return createBuiltinEmbedder();
}

async function readerThrough(embedder: Embedder): Promise<MeaningReader> {
  const { readerOf } = await import('../../retrieval/meaning/reader-of.js');
  return readerOf(embedder);
}

/** The bundled model. Nothing of it is loaded before the first text. */
async function builtinReader(config: Config, notices: string[]): Promise<MeaningReader | null> {
  const name = config.embedding_model_name;
  if (name === wordsOnly) return null;
  if (!builtinNames.includes(name)) {
    notices.push(
      `The embedding model "${name}" is not available here; the bundled all-MiniLM-L6-v2 is used instead. ` +
        'Set embedding_base_url to a server that has it, or embedding_model_name to "builtin".',
    );
  }
  const { SentenceModel } = await import('../../retrieval/meaning/sentence-model.js');
  sentenceModel ??= new SentenceModel();
  return sentenceModel;
}

/** One for all memories of the process: its thread takes about 100 MB. */
let sentenceModel: MeaningReader | undefined;
