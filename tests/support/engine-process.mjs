// Runs the engine and is controlled over its IPC channel: { id, do, … } is answered with { id, value } or
// { id, error }. Takes one argument, JSON: the options of createMemory.
import { createMemory } from '../../dist/index.js';

const memory = await createMemory(JSON.parse(process.argv[2] ?? '{}'));

const commands = {
  async add({ texts }) {
    const ids = [];
    for (const text of texts) ids.push((await memory.add({ userInput: text, agentResponse: '' })).page_id);
    return ids;
  },
  async retrieve({ query, maxResults }) {
    const found = await memory.retrieve({ query, maxResults });
    return [...found.short_term_memory, ...found.retrieved_pages].map((page) => page.user_input);
  },
  async flush() {
    await memory.flush();
  },
  async stats() {
    return memory.stats();
  },
  async close() {
    await memory.close();
  },
};

process.on('message', async ({ id, do: name, ...rest }) => {
  try {
    process.send({ id, value: (await commands[name](rest)) ?? null });
  } catch (error) {
    process.send({ id, error: `${error.code}: ${error.message}` });
  }
  if (name === 'close') process.disconnect();
});
process.send({ id: 0, value: 'ready' });
