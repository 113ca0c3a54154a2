import { encode } from 'gpt-tokenizer/encoding/o200k_base';

/** Tokens of a text as gpt-4o and its successors count them (o200k_base). */
export function tokensOf(text: string): number {
  return encode(text, { disallowedSpecial: new Set() }).length;
}

interface ChatBody {
  readonly messages: readonly { readonly content: string }[];
  readonly response_format?: unknown;
}

/** Prompt tokens of a chat request: its messages, and the JSON schema it sends, which endpoints put into the prompt. */
export function promptTokensOf(body: unknown): number {
  const { messages, response_format: format } = body as ChatBody;
  const schema = format === undefined ? 0 : tokensOf(JSON.stringify(format));
  return messages.reduce((sum, { content }) => sum + tokensOf(content), schema);
}
