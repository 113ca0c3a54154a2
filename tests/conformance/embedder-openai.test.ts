import { createOpenAiEmbedder } from '../../src/adapters/openai/embedder.js';
import { startFakeOpenAi } from '../support/fake-openai/server.js';
import { embedderConformance } from './embedder-suite.js';

embedderConformance('openai package', async () => {
  const fake = await startFakeOpenAi();
  const embedder = createOpenAiEmbedder({
    baseUrl: fake.baseUrl,
    model: 'text-embedding-fake',
    apiKey: 'fake-key',
  });
  return { embedder, close: () => fake.stop() };
});
