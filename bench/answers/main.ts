import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import { command, conversationFiles, needsConversations } from '../../scripts/command.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import { tokensOfText } from '../../src/lib/text/tokens.js';
import { weights } from '../../src/retrieval/fusion.js';
import { relevanceModel } from '../../src/retrieval/relevance.js';
import { type OpenedMemory, remember } from '../locomo/memory.js';
import { mean, percentile, recallAt } from '../locomo/metrics.js';
import { datesRight } from './dates.js';
import foreign from './foreign.json' with { type: 'json' };
import { withoutNames } from './judged.js';
import { codeConversation, paraphraseConversation } from './memories.js';

const parts = ['abstention', 'dates', 'tokens', 'paraphrase'] as const;

const options = command({
  call: 'npm run bench:answers --',
  about:
    'Measures what a retrieval returns with default settings: whether it returns nothing when nothing helps (abstention), whether "when" is answered with the right time (dates), how long answers are (tokens), and whether questions without a common word find their page (paraphrase).',
  time: '15 minutes with both data sets.',
  needs: `${needsConversations} Without --data, only the conversations of this repository are measured.`,
})
  .addOption(conversationFiles(false).default([]))
  .addOption(new Option('--only <part...>', 'measure only these').choices(parts).default(parts))
  .option('-v, --verbose', 'also print what failed', false)
  .parse()
  .opts<{ data: string[]; only: (typeof parts)[number][]; verbose: boolean }>();
const wanted = new Set(options.only);
const pagesMax = 10;
const strangersAsked = 20;

interface Asked {
  readonly memory: string;
  readonly kind: string;
  readonly pages: number;
  readonly facts: number;
  /** Number of pages that the answer reports as found, including those that it does not show. */
  readonly found: number;
  readonly best: number;
}

interface Recall {
  readonly memory: string;
  readonly above: number;
  readonly whole: number;
  readonly best: number;
}

const asked: Asked[] = [];
const recalls: Recall[] = [];
const dates: string[] = [];
const tokens: string[] = [];
const paraphrased: string[] = [];

async function run(): Promise<void> {
  const sets = await Promise.all(
    options.data.map(async (path) => parseLocomo(await readFile(path, 'utf8'), path)),
  );
  const conversations = sets.flat();
  const own = [paraphraseConversation('life'), paraphraseConversation('work'), codeConversation()];
  let right = 0;
  let dateQuestions = 0;
  for (const conversation of [...conversations, ...own]) {
    const memory = await remember(conversation, { embedder: 'builtin', weights });
    try {
      const isTalk = conversations.includes(conversation);
      if (wanted.has('abstention')) await abstention(conversation, memory, conversations);
      if (wanted.has('dates') && isTalk) {
        const result = await datesRight(conversation, memory);
        right += result.right;
        dateQuestions += result.asked;
        dates.push(...result.wrong.map((text) => `${conversation.id}: ${text}`));
      }
      if (wanted.has('tokens')) await countTokens(conversation, memory);
      if (wanted.has('paraphrase') && conversation.id in { life: 1, work: 1 })
        await paraphrase(conversation, memory);
      process.stderr.write(`${conversation.id}\n`);
    } finally {
      await memory.close();
    }
  }
  const out: string[] = [];
  if (wanted.has('abstention')) out.push(abstentionTable());
  if (wanted.has('dates')) {
    out.push(`Dates: the right time first in ${right} of ${dateQuestions}`);
    if (options.verbose) out.push(dates.join('\n'));
  }
  if (wanted.has('tokens')) {
    out.push(
      ['| memory | answers | tokens, median | p90 | most |', '|---|---|---|---|---|', ...tokens].join('\n'),
    );
  }
  if (wanted.has('paraphrase')) {
    out.push(['| pairs | R@1 | R@5 | R@5 above the floor |', '|---|---|---|---|', ...paraphrased].join('\n'));
  }
  process.stdout.write(`${out.join('\n\n')}\n`);
}

async function ask(
  memory: OpenedMemory,
  kind: string,
  name: string,
  queries: readonly string[],
): Promise<void> {
  for (const query of queries) {
    const result = await memory.engine.retrieve({ query, maxResults: pagesMax });
    const found = result.retrieved_pages;
    if (options.verbose && found.length > 0) {
      process.stderr.write(`  ${kind} ${found.length} ${found[0]?.score} ${query}\n`);
    }
    asked.push({
      memory: name,
      kind,
      pages: found.length,
      facts: result.retrieved_user_knowledge.length + result.retrieved_assistant_knowledge.length,
      found:
        result.total_pages_found + result.total_user_knowledge_found + result.total_assistant_knowledge_found,
      best: found[0]?.score ?? 0,
    });
  }
}

async function abstention(
  conversation: LocomoConversation,
  memory: OpenedMemory,
  conversations: readonly LocomoConversation[],
): Promise<void> {
  const { id } = conversation;
  await ask(memory, 'foreign', id, foreign.judged);
  const others = conversations.filter((other) => other !== conversation && other.user !== conversation.user);
  const strangers = others.flatMap((other) => {
    const step = Math.max(1, Math.floor((other.questions.length * others.length) / strangersAsked));
    return other.questions.filter((_, i) => i % step === 0).map(({ question }) => question);
  });
  await ask(memory, 'of another conversation', id, strangers);
  const adversarial = conversation.questions.filter(({ category }) => category === 5);
  await ask(
    memory,
    'category 5',
    id,
    adversarial.map(({ question }) => question),
  );
  for (const variant of [(text: string) => text, (text: string) => withoutNames(text, conversation)]) {
    for (const { question, evidence, category } of conversation.questions) {
      if (category === 5 || evidence.length === 0) continue;
      const [above, whole] = [
        await ranks(conversation, memory, variant(question), evidence),
        await ranks(conversation, memory, variant(question), evidence, 0),
      ];
      recalls.push({
        memory: id,
        above: recallAt(pagesMax, above.ranks),
        whole: recallAt(pagesMax, whole.ranks),
        best: above.best,
      });
    }
  }
}

async function ranks(
  conversation: LocomoConversation,
  memory: OpenedMemory,
  query: string,
  evidence: readonly string[],
  relevanceMin?: number,
) {
  const found = await memory.engine.retrieve({
    query,
    maxResults: pagesMax,
    relevanceMin,
    maxTokens: 100_000,
  });
  const rankOf = new Map(
    found.retrieved_pages.map(({ page_id }, rank) => [memory.pageAt.get(page_id), rank]),
  );
  const pages = new Set(
    evidence.map((id) => conversation.pages.findIndex(({ dia_ids }) => dia_ids.includes(id))),
  );
  return {
    ranks: [...pages].map((page) => rankOf.get(page) ?? null),
    best: found.retrieved_pages[0]?.score ?? 0,
  };
}

function abstentionTable(): string {
  const own = recalls.map(({ best }) => best);
  const kinds = [...new Set(asked.map(({ kind }) => kind))];
  const line = (kind: string, list: readonly Asked[]) => {
    const curve = mean(own.map((a) => mean(list.map(({ best }) => (a > best ? 1 : a === best ? 0.5 : 0)))));
    return `| ${[
      kind,
      list.length,
      mean(list.map(({ pages }) => pages)).toFixed(2),
      mean(list.map(({ facts }) => facts)).toFixed(2),
      mean(list.map(({ found }) => found)).toFixed(2),
      mean(list.map(({ pages }) => (pages === 0 ? 1 : 0))).toFixed(3),
      curve.toFixed(3),
    ].join(' | ')} |`;
  };
  const memories = [...new Set(recalls.map(({ memory }) => memory))];
  return [
    `Floor ${relevanceModel('pieces').relevanceMin}, answered at least ${relevanceModel('pieces').answeredMin}`,
    '',
    '| asked | questions | pages returned, mean | facts | "found", mean | no page | area under the curve |',
    '|---|---|---|---|---|---|---|',
    ...kinds.map((kind) =>
      line(
        kind,
        asked.filter((entry) => entry.kind === kind),
      ),
    ),
    ...memories.map((memory) =>
      line(
        `foreign, of ${memory}`,
        asked.filter((entry) => entry.kind === 'foreign' && entry.memory === memory),
      ),
    ),
    '',
    '| own questions of | questions | R@10 without a floor | above the floor | lost | nothing returned |',
    '|---|---|---|---|---|---|',
    ...['all', ...memories].map((memory) => {
      const list = recalls.filter((entry) => memory === 'all' || entry.memory === memory);
      const [whole, above] = [mean(list.map((entry) => entry.whole)), mean(list.map((entry) => entry.above))];
      const none = mean(list.map(({ best }) => (best === 0 ? 1 : 0)));
      return `| ${[memory, list.length, whole.toFixed(3), above.toFixed(3), (whole - above).toFixed(3), none.toFixed(3)].join(' | ')} |`;
    }),
  ].join('\n');
}

async function countTokens({ id, questions }: LocomoConversation, { engine }: OpenedMemory): Promise<void> {
  const counts: number[] = [];
  for (const { question } of questions.slice(0, 60)) {
    counts.push(tokensOfText(JSON.stringify(await engine.retrieve({ query: question }))));
  }
  tokens.push(
    `| ${[id, counts.length, percentile(counts, 0.5), percentile(counts, 0.9), Math.max(...counts)].join(' | ')} |`,
  );
}

async function paraphrase(conversation: LocomoConversation, memory: OpenedMemory): Promise<void> {
  const results: { whole: (number | null)[]; above: (number | null)[] }[] = [];
  for (const { question, evidence } of conversation.questions) {
    const whole = await ranks(conversation, memory, question, evidence, 0);
    const above = await ranks(conversation, memory, question, evidence);
    if (options.verbose && recallAt(5, above.ranks) === 0)
      process.stderr.write(`  missed ${whole.ranks[0]} ${question}\n`);
    results.push({ whole: whole.ranks, above: above.ranks });
  }
  const at = (k: number, of: 'whole' | 'above') =>
    mean(results.map((entry) => recallAt(k, entry[of]))).toFixed(2);
  paraphrased.push(`| ${[conversation.id, at(1, 'whole'), at(5, 'whole'), at(5, 'above')].join(' | ')} |`);
}

await run();
