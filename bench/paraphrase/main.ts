import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { command, needsNothing } from '../../scripts/command.js';
import { words } from '../../src/lib/text/words.js';
import { toAssistantId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { mean } from '../locomo/metrics.js';
import { storeOfTexts } from '../told-pages.js';

command({
  call: 'npm run bench:paraphrase --',
  about:
    'Measures whether questions that share no word with their page find it among the first 1, 5 and 10, and whether it is above the relevance floor: by words alone, and with the sentence model.',
  time: 'half a minute.',
  needs: needsNothing,
}).parse();

/** Pages and questions that share no stem, written for this project: half everyday talk, half software work. */
const pairs = z
  .array(z.tuple([z.string(), z.string()]))
  .parse(JSON.parse(await readFile(new URL('./pairs.json', import.meta.url), 'utf8')));

for (const [text, question] of pairs) {
  const shared = words(question).filter((word) => words(text).includes(word));
  if (shared.length > 0) throw new Error(`"${question}" shares ${shared.join(', ')} with its page.`);
}

const assistantId = toAssistantId('bench');
const { store, nowMs } = await storeOfTexts(pairs.map(([text]) => text));
process.stdout.write('| | R@1 | R@5 | R@10 | R@10 above the floor |\n|---|---|---|---|---|\n');
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
  let above = 0;
  for (const [text, question] of pairs) {
    const query = { text: question, nowMs, pagesMax: 10, factsMax: 1, assistantId };
    const { pages } = await retriever.search(query);
    const rank = pages.findIndex(({ page }) => page.user_input === text);
    ranks.push(rank === -1 ? Number.POSITIVE_INFINITY : rank);
    const found = await retriever.search({ ...query, relevanceMin: 'fitted' });
    if (found.pages.some(({ page }) => page.user_input === text)) above += 1;
  }
  const recall = (k: number) => mean(ranks.map((rank) => (rank < k ? 1 : 0))).toFixed(2);
  process.stdout.write(
    `| ${[name, recall(1), recall(5), recall(10), (above / pairs.length).toFixed(2)].join(' | ')} |\n`,
  );
  await retriever.close();
}
