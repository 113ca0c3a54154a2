// Runs in a folder beside the installed peer. Fills the official memory server and searches it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const { texts, questions } = JSON.parse(readFileSync('input.json', 'utf8'));
const client = new Client({ name: 'bench', version: '1.0.0' });
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: ['../node_modules/@modelcontextprotocol/server-memory/dist/index.js'],
    env: { ...process.env, MEMORY_FILE_PATH: path.resolve('memory.jsonl') },
    stderr: 'ignore',
  }),
);
const entities = texts.map((text, i) => ({ name: `memory ${i}`, entityType: 'page', observations: [text] }));
for (let i = 0; i < entities.length; i += 2000) {
  await client.callTool({ name: 'create_entities', arguments: { entities: entities.slice(i, i + 2000) } });
}
const times = [];
for (const question of [...questions, ...questions]) {
  // The server finds substrings, so it gets the longest word of the question.
  const query = question
    .split(/\W+/)
    .reduce((longest, word) => (word.length > longest.length ? word : longest), '');
  const before = performance.now();
  await client.callTool({ name: 'search_nodes', arguments: { query } });
  times.push(performance.now() - before);
}
await client.close();
// The first round warms up.
console.log(JSON.stringify(times.slice(questions.length)));
