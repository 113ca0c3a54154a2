// Runs in a folder beside the installed peer. Fills mem0's open-source mode and searches it.
import { readFileSync } from 'node:fs';

process.env.MEM0_TELEMETRY = 'False';
const { texts, questions, baseUrl } = JSON.parse(readFileSync('input.json', 'utf8'));
const { Memory } = await import('mem0ai/oss');
const openai = { apiKey: 'fake-key', baseURL: baseUrl, url: baseUrl };
const memory = new Memory({
  version: 'v1.1',
  embedder: { provider: 'openai', config: { ...openai, model: 'text-embedding-3-small' } },
  llm: { provider: 'openai', config: { ...openai, model: 'gpt-4o-mini' } },
  vectorStore: {
    provider: 'memory',
    config: { collectionName: 'bench', dimension: 256, dbPath: './vectors.db' },
  },
  disableHistory: true,
});
for (const text of texts)
  await memory.add([{ role: 'user', content: text }], { userId: 'bench', infer: false });
const times = [];
for (const question of [...questions, ...questions]) {
  const before = performance.now();
  await memory.search(question, { filters: { user_id: 'bench' }, topK: 10 });
  times.push(performance.now() - before);
}
// The first round warms up.
console.log(JSON.stringify(times.slice(questions.length)));
process.exit(0);
