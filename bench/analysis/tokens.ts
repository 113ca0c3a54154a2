import { encode } from 'gpt-tokenizer/encoding/o200k_base';

/** Tokens of a text as gpt-4o and its successors count them (o200k_base). */
export function tokensOf(text: string): number {
  return encode(text, { disallowedSpecial: new Set() }).length;
}

interface ChatBody {
  readonly messages: readonly { readonly content: string }[];
  readonly response_format?: { readonly json_schema?: { readonly name: string; readonly schema: object } };
}

/** Tokens that a chat endpoint adds to each message and each prompt (OpenAI's cookbook: 3 + 1 a message, 3 a prompt). */
const messageOverhead = 4;
const promptOverhead = 3;

/** Tokens of a request with instructions and data. */
export const twoMessages = promptOverhead + 2 * messageOverhead;

/** Tokens of the messages of a chat request. */
export function messageTokensOf(body: unknown): number {
  const { messages } = body as ChatBody;
  return messages.reduce((sum, { content }) => sum + tokensOf(content) + messageOverhead, promptOverhead);
}

/**
 * Tokens of the JSON schema a request sends, put into the prompt as OpenAI documents it for its open models (the
 * Harmony format: a heading, the name, the schema). Servers that make a grammar of it bill none of them.
 */
export function schemaTokensOf(body: unknown): number {
  const { response_format: format } = body as ChatBody;
  if (format?.json_schema === undefined) return 0;
  const { name, schema } = format.json_schema;
  return tokensOf(`\n\n# Response Formats\n\n## ${name}\n\n${JSON.stringify(schema)}`);
}
