import { encode } from 'gpt-tokenizer/encoding/o200k_base';

/** Tokens of a text as gpt-4o and its successors count them (o200k_base). */
export function tokensOf(text: string): number {
  return encode(text, { disallowedSpecial: new Set() }).length;
}

interface ChatBody {
  readonly messages: readonly { readonly content: string }[];
  readonly response_format?: unknown;
}

/** What a chat endpoint adds to each message and to each prompt (OpenAI's cookbook: 3 + 1 a message, 3 a prompt). */
const messageOverhead = 4;
const promptOverhead = 3;

/** Tokens of the messages of a chat request. */
export function messageTokensOf(body: unknown): number {
  const { messages } = body as ChatBody;
  return messages.reduce((sum, { content }) => sum + tokensOf(content) + messageOverhead, promptOverhead);
}

/** Tokens of the JSON schema a request sends; endpoints put it into the prompt in a form of their own. */
export function schemaTokensOf(body: unknown): number {
  const { response_format: format } = body as ChatBody;
  return format === undefined ? 0 : tokensOf(JSON.stringify(format));
}
