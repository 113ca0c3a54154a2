import type { JsonObject } from '../model/json.js';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Asks for JSON of this schema. The answer may still be anything, so the caller must check it. */
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
  /** The answer as the model gave it, without `<think>` blocks. */
  readonly text: string;
  readonly usage: TokenUsage;
}

/**
 * A language model. The adapter handles retries, timeouts and the endpoint's dialect. Both methods throw
 * MODEL_UNAVAILABLE (try later), MODEL_REJECTED (wrong key or model name; retrying is useless), MODEL_CONTEXT
 * (prompt or answer too long), MODEL_CONTENT (refused, filtered or empty) or CANCELLED.
 */
export interface ChatModel {
  readonly model: string;
  complete(request: ChatRequest): Promise<ChatAnswer>;
  /** The answer in pieces, without `<think>` blocks. */
  stream(request: ChatRequest): AsyncIterable<string>;
  /** Since construction. */
  usage(): TokenUsage & { readonly calls: number };
}
