import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
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

const help = `Measures retrieval on LoCoMo or REALTALK: which of the pages that hold the evidence are found. Pages are ranked
without the floor and the budget of answers.

  npm run bench:retrieval -- --data locomo|realtalk [options]

  --data NAME|FILE     ../shared/data/NAME/dev.json, or a file of the same form

  --conversation N     only this one, from 0
  --json FILE          also write every question's result
  --compare A B        compare two such files, and measure nothing
  --without a,b        leave signals out: words, session, segment, dates, substance, when, vector, late,
                       lateBeside
  --ranker NAME        another ranker than ours: candidates-N (ours over N candidates by words, N by the vector
                       and those beside them, as where a database holds the memory; 100 as it is), paper (its
                       two stages), bm25-plain, bm25-stems,
                       bm25-neighbour-scores, bm25-neighbour-words
  --ablate             all of these and each signal left out, in one table
  --leave-one-out      choose all weights on all conversations but one and measure on that one, for each
  --embedder NAME      a model behind OPENAI_BASE_URL and OPENAI_API_KEY instead of the built-in one
  --llm                the model OPENAI_MODEL analyses the pages, answers the questions, and is scored as the LoCoMo
                       paper does (needs OPENAI_API_KEY or OPENAI_BASE_URL)
  --answers FILE       where answers are kept, and the memories in FILE.memories, so that a run can be resumed
                       (default locomo-answers.jsonl)
`;

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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    conversation: { type: 'string' },
    json: { type: 'string' },
    compare: { type: 'boolean' },
    without: { type: 'string' },
    ranker: { type: 'string' },
    embedder: { type: 'string', default: 'builtin' },
    ablate: { type: 'boolean' },
    'leave-one-out': { type: 'boolean' },
    llm: { type: 'boolean' },
    answers: { type: 'string', default: 'locomo-answers.jsonl' },
    help: { type: 'boolean' },
  },
});

try {
  await run();
} catch (error) {
  if (!(error instanceof MemoryError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  if (values.help === true) process.stdout.write(help);
  else if (values.compare === true) await compare();
  else if (values.ablate === true) await ablate();
  else if (values['leave-one-out'] === true) await leaveOneOut();
  else await measure();
}

async function compare(): Promise<void> {
  const [a, b] = await Promise.all(
    positionals
      .slice(0, 2)
      .map(async (file): Promise<ResultFile> => JSON.parse(await readFile(file, 'utf8'))),
  );
  if (a === undefined || b === undefined) throw new Error('--compare needs two result files.');
  process.stdout.write(`${comparison(a, b)}\n`);
}

async function conversations(): Promise<LocomoConversation[]> {
  if (values.data === undefined) throw new Error(`--data is missing.\n\n${help}`);
  // A bare name is a folder of the shared data.
  const file = /^\w+$/.test(values.data)
    ? path.join('..', 'shared', 'data', values.data, 'dev.json')
    : values.data;
  const all = parseLocomo(await readFile(file, 'utf8'), file);
  return values.conversation === undefined ? all : all.slice(Number(values.conversation)).slice(0, 1);
}

async function rankerNamed(name: string, memory: OpenedMemory): Promise<Ranker> {
  if (name === 'paper') return paperRanker(memory);
  const candidates = /^candidates(?:-(\d+))?$/.exec(name);
  if (candidates !== null) return candidateRanker(memory, Number(candidates[1] ?? 100));
  if (name in calibrations) return calibrationRanker(memory, name as Calibration);
  throw new Error(`No such ranker: ${name}.\n\n${help}`);
}

/** One memory a conversation, asked by every ranker and with every signal left out. */
async function ablate(): Promise<void> {
  const results = new Map<string, QuestionResult[]>();
  for (const conversation of await conversations()) {
    const memory = await remember(conversation, { embedder: values.embedder, weights });
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
    const memory = await remember(conversation, { embedder: values.embedder, weights });
    told.push({ memory, ask: (ranker: Ranker) => askAll(conversation, memory, ranker) });
  }
  const onProgress = (done: number, all: number) =>
    process.stderr.write(`\r${done}/${all} settings${done === all ? '\n' : ''}`);
  process.stdout.write(`${await chosenLeavingOneOut(told, onProgress)}\n`);
  for (const { memory } of told) await memory.close();
}

async function measure(): Promise<void> {
  const chosen = await conversations();
  const without = signalsNamed(values.without ?? '');
  const questions: QuestionResult[] = [];
  let excluded = 0;
  for (const conversation of chosen) {
    const memory = await remember(conversation, {
      embedder: values.embedder,
      weights: weightsWithout(without),
      ...(values.llm === true ? { chatModel: chatModel(), folder: folderOf(conversation) } : {}),
    });
    try {
      const asked = conversation.questions.filter(({ category }) => category !== 5);
      excluded += asked.filter(({ evidence }) => evidence.length === 0).length;
      const ask = (ranker: Ranker) => askAll(conversation, memory, ranker);
      const other = values.ranker === undefined ? null : await rankerNamed(values.ranker, memory);
      questions.push(
        ...(other === null ? await weighing(memory, weightsWithout(without), ask) : await ask(other)),
      );
      process.stderr.write(`${conversation.id}: ${conversation.pages.length} pages\n`);
      if (values.llm === true) await answer(conversation, memory, other);
    } finally {
      await memory.close();
    }
  }
  const settings = { ranker: values.ranker ?? 'engine', embedder: values.embedder, without: [...without] };
  const file: ResultFile = { settings, excluded, questions };
  process.stdout.write(`${JSON.stringify(settings)}\n\n${figuresTable(questions)}\n\n`);
  process.stdout.write(`${summaryLines(file).join('\n')}\n`);
  if (values.llm === true) process.stdout.write(`\n${answersTable(await ownAnswers(chosen))}\n`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(file)}\n`);
}

/** The file may hold those of other models and conversations too. */
async function ownAnswers(chosen: readonly LocomoConversation[]): Promise<Answered[]> {
  const starts = chosen.map(({ id }) => `${answeringModel} ${id} `);
  return (await readAnswers(values.answers)).filter(({ key }) =>
    starts.some((start) => key.startsWith(start)),
  );
}

/** One memory a conversation and model, so that none is read as another's. */
function folderOf({ id }: LocomoConversation): string {
  return path.join(`${values.answers}.memories`, encodeURIComponent(answeringModel), id);
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
    file: values.answers,
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

function signalsNamed(list: string): Set<Signal> {
  const known = new Set<string>(signals);
  const named = list.split(',').filter((name) => name !== '');
  const unknown = named.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`No such signal: ${unknown.join(', ')}.`);
  return new Set(named as Signal[]);
}
