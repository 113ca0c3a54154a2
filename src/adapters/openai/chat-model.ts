import type OpenAI from 'openai';
import type { z } from 'zod';
import { repeatsItself } from '../../lib/text/repetition.js';
import type { ChatAnswer, ChatModel, ChatRequest, TokenUsage } from '../../ports/chat-model.js';
import { Caller, type PaceOptions } from './caller.js';
import {
  firstDialect,
  knownDialect,
  type RequestTraits,
  rememberDialect,
  simplerDialect,
} from './dialect.js';
import { type Endpoint, toEndpoint } from './endpoint.js';
import { failureOf } from './failure.js';
import { ownSignal } from './pace.js';
import { ThinkFilter, withoutThinking } from './think-filter.js';
import {
  asObject,
  chunkSchema,
  completionSchema,
  type Params,
  strangeAnswer,
  textOf,
  toParams,
  type usageSchema,
} from './wire.js';

export interface OpenAiChatOptions extends PaceOptions {
  /** As in `openai_base_url`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Absent for servers that need no key. */
  readonly apiKey?: string | undefined;
}

/**
 * Reasons for which an answer may end incomplete: OpenAI's names, and those of Mistral, DeepSeek, GLM and
 * OpenRouter. When an answer was too long, the caller asks for it in parts, as for a prompt that is too long.
 */
const endings = [
  {
    reasons: /^(length|max_tokens|model_length)$/i,
    code: 'MODEL_CONTEXT',
    why: 'was cut off at its output limit',
  },
  {
    reasons: /^(content_filter|sensitive|safety)$/i,
    code: 'MODEL_CONTENT',
    why: 'was stopped by its content filter',
  },
  {
    reasons: /^(insufficient_system_resource|network_error|error)$/i,
    code: 'MODEL_UNAVAILABLE',
    why: 'was broken off by the endpoint',
  },
] as const;

/**
 * A chat model behind any OpenAI-compatible endpoint. Throws CONFIG_INVALID for an invalid URL. Does no I/O
 * before the first call.
 */
export function createOpenAiChat(options: OpenAiChatOptions): ChatModel {
  return new OpenAiChat(options);
}

/** Length of the end of a streamed answer that is checked for repetition. */
const tailCharactersMax = 2_000;

class OpenAiChat implements ChatModel {
  readonly model: string;
  readonly #endpoint: Endpoint;
  readonly #caller: Caller;
  #calls = 0;
  #promptTokens = 0;
  #completionTokens = 0;

  constructor(options: OpenAiChatOptions) {
    this.model = options.model;
    this.#endpoint = toEndpoint(options.baseUrl, options.model);
    this.#caller = new Caller(this.#endpoint, options.apiKey, options.model, options);
  }

  async complete(given: ChatRequest): Promise<ChatAnswer> {
    const { signal, release: unfollow } = ownSignal(given.signal);
    const request = { ...given, signal };
    try {
      const release = await this.#caller.takeSlot(signal);
      try {
        return await this.#caller.attempts((client) => this.#completeOnce(client, request), signal);
      } finally {
        release();
      }
    } finally {
      unfollow();
    }
  }

  async *stream(given: ChatRequest): AsyncIterable<string> {
    const { signal, release: unfollow } = ownSignal(given.signal);
    try {
      const release = await this.#caller.takeSlot(signal);
      try {
        yield* this.#streamed({ ...given, signal });
      } finally {
        release();
      }
    } finally {
      unfollow();
    }
  }

  async *#streamed(request: ChatRequest): AsyncGenerator<string> {
    const { signal } = request;
    const { pieces, first } = await this.#caller.attempts(
      async (client) => {
        const opened = this.#pieces(client, request);
        return { pieces: opened, first: await opened.next() };
      },
      signal,
      true,
    );
    if (first.done === true) throw this.#caller.unusable('gave an empty answer');
    try {
      for (let next: IteratorResult<string> = first; next.done !== true; next = await pieces.next())
        yield next.value;
    } catch (error) {
      throw this.#caller.translate(error, signal);
    } finally {
      await pieces.return(undefined);
    }
  }

  usage(): TokenUsage & { readonly calls: number } {
    return {
      calls: this.#calls,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
    };
  }

  async #completeOnce(client: OpenAI, request: ChatRequest): Promise<ChatAnswer> {
    const raw = await this.#ask(request, false, (params) =>
      client.chat.completions.create({ ...params, stream: false }, { signal: request.signal }),
    );
    const answer = completionSchema.safeParse(asObject(raw));
    if (!answer.success) throw strangeAnswer(raw);
    const choice = answer.data.choices[0];
    const text = withoutThinking(textOf(choice?.message?.content));
    const usage = this.#count(answer.data.usage, request, text);
    this.#checkEnd(choice?.finish_reason, choice?.message?.refusal, text);
    if (text === '') throw this.#caller.unusable('gave an empty answer');
    return { text, usage };
  }

  async *#pieces(client: OpenAI, request: ChatRequest): AsyncGenerator<string, undefined> {
    const chunks = await this.#ask(request, true, (params) =>
      client.chat.completions.create({ ...params, stream: true }, { signal: request.signal }),
    );
    const filter = new ThinkFilter();
    let end: string | null | undefined;
    let refusal: string | null | undefined;
    let usage: z.infer<typeof usageSchema>;
    let length = 0;
    let tail = '';
    for await (const raw of chunks) {
      const chunk = chunkSchema.safeParse(raw);
      if (!chunk.success) throw strangeAnswer(raw);
      usage = chunk.data.usage ?? usage;
      const choice = chunk.data.choices?.[0];
      if (choice === undefined) continue;
      end = choice.finish_reason ?? end;
      refusal = choice.delta?.refusal ?? refusal;
      const text = filter.push(textOf(choice.delta?.content));
      length += text.length;
      tail = `${tail}${text}`.slice(-tailCharactersMax);
      if (text !== '') yield text;
    }
    const rest = filter.end();
    if (rest !== '') yield rest;
    this.#count(usage, request, ' '.repeat(length));
    if (end === undefined || end === null) throw new Error('the stream ended before the answer was complete');
    this.#checkEnd(end, refusal, tail);
  }

  /** Sends the request in the endpoint's dialect, and finds out the dialect when it is unknown. */
  async #ask<T>(request: ChatRequest, stream: boolean, send: (params: Params) => Promise<T>): Promise<T> {
    const used: RequestTraits = {
      schema: request.schema !== undefined,
      outputTokensMax: request.outputTokensMax !== undefined,
      temperature: request.temperature !== undefined,
      stream,
      instructions: request.messages.some((message) => message.role === 'system'),
    };
    const before = knownDialect(this.#endpoint.baseUrl, this.model);
    let dialect = before ?? firstDialect;
    for (;;) {
      try {
        this.#calls += 1;
        const answer = await send(toParams(request, this.model, dialect, stream));
        if (dialect !== before) rememberDialect(this.#endpoint.baseUrl, this.model, dialect);
        return answer;
      } catch (error) {
        const failure = failureOf(error, []);
        const next = failure.malformed ? simplerDialect(dialect, used, failure.detail) : null;
        if (next === null || request.signal?.aborted === true) throw error;
        dialect = next;
      }
    }
  }

  /** The counts of the endpoint; without them, an estimate of four characters per token. */
  #count(counted: z.infer<typeof usageSchema>, request: ChatRequest, answer: string): TokenUsage {
    const asked = request.messages.reduce((sum, message) => sum + message.content.length, 0);
    const usage = {
      promptTokens: counted?.prompt_tokens ?? Math.ceil(asked / 4),
      completionTokens: counted?.completion_tokens ?? Math.ceil(answer.length / 4),
    };
    this.#promptTokens += usage.promptTokens;
    this.#completionTokens += usage.completionTokens;
    return usage;
  }

  #checkEnd(reason: string | null | undefined, refusal: string | null | undefined, text: string): void {
    if (typeof refusal === 'string' && refusal !== '') throw this.#caller.unusable('refused to answer');
    const ending = endings.find(({ reasons }) => reasons.test(reason ?? ''));
    if (ending === undefined) return;
    if (ending.code === 'MODEL_UNAVAILABLE') throw new Error(`the answer ${ending.why} (${reason})`);
    // A model that repeats itself would do so with a shorter prompt, too.
    if (ending.code === 'MODEL_CONTEXT' && repeatsItself(text))
      throw this.#caller.unusable('repeated itself up to its output limit');
    throw this.#caller.unusable(ending.why, ending.code);
  }
}
