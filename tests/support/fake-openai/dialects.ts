/** The refusal of a request, in the words of its server. Undefined: the request is accepted. */
export interface FakeDialect {
  readonly note: string;
  refusal(body: ChatBody): { status: number; body: unknown } | undefined;
  readonly shape?: AnswerShape;
}

/** How an answer of the server differs from OpenAI's. */
export interface AnswerShape {
  /** Where the thinking of the model is. `parts`: the content is a list. */
  readonly thinking?: 'reasoning_content' | 'reasoning' | 'think-tag' | 'parts';
  /** Answers have no number of tokens. */
  readonly uncounted?: boolean;
  /** Sends empty lines, or comments in a stream, until the answer is ready. */
  readonly keepAlive?: boolean;
  /** Notes of a content filter, in a stream as pieces without a choice. */
  readonly annotated?: boolean;
}

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly stream_options?: unknown;
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly response_format?: { readonly type: string };
  readonly enable_thinking?: boolean;
}

const openAiError = (message: string, param: string | null, code: string | null = null) => ({
  status: 400,
  body: { error: { message, type: 'invalid_request_error', param, code } },
});

function saysJson(body: ChatBody): boolean {
  return body.messages.some(({ content }) => /json/i.test(content));
}

export const dialects = {
  openai: {
    note: 'takes everything; json_object only with the word JSON in the prompt',
    refusal: (body) =>
      body.response_format?.type === 'json_object' && !saysJson(body)
        ? openAiError(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            'messages',
          )
        : undefined,
  },
  'openai-reasoning': {
    note: 'no max_tokens, no temperature',
    refusal: (body) =>
      body.max_tokens !== undefined
        ? openAiError(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            'max_tokens',
            'unsupported_parameter',
          )
        : body.temperature !== undefined && body.temperature !== 1
          ? openAiError(
              "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
              'temperature',
              'unsupported_value',
            )
          : undefined,
  },
  azure: {
    note: 'key as api-key, api-version in the query, deployment in the path; no stream_options in old versions',
    shape: { annotated: true },
    refusal: (body) =>
      body.stream_options !== undefined
        ? openAiError('Unrecognized request argument supplied: stream_options', null)
        : body.max_completion_tokens !== undefined
          ? openAiError('Unrecognized request argument supplied: max_completion_tokens', null)
          : undefined,
  },
  ollama: {
    note: 'ignores what it does not know',
    shape: { thinking: 'reasoning' },
    refusal: () => undefined,
  },
  vllm: {
    note: 'strict about unknown fields; a chat template without a system role',
    shape: { thinking: 'reasoning_content' },
    refusal: (body) =>
      body.max_completion_tokens !== undefined
        ? {
            status: 400,
            body: {
              object: 'error',
              message:
                "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted'}]",
              type: 'BadRequestError',
              code: 400,
            },
          }
        : body.messages.some(({ role }) => role === 'system')
          ? {
              status: 400,
              body: {
                object: 'error',
                message: 'System role not supported',
                type: 'BadRequestError',
                code: 400,
              },
            }
          : undefined,
  },
  lmstudio: {
    note: 'json_schema or text, not json_object',
    shape: { thinking: 'think-tag' },
    refusal: (body) =>
      body.response_format?.type === 'json_object'
        ? { status: 400, body: { error: "'response_format.type' must be 'json_schema' or 'text'" } }
        : undefined,
  },
  deepseek: {
    note: 'json_object, not json_schema; max_tokens',
    shape: { thinking: 'reasoning_content', keepAlive: true },
    refusal: (body) =>
      body.response_format?.type === 'json_schema'
        ? openAiError('This response_format type is unavailable now', null, 'invalid_request_error')
        : body.response_format?.type === 'json_object' && !saysJson(body)
          ? openAiError(
              "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
              null,
            )
          : undefined,
  },
  qwen: {
    note: 'thinking must be off unless streamed; json_object',
    shape: { thinking: 'reasoning_content' },
    refusal: (body) =>
      body.stream !== true && body.enable_thinking !== false
        ? openAiError(
            'parameter.enable_thinking must be set to false for non-streaming calls',
            null,
            'invalid_parameter_error',
          )
        : body.response_format?.type === 'json_schema'
          ? openAiError(
              "'response_format.type' Input should be 'text' or 'json_object'",
              null,
              'invalid_parameter_error',
            )
          : undefined,
  },
  llamacpp: {
    note: 'a server error for schemas its grammar cannot express',
    refusal: (body) =>
      body.response_format?.type === 'json_schema'
        ? {
            status: 500,
            body: { error: { code: 500, message: 'failed to parse grammar', type: 'server_error' } },
          }
        : undefined,
  },
  mistral: {
    note: 'refuses every field it does not know; content in parts',
    shape: { thinking: 'parts' },
    refusal: (body) => {
      const unknown = ['max_completion_tokens', 'stream_options'].filter((field) => field in body);
      const detail = unknown.map((field) => ({
        type: 'extra_forbidden',
        loc: ['body', field],
        msg: 'Extra inputs are not permitted',
      }));
      return unknown.length === 0
        ? undefined
        : {
            status: 422,
            body: { object: 'error', message: { detail }, type: 'invalid_request_error', code: null },
          };
    },
  },
  plain: {
    note: 'knows model, messages and stream, and does not say what it dislikes',
    shape: { thinking: 'think-tag', uncounted: true },
    refusal: (body) =>
      Object.keys(body).some((key) => !['model', 'messages', 'stream'].includes(key))
        ? { status: 422, body: { detail: 'Unprocessable Entity' } }
        : undefined,
  },
} as const satisfies Record<string, FakeDialect>;

export type DialectName = keyof typeof dialects;
