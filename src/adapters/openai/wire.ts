import type OpenAI from 'openai';
import * as z from 'zod';
import type { ChatMessage, ChatRequest } from '../../ports/chat-model.js';
import type { Dialect } from './dialect.js';

export type Params = OpenAI.Chat.ChatCompletionCreateParams;

const contentSchema = z
  .union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
  .nullish();
export const usageSchema = z
  .looseObject({ prompt_tokens: z.number().optional(), completion_tokens: z.number().optional() })
  .nullish();
/** The used parts of a complete answer. */
export const completionSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: contentSchema, refusal: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: usageSchema,
});
/** One piece of a streamed answer. */
export const chunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z.looseObject({ content: contentSchema, refusal: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema,
});
const errorSchema = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({ message: z.unknown().optional(), code: z.unknown().optional() }),
  ]),
});

/** The request in the endpoint's dialect. */
export function toParams(request: ChatRequest, model: string, dialect: Dialect, stream: boolean): Params {
  const { schema, outputTokensMax, temperature } = request;
  const params: Params & { enable_thinking?: boolean } = {
    model,
    messages: messagesFor(request, dialect).map(({ role, content }) => ({ role, content })),
  };
  if (schema !== undefined && dialect.format === 'json_schema')
    params.response_format = {
      type: 'json_schema',
      json_schema: { name: schema.name, schema: schema.jsonSchema, strict: true },
    };
  if (schema !== undefined && dialect.format === 'json_object')
    params.response_format = { type: 'json_object' };
  if (outputTokensMax !== undefined && dialect.tokensParameter !== 'none')
    params[dialect.tokensParameter] = outputTokensMax;
  if (temperature !== undefined && dialect.temperature) params.temperature = temperature;
  if (stream && dialect.streamUsage) params.stream_options = { include_usage: true };
  if (dialect.thinkingOff && !stream) params.enable_thinking = false;
  return params;
}

function messagesFor(request: ChatRequest, dialect: Dialect): ChatMessage[] {
  const messages = [...request.messages];
  if (request.schema !== undefined && dialect.format !== 'json_schema') {
    const shape = `Answer with one JSON value of this JSON Schema and nothing else: ${JSON.stringify(request.schema.jsonSchema)}`;
    const at = messages.findIndex((message) => message.role === 'system');
    const system = messages[at];
    if (system === undefined) messages.unshift({ role: 'system', content: shape });
    else messages[at] = { role: 'system', content: `${system.content}\n\n${shape}` };
  }
  if (dialect.instructions === 'system') return messages;
  const merged: { role: ChatMessage['role']; content: string }[] = [];
  for (const message of messages) {
    const role = message.role === 'system' ? 'user' : message.role;
    const last = merged.at(-1);
    if (last?.role === role) last.content += `\n\n${message.content}`;
    else merged.push({ role, content: message.content });
  }
  return merged;
}

/** Some servers declare their JSON as text. */
export function asObject(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** The error for an answer that is not a completion. Some gateways send errors with status 200. */
export function strangeAnswer(raw: unknown): Error {
  const told = errorSchema.safeParse(asObject(raw));
  if (!told.success) return new Error('the answer is not a chat completion; check openai_base_url');
  const { error } = told.data;
  const said = typeof error === 'string' ? error : String(error.message ?? 'an error without a message');
  const code = typeof error === 'string' ? Number.NaN : Number(error.code);
  return Object.assign(new Error(said), { status: code >= 400 && code < 600 ? code : 500, error });
}

/** The text of an answer, which may consist of parts. */
export function textOf(content: z.infer<typeof contentSchema>): string {
  if (content === null || content === undefined) return '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
}
