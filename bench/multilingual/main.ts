import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { newPageId, newSegmentId, toAssistantId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';

const dayMs = 86_400_000;
const startMs = Date.parse('2024-01-01T12:00:00.000Z');
const assistantId = toAssistantId('bench');

const texts = z
  .record(z.string(), z.array(z.tuple([z.string(), z.string()])))
  .parse(JSON.parse(await readFile(new URL('./texts.json', import.meta.url), 'utf8')));

/** Every page on a day of its own, so that no neighbour helps; all languages in one memory. */
const pages = Object.entries(texts).flatMap(([language, pairs]) =>
  pairs.map(([text, question]) => ({ language, text, question })),
);
const operations = pages.flatMap(({ text }, i): Operation[] => {
  const at = new Date(startMs + i * dayMs).toISOString();
  const segment = newSegmentId(startMs + i);
  const head = { id: segment, theme: '', summary: text, keywords: [], created_at: at, updated_at: at };
  return [
    { op: 'segment_put', head: { ...head, n_visit: 0, last_visit_at: at, analysed_by: 'bench' } },
    {
      op: 'page_added',
      segment_id: segment,
      page: {
        id: newPageId(startMs + i),
        user_input: text,
        agent_response: '',
        timestamp: at,
        meta_data: {},
        assistant_id: assistantId,
        chain_id: null,
        meta_info: '',
        analysed: true,
        read: true,
      },
    },
  ];
});

const store = await createInMemoryStore().open(toUserId('bench'));
await store.transact(() => operations);
const nowMs = startMs + 1000 * dayMs;
const retriever = new MemoryRetriever({
  store,
  embedder: createBuiltinEmbedder(),
  reader: process.argv.includes('--words') ? null : new SentenceModel(),
  clock: { now: () => nowMs },
  shortTermCapacityPages: 10,
});
await retriever.settled();

process.stdout.write('| language | questions | R@1 | R@5 | missed at 5 |\n|---|---|---|---|---|\n');
let first = 0;
let five = 0;
for (const [language, pairs] of Object.entries(texts)) {
  const ranks = await Promise.all(
    pairs.map(async ([text, question]) => {
      const query = { text: question, nowMs, pagesMax: 5, factsMax: 1, assistantId };
      const found = await retriever.search(query);
      return found.pages.findIndex(({ page }) => page.user_input === text);
    }),
  );
  const at = (k: number) => ranks.filter((rank) => rank !== -1 && rank < k).length;
  first += at(1);
  five += at(5);
  const missed = pairs.filter((_, i) => ranks[i] === -1).map(([, question]) => question);
  const shares = [at(1), at(5)].map((count) => (count / pairs.length).toFixed(2));
  process.stdout.write(`| ${[language, pairs.length, ...shares, missed.join(' ')].join(' | ')} |\n`);
}
const shares = [first, five].map((count) => (count / pages.length).toFixed(2));
process.stdout.write(`| **all** | ${[pages.length, ...shares].join(' | ')} | |\n`);
await retriever.close();
