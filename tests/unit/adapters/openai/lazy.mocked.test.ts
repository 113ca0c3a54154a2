import { expect, it, vi } from 'vitest';
import { createOpenAiChat } from '../../../../src/adapters/openai/chat-model.js';
import { createOpenAiEmbedder } from '../../../../src/adapters/openai/embedder.js';

let loaded = false;
vi.mock('openai', () => {
  loaded = true;
  return {
    OpenAI: class {
      constructor() {
        throw new Error('loaded');
      }
    },
  };
});

it('loads the openai package with the first request, not earlier', async () => {
  const options = { baseUrl: 'http://127.0.0.1:9/v1', model: 'm', sleep: async () => undefined };
  const chat = createOpenAiChat(options);
  createOpenAiEmbedder(options);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(loaded).toBe(false);
  await expect(chat.complete({ messages: [] })).rejects.toThrow('loaded');
  expect(loaded).toBe(true);
});
