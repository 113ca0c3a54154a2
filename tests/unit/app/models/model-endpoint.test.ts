import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../src/app/config/config.js';
import { chatEndpoint, embeddingEndpoint } from '../../../../src/app/models/model-endpoint.js';

const configOf = (flags: Record<string, string>) => loadConfig({ flags, env: {}, withoutFile: true }).config;

describe('chatEndpoint', () => {
  it('is null without a key, even when a file names OpenAI itself', () => {
    expect(chatEndpoint(configOf({}))).toBeNull();
    expect(chatEndpoint(configOf({ openai_base_url: 'https://api.openai.com/v1' }))).toBeNull();
  });

  it('is OpenAI for a key, and a local model without one', () => {
    expect(chatEndpoint(configOf({ openai_api_key: 'k' }))).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
      apiKey: 'k',
    });
    expect(
      chatEndpoint(configOf({ openai_base_url: 'http://localhost:11434/v1', llm_model: 'qwen3' })),
    ).toEqual({
      baseUrl: 'http://localhost:11434/v1',
      apiKey: '',
      model: 'qwen3',
    });
  });
});

describe('embeddingEndpoint', () => {
  it('is null for builtin, and for local models without an endpoint', () => {
    expect(embeddingEndpoint(configOf({ openai_api_key: 'k' }))).toBeNull();
    expect(
      embeddingEndpoint(configOf({ openai_api_key: 'k', embedding_model_name: 'BAAI/bge-m3' })),
    ).toBeNull();
    expect(embeddingEndpoint(configOf({ embedding_model_name: 'text-embedding-3-small' }))).toBeNull();
  });

  it("uses the language model's endpoint for OpenAI's own models", () => {
    const config = configOf({ openai_api_key: 'k', embedding_model_name: 'text-embedding-3-small' });
    expect(embeddingEndpoint(config)).toEqual({
      baseUrl: 'https://api.openai.com/v1',
      apiKey: 'k',
      model: 'text-embedding-3-small',
    });
  });

  it('never sends the key of the language model to another endpoint', () => {
    const config = configOf({
      openai_api_key: 'k',
      embedding_base_url: 'http://other.example/v1',
      embedding_model_name: 'bge',
    });
    expect(embeddingEndpoint(config)).toMatchObject({ baseUrl: 'http://other.example/v1', apiKey: '' });
  });
});
