import type { JsonObject } from '../model/json.js';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Ask for JSON of this schema. The answer may still be anything: check it. */
  readonly schema?: { readonly name: string; readonly jsonSchema: JsonObject };
  readonly outputTokensMax?: number;
  readonly temperature?: number;
  readonly signal?: AbortSignal;
}

export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface ChatAnswer {
  /** As the model gave it, `<think>` blocks removed. */
  readonly text: string;
  readonly usage: TokenUsage;
}

/**
 * A language model. Retries, timeouts and the endpoint's dialect are the adapter's business. Both methods
 * throw MODEL_UNAVAILABLE (try later), MODEL_REJECTED (key or model name is wrong: no use in trying),
 * MODEL_CONTEXT (the prompt is too long, or the answer was), MODEL_CONTENT (refused, filtered or empty) or CANCELLED.
 */
export interface ChatModel {
  readonly model: string;
  complete(request: ChatRequest): Promise<ChatAnswer>;
  /** The answer in pieces, `<think>` blocks left out. */
  stream(request: ChatRequest): AsyncIterable<string>;
  /** Since construction. */
  usage(): TokenUsage & { readonly calls: number };
}
