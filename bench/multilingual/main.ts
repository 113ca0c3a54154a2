import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { command, needsNothing } from '../../scripts/command.js';
import { toAssistantId } from '../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import type { RetrievedContext } from '../../src/retrieval/retriever.js';
import { storeOfTexts } from '../told-pages.js';

const { words } = command({
  call: 'npm run bench:multilingual --',
  about:
    'Measures whether questions in nine languages, all in one memory, find their page among the first 1 and 5, and whether it is above the relevance floor.',
  time: 'half a minute.',
  needs: needsNothing,
})
  .option('--words', 'without the sentence model', false)
  .parse()
  .opts<{ words: boolean }>();
const assistantId = toAssistantId('bench');

const texts = z
  .record(z.string(), z.array(z.tuple([z.string(), z.string()])))
  .parse(JSON.parse(await readFile(new URL('./texts.json', import.meta.url), 'utf8')));

/** Every page on a day of its own, so that no neighbour helps; all languages in one memory. */
const pages = Object.entries(texts).flatMap(([language, pairs]) =>
  pairs.map(([text, question]) => ({ language, text, question })),
);
const { store, nowMs } = await storeOfTexts(pages.map(({ text }) => text));
const retriever = new MemoryRetriever({
  store,
  embedder: createBuiltinEmbedder(),
  reader: words ? null : new SentenceModel(),
  clock: { now: () => nowMs },
  shortTermCapacityPages: 10,
});
await retriever.settled();

process.stdout.write(
  '| language | questions | R@1 | R@5 | R@5 above the floor | missed above the floor |\n|---|---|---|---|---|---|\n',
);
let first = 0;
let five = 0;
let above = 0;
for (const [language, pairs] of Object.entries(texts)) {
  const ranks = await Promise.all(
    pairs.map(async ([text, question]) => {
      const query = { text: question, nowMs, pagesMax: 5, factsMax: 1, assistantId };
      const rankIn = ({ pages }: RetrievedContext) => pages.findIndex(({ page }) => page.user_input === text);
      return {
        rank: rankIn(await retriever.search(query)),
        isAbove: rankIn(await retriever.search({ ...query, relevanceMin: 'fitted' })) !== -1,
      };
    }),
  );
  const at = (k: number) => ranks.filter(({ rank }) => rank !== -1 && rank < k).length;
  first += at(1);
  five += at(5);
  const found = ranks.filter(({ isAbove }) => isAbove).length;
  above += found;
  const missed = pairs.filter((_, i) => ranks[i]?.isAbove !== true).map(([, question]) => question);
  const shares = [at(1), at(5), found].map((count) => (count / pairs.length).toFixed(2));
  process.stdout.write(`| ${[language, pairs.length, ...shares, missed.join(' ')].join(' | ')} |\n`);
}
const shares = [first, five, above].map((count) => (count / pages.length).toFixed(2));
process.stdout.write(`| **all** | ${[pages.length, ...shares].join(' | ')} | |\n`);
await retriever.close();
