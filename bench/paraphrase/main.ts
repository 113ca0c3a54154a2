import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { words } from '../../src/lib/text/words.js';
import { newPageId, newSegmentId, toAssistantId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { mean } from '../locomo/metrics.js';

/** Pages and questions that share no stem, written for this project: half everyday talk, half software work. */
const pairs = z
  .array(z.tuple([z.string(), z.string()]))
  .parse(JSON.parse(await readFile(new URL('./pairs.json', import.meta.url), 'utf8')));

for (const [text, question] of pairs) {
  const shared = words(question).filter((word) => words(text).includes(word));
  if (shared.length > 0) throw new Error(`"${question}" shares ${shared.join(', ')} with its page.`);
}

const dayMs = 86_400_000;
const startMs = Date.parse('2024-01-01T12:00:00.000Z');
const nowMs = startMs + 1000 * dayMs;
const assistantId = toAssistantId('bench');

/** Every page on a day and in a segment of its own, so that none helps another. */
const operations = pairs.flatMap(([text], i): Operation[] => {
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
process.stdout.write('| | R@1 | R@5 | R@10 |\n|---|---|---|---|\n');
for (const [name, reader] of [
  ['by words', null],
  ['with the sentence model', new SentenceModel()],
] as const) {
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader,
    clock: { now: () => nowMs },
    shortTermCapacityPages: 10,
  });
  await retriever.settled();
  const ranks: number[] = [];
  for (const [text, question] of pairs) {
    const query = { text: question, nowMs, pagesMax: 10, factsMax: 1, assistantId };
    const { pages } = await retriever.search(query);
    const rank = pages.findIndex(({ page }) => page.user_input === text);
    ranks.push(rank === -1 ? Number.POSITIVE_INFINITY : rank);
  }
  const recall = (k: number) => mean(ranks.map((rank) => (rank < k ? 1 : 0))).toFixed(2);
  process.stdout.write(`| ${[name, recall(1), recall(5), recall(10)].join(' | ')} |\n`);
  await retriever.close();
}
