// Adds three exchanges to a memory, searches it, and prints the result. Run: npx tsx examples/remember.ts [folder]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemory } from 'memoryos-mcp';

const given = process.argv[2];
const folder = given ?? (await mkdtemp(path.join(tmpdir(), 'memoryos-example-')));

const memory = await createMemory({
  user_id: 'alice',
  data_storage_path: folder,
  short_term_capacity: 2,
  mid_term_heat_threshold: 1,
});

await memory.add({
  userInput: 'I moved to Berlin last week, and my dog Bruno loves the parks here.',
  agentResponse: 'Welcome to Berlin, both of you!',
  timestamp: '2026-03-02 18:30:00',
});
await memory.add({ userInput: 'I am allergic to peanuts.', agentResponse: 'I will remember that.' });
await memory.add({ userInput: 'Can you explain what a monad is?', agentResponse: 'A monad is …' });

await memory.flush({ shortTerm: true });

const found = await memory.retrieve({ query: 'Where did I move with Bruno?', maxResults: 1 });
for (const page of found.retrieved_pages) {
  console.log(`${page.timestamp.slice(0, 10)}  ${page.user_input}`);
}
const { user_knowledge } = await memory.profile();
for (const fact of user_knowledge ?? []) {
  console.log(`${fact.timestamp.slice(0, 10)}  ${fact.knowledge}  (from ${fact.page_ids.length} page)`);
}
const stats = await memory.stats();
console.log(
  `${stats.mid_term.pages} pages in ${stats.mid_term.segments} segments, analysed by ${stats.analysis.analyser}`,
);

await memory.close();
if (given === undefined) await rm(folder, { recursive: true });
