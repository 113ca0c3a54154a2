import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { command, conversationFile, needsConversations, wholeFrom } from '../../scripts/command.js';
import { createOpenAiChat } from '../../src/adapters/openai/chat-model.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import { tokensOfText } from '../../src/lib/text/tokens.js';
import { MemoryError } from '../../src/model/errors.js';
import type { ChatModel } from '../../src/ports/chat-model.js';
import { type Signal, weights } from '../../src/retrieval/fusion.js';
import { type Answered, answerAll, answersTable, readAnswers } from './answering.js';
import { type Calibration, calibrationRanker, calibrations } from './calibration.js';
import { chosenLeavingOneOut } from './leave-one-out.js';
import { type OpenedMemory, remember } from './memory.js';
import type { QuestionResult } from './metrics.js';
import {
  candidateRanker,
  engineExcerpts,
  paperRanker,
  type Ranker,
  rankedExcerpts,
  weighing,
  weightsWithout,
} from './rankers.js';
import { comparison, figuresTable, type ResultFile, rankersTable, summaryLines } from './table.js';

const answeringModel = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';
const pagesMax = 20;
const pagesCounted = 10;

const signals: readonly Signal[] = [
  'session',
  'segment',
  'dates',
  'substance',
  'when',
  'vector',
  'late',
  'lateBeside',
  'words',
];

/** The signals that the sentence model gives. */
const byMeaning: readonly Signal[] = ['vector', 'late', 'lateBeside'];

const candidatesName = /^candidates(?:-(\d+))?$/;
const rankers = ['candidates-N', 'paper', ...Object.keys(calibrations)];

const program = command({
  call: 'npm run bench:retrieval --',
  about:
    'Measures retrieval: which of the pages that hold the evidence of a question are among the first 1, 5, 10 and 20. Pages are ranked without the relevance floor and without the budget of answers.',
  time: 'half a minute for each conversation, twice that with --ablate, hours with --leave-one-out. With --llm, as long as the model takes.',
  needs: needsConversations,
})
  .addOption(conversationFile(false))
  .option('--conversation <n>', 'only this conversation of the file, counted from 0', wholeFrom(0))
  .option('--json <file>', "also write every question's result to a file")
  .option('--compare <file...>', 'compare two such files, and measure nothing')
  .addOption(new Option('--without <signal...>', 'leave signals out').choices(signals).default([]))
  .option(
    '--ranker <name>',
    `use another ranker: ${rankers.join(', ')}. candidates-N ranks N candidates by words and N by vectors, with the pages beside them, as in a database; there N is 100. paper ranks in the two stages of the paper`,
    rankerName,
  )
  .option('--ablate', 'measure every ranker and leave each signal out in turn, in one table')
  .option(
    '--leave-one-out',
    'choose all weights on all conversations but one and measure on that one, for each conversation',
  )
  .option('--embedder <name>', 'a model behind OPENAI_BASE_URL and OPENAI_API_KEY', 'builtin')
  .option(
    '--llm',
    'let the model OPENAI_MODEL analyse the pages and answer the questions, and score its answers as the LoCoMo paper does; needs OPENAI_API_KEY or OPENAI_BASE_URL',
  )
  .option(
    '--answers <file>',
    'keep the answers of --llm there, and the memories in <file>.memories, so that a run can be resumed',
    'locomo-answers.jsonl',
  )
  .parse();
const options = program.opts<{
  data?: string;
  conversation?: number;
  json?: string;
  compare?: string[];
  without: Signal[];
  ranker?: string;
  ablate?: true;
  leaveOneOut?: true;
  embedder: string;
  llm?: true;
  answers: string;
}>();

try {
  await run();
} catch (error) {
  if (!(error instanceof MemoryError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  if (options.compare !== undefined) await compare(options.compare);
  else if (options.ablate === true) await ablate();
  else if (options.leaveOneOut === true) await leaveOneOut();
  else await measure();
}

async function compare(files: readonly string[]): Promise<void> {
  const [a, b, ...more] = await Promise.all(
    files.map(async (file): Promise<ResultFile> => JSON.parse(await readFile(file, 'utf8'))),
  );
  if (a === undefined || b === undefined || more.length > 0)
    return program.error('error: --compare takes two files that --json wrote.');
  process.stdout.write(`${comparison(a, b)}\n`);
}

async function conversations(): Promise<LocomoConversation[]> {
  const { data, conversation } = options;
  if (data === undefined) return program.error('error: --data <file> is missing.');
  const all = parseLocomo(await readFile(data, 'utf8'), data);
  if (conversation === undefined) return all;
  const chosen = all[conversation];
  if (chosen === undefined) return program.error(`error: ${data} has no conversation ${conversation}.`);
  return [chosen];
}

function rankerName(name: string): string {
  if (name === 'paper' || candidatesName.test(name) || name in calibrations) return name;
  throw new InvalidArgumentError(`It must be one of ${rankers.join(', ')}.`);
}

async function rankerNamed(name: string, memory: OpenedMemory): Promise<Ranker> {
  if (name === 'paper') return paperRanker(memory);
  const candidates = candidatesName.exec(name);
  if (candidates !== null) return candidateRanker(memory, Number(candidates[1] ?? 100));
  if (name in calibrations) return calibrationRanker(memory, name as Calibration);
  throw new Error(`There is no ranker ${name}.`);
}

/** One memory a conversation, asked by every ranker and with every signal left out. */
async function ablate(): Promise<void> {
  const results = new Map<string, QuestionResult[]>();
  for (const conversation of await conversations()) {
    const memory = await remember(conversation, { embedder: options.embedder, weights });
    const rankers: [string, Ranker][] = [];
    for (const name of [...Object.keys(calibrations), 'paper']) {
      rankers.push([name, await rankerNamed(name, memory)]);
    }
    const measured = (name: string, found: readonly QuestionResult[]) =>
      results.set(name, [...(results.get(name) ?? []), ...found]);
    for (const [name, ranker] of rankers) measured(name, await askAll(conversation, memory, ranker));
    const ask = (ranker: Ranker) => askAll(conversation, memory, ranker);
    measured('ours', await weighing(memory, weights, ask));
    measured('ours by words only', await weighing(memory, weightsWithout(byMeaning), ask));
    for (const signal of signals) {
      measured(`ours without ${signal}`, await weighing(memory, weightsWithout([signal]), ask));
    }
    await memory.close();
    process.stderr.write(`${conversation.id}: ${conversation.pages.length} pages\n`);
  }
  process.stdout.write(`${rankersTable(results)}\n\n${figuresTable(results.get('ours') ?? [])}\n\n`);
  const ours: ResultFile = { settings: {}, excluded: 0, questions: results.get('ours') ?? [] };
  process.stdout.write(`${summaryLines(ours).join('\n')}\n`);
}

async function leaveOneOut(): Promise<void> {
  const told = [];
  for (const conversation of await conversations()) {
    const memory = await remember(conversation, { embedder: options.embedder, weights });
    told.push({ memory, ask: (ranker: Ranker) => askAll(conversation, memory, ranker) });
  }
  const onProgress = (done: number, all: number) =>
    process.stderr.write(`\r${done}/${all} settings${done === all ? '\n' : ''}`);
  process.stdout.write(`${await chosenLeavingOneOut(told, onProgress)}\n`);
  for (const { memory } of told) await memory.close();
}

async function measure(): Promise<void> {
  const chosen = await conversations();
  const without = new Set(options.without);
  const questions: QuestionResult[] = [];
  let excluded = 0;
  for (const conversation of chosen) {
    const memory = await remember(conversation, {
      embedder: options.embedder,
      weights: weightsWithout(without),
      ...(options.llm === true ? { chatModel: chatModel(), folder: folderOf(conversation) } : {}),
    });
    try {
      const asked = conversation.questions.filter(({ category }) => category !== 5);
      excluded += asked.filter(({ evidence }) => evidence.length === 0).length;
      const ask = (ranker: Ranker) => askAll(conversation, memory, ranker);
      const other = options.ranker === undefined ? null : await rankerNamed(options.ranker, memory);
      questions.push(
        ...(other === null ? await weighing(memory, weightsWithout(without), ask) : await ask(other)),
      );
      process.stderr.write(`${conversation.id}: ${conversation.pages.length} pages\n`);
      if (options.llm === true) await answer(conversation, memory, other);
    } finally {
      await memory.close();
    }
  }
  const settings = { ranker: options.ranker ?? 'engine', embedder: options.embedder, without: [...without] };
  const file: ResultFile = { settings, excluded, questions };
  process.stdout.write(`${JSON.stringify(settings)}\n\n${figuresTable(questions)}\n\n`);
  process.stdout.write(`${summaryLines(file).join('\n')}\n`);
  if (options.llm === true) process.stdout.write(`\n${answersTable(await ownAnswers(chosen))}\n`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(file)}\n`);
}

/** The file may hold those of other models and conversations too. */
async function ownAnswers(chosen: readonly LocomoConversation[]): Promise<Answered[]> {
  const starts = chosen.map(({ id }) => `${answeringModel} ${id} `);
  return (await readAnswers(options.answers)).filter(({ key }) =>
    starts.some((start) => key.startsWith(start)),
  );
}

/** Each conversation and model has a memory of its own. */
function folderOf({ id }: LocomoConversation): string {
  return path.join(`${options.answers}.memories`, encodeURIComponent(answeringModel), id);
}

function chatModel(): ChatModel {
  return createOpenAiChat({
    model: answeringModel,
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY ?? '',
  });
}

/** Answers from everything the engine returns; with another ranker, from the pages only. */
async function answer(
  conversation: LocomoConversation,
  memory: OpenedMemory,
  ranker: Ranker | null,
): Promise<void> {
  const onProgress = (done: number, all: number) => {
    const bar = '#'.repeat(Math.round((done / all) * 30)).padEnd(30, '.');
    process.stderr.write(`\r${conversation.id} [${bar}] ${done}/${all}${done === all ? '\n' : ''}`);
  };
  const excerpts =
    ranker === null ? engineExcerpts(memory, pagesCounted) : rankedExcerpts(ranker, pagesCounted);
  const failed = await answerAll(conversation, excerpts, {
    chatModel: chatModel(),
    file: options.answers,
    onProgress,
  });
  if (failed > 0)
    process.stderr.write(`${failed} questions have no answer; the same command asks them again.\n`);
}

async function askAll(
  conversation: LocomoConversation,
  memory: OpenedMemory,
  ranker: Ranker,
): Promise<QuestionResult[]> {
  const pageOfTurn = new Map(
    conversation.pages.flatMap((page, at) => page.dia_ids.map((id): [string, number] => [id, at])),
  );
  const results: QuestionResult[] = [];
  for (const { question, category, evidence } of conversation.questions) {
    if (category === 5 || evidence.length === 0) continue;
    const before = performance.now();
    const found = await ranker(question, pagesMax);
    const latencyMs = performance.now() - before;
    const rankOf = new Map(found.map(({ page_id }, rank) => [memory.pageAt.get(page_id as never), rank]));
    const pages = new Set(evidence.map((id) => pageOfTurn.get(id)));
    const tokens = found.slice(0, pagesCounted).reduce((sum, { text }) => sum + tokensOfText(text), 0);
    const ranks = [...pages].map((page) => rankOf.get(page) ?? null);
    results.push({ conversation: conversation.id, question, category, ranks, tokens, latencyMs });
  }
  return results;
}
