import { repeatsItself } from '../../lib/text/repetition.js';
import { MemoryError } from '../../model/errors.js';
import type { Page } from '../../model/page.js';
import { traitKey } from '../../model/profile.js';
import type {
  Analyser,
  BatchAnalysis,
  BatchInput,
  FactChecker,
  SegmentAnalysis,
  SegmentInput,
} from '../../ports/analyser.js';
import type { ChatMessage, ChatModel, ChatRequest } from '../../ports/chat-model.js';
import {
  type BatchAnswer,
  batchAnswerSchema,
  batchPrompt,
  readBatchAnswer,
} from '../../prompts/analyse-batch.js';
import {
  readSegmentAnswer,
  type SegmentAnswer,
  segmentAnswerSchema,
  segmentPrompt,
} from '../../prompts/analyse-segment.js';
import { sideCharactersMax } from '../../prompts/conversation.js';
import type { Prompt, Reading } from '../../prompts/prompt.js';
import { repairTurn } from '../../prompts/repair.js';
import { checkBatch } from '../checks/check-batch.js';
import { checkSegment } from '../checks/check-segment.js';
import { saidIn } from '../checks/evidence.js';
import { likelyJoined, relatedTo } from './what-to-show.js';

/** About 12,000 tokens of English, which even small models accept. A longer job is divided. */
const promptCharactersMax = 48_000;
const pagesPerRequestMax = 32;
/** Lengths to which the sides of a page are cut, step by step, when the page is too long for the model. */
const shorterSides = [1_000, 250];

/** What this process has learned about a model. */
interface Habits {
  strangeForms: number;
  /** Number of unusable answers in a row. */
  unusableInARow: number;
}

/**
 * After this many answers in another form, prompts include the form, because the endpoint ignores the schema.
 */
const strangeFormsMax = 2;

/** One job. Its parts share the repair request and the counts. */
interface Job {
  readonly habits: Habits;
  readonly builtin: Analyser & FactChecker;
  repairsLeft: number;
  readonly rejected: Record<string, number>;
  readonly reject: (reason: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * An analyser that asks a language model: one request for a batch, one for a segment. Each answer is checked
 * against its pages. An unusable answer is sent back once; then the analysis fails with MODEL_CONTENT (or the
 * error of the model). A job is halved when it, or its answer, is too long for the model.
 */
export function createAnalysisByModel(model: ChatModel, builtin: Analyser & FactChecker): Analyser {
  const habits: Habits = { strangeForms: 0, unusableInARow: 0 };
  return {
    get name() {
      return model.model;
    },

    async analyseBatch(input, signal) {
      const job = newJob(habits, builtin, signal);
      const analysis = await analyseBatch(model, input, sideCharactersMax, job);
      return { ...analysis, rejected: job.rejected, analysed_by: model.model };
    },

    async analyseSegment(input, signal) {
      const job = newJob(habits, builtin, signal);
      const analysis = await analyseSegment(model, input, sideCharactersMax, job);
      const united = unite(analysis, await builtin.analyseSegment(input, signal));
      return { ...united, rejected: job.rejected, analysed_by: model.model };
    },
  };
}

/** Combines the model's results with those of the rules. A model that notes nothing removes nothing. */
function unite(byModel: SegmentParts, byRules: SegmentParts): SegmentParts {
  const dimensions = new Set(byModel.traits.map(traitKey));
  const traits = byRules.traits.filter((trait) => !dimensions.has(traitKey(trait)));
  const offset = byModel.facts.length;
  const moved = byRules.facts.map((fact) => ({
    ...fact,
    ends: fact.ends.map((end) => (typeof end === 'number' ? end + offset : end)),
  }));
  return { traits: [...byModel.traits, ...traits], facts: [...byModel.facts, ...moved] };
}

type BatchParts = Pick<BatchAnalysis, 'pages' | 'topics'>;
type SegmentParts = Pick<SegmentAnalysis, 'traits' | 'facts'>;

async function analyseBatch(
  model: ChatModel,
  input: BatchInput,
  charactersMax: number,
  job: Job,
): Promise<BatchParts> {
  const { pages, previous } = input;
  const candidate = likelyJoined(input);
  const prompt = batchPrompt({ pages, previous, candidate, charactersMax });
  const task = {
    schema: batchAnswerSchema({ candidate, pages }),
    read: readBatchAnswer,
    check: (answer: BatchAnswer) => checkBatch(answer, input, candidate, job.reject),
    mend: async (answer: BatchAnswer) =>
      checkBatch(answer, input, candidate, job.reject, await job.builtin.analyseBatch(input, job.signal)),
  };
  const whole = () => ask(model, prompt, task, pages.length, job);
  const halves = async (first: Pages, second: Pages): Promise<BatchParts> => {
    const early = await analyseBatch(model, { ...input, pages: first }, charactersMax, job);
    const last = first[first.length - 1];
    const summary = early.pages.at(-1)?.meta_info ?? '';
    const before = last === undefined ? previous : { ...last, meta_info: summary };
    const late = await analyseBatch(model, { ...input, pages: second, previous: before }, charactersMax, job);
    return { pages: [...early.pages, ...late.pages], topics: [...early.topics, ...late.topics] };
  };
  const shorter = (shown: number) => analyseBatch(model, { ...input, candidates: [] }, shown, job);
  return inFittingParts(prompt, pages, charactersMax, { whole, halves, shorter });
}

async function analyseSegment(
  model: ChatModel,
  input: SegmentInput,
  charactersMax: number,
  job: Job,
): Promise<SegmentParts> {
  const [first, ...rest] = input.pages;
  if (first === undefined) return { traits: [], facts: [] };
  const facts = relatedTo(input);
  const prompt = segmentPrompt({ pages: input.pages, profile: input.profile, facts, charactersMax });
  const task = {
    schema: segmentAnswerSchema({ facts, pages: input.pages }),
    read: readSegmentAnswer,
    check: (answer: SegmentAnswer) => checkSegment(answer, input, facts, job.reject),
  };
  const whole = async () => held(await ask(model, prompt, task, input.pages.length, job), input, job);
  const halves = async (early: Pages, late: Pages): Promise<SegmentParts> => {
    const one = await analyseSegment(model, { ...input, pages: early }, charactersMax, job);
    const two = await analyseSegment(model, { ...input, pages: late }, charactersMax, job);
    const later = new Set(two.traits.map((trait) => trait.dimension));
    const traits = [...one.traits.filter((trait) => !later.has(trait.dimension)), ...two.traits];
    return { traits, facts: [...one.facts, ...two.facts] };
  };
  const shorter = (shown: number) =>
    analyseSegment(model, { ...input, relatedFacts: facts.slice(0, 3) }, shown, job);
  return inFittingParts(prompt, [first, ...rest], charactersMax, { whole, halves, shorter });
}

/** Removes facts that their quotes do not support. */
async function held(parts: SegmentParts, input: SegmentInput, job: Job): Promise<SegmentParts> {
  const pageOf = new Map(input.pages.map((page) => [page.id, page]));
  const offered = parts.facts.flatMap(({ assistant_id, knowledge, quote, page_id }) => {
    const page = pageOf.get(page_id);
    const about = assistant_id === null ? ('user' as const) : ('assistant' as const);
    return page === undefined ? [] : [{ about, fact: knowledge, quote: quote ?? '', page }];
  });
  const checked = await job.builtin.checkFacts(offered, job.signal);
  const facts = parts.facts.filter((_fact, i) => {
    const fault = checked[i]?.fault ?? null;
    if (fault !== null) job.reject(fault.replaceAll(' ', '_'));
    return fault === null;
  });
  return { ...parts, facts };
}

type Pages = readonly [Page, ...Page[]];

/** Asks for everything at once if it fits, otherwise for halves, finally for a single shortened page. */
async function inFittingParts<T>(
  prompt: Prompt,
  pages: Pages,
  charactersMax: number,
  ways: {
    readonly whole: () => Promise<T>;
    readonly halves: (first: Pages, second: Pages) => Promise<T>;
    readonly shorter: (charactersMax: number) => Promise<T>;
  },
): Promise<T> {
  const characters = prompt.system.length + prompt.user.length;
  if (pages.length === 1 || (characters <= promptCharactersMax && pages.length <= pagesPerRequestMax)) {
    try {
      return await ways.whole();
    } catch (error) {
      if (!(error instanceof MemoryError) || error.code !== 'MODEL_CONTEXT') throw error;
      const longest = Math.max(...pages.flatMap(saidIn).map((side) => side.length));
      const shorter = shorterSides.find((shown) => shown < Math.min(charactersMax, longest));
      if (pages.length === 1 && shorter !== undefined) return ways.shorter(shorter);
      if (pages.length === 1) throw error;
    }
  }
  const middle = Math.ceil(pages.length / 2);
  const [first, ...firstRest] = pages;
  const [second, ...secondRest] = pages.slice(middle);
  if (second === undefined) return ways.whole();
  return ways.halves([first, ...firstRest.slice(0, middle - 1)], [second, ...secondRest]);
}

/** More than any valid answer has; stops a model that does not end. */
const outputTokensFixed = 1_000;
const outputTokensPerPage = 250;
const temperatureStep = 0.4;
const temperatureMax = 0.8;
const loopReading = { ok: false, problem: 'it repeats itself' } as const;

/** An answer that repeats itself is not too long, so asking for less does not help. */
async function completed(
  model: ChatModel,
  request: ChatRequest,
): Promise<{ readonly text: string; readonly loops: boolean }> {
  const { text } = await model.complete(request);
  return { text, loops: repeatsItself(text) };
}

/** Asks, and once per job asks for a correction of an unusable answer. */
async function ask<A, T>(
  model: ChatModel,
  prompt: Prompt,
  task: {
    readonly schema: NonNullable<ChatRequest['schema']>;
    readonly read: (text: string) => Reading<A>;
    readonly check: (answer: A) => Reading<T>;
    /** Keeps the usable part of an answer, after asking for a correction. */
    readonly mend?: (answer: A) => Promise<Reading<T>>;
  },
  pages: number,
  job: Job,
): Promise<T> {
  const { schema, read, check } = task;
  const form = `The answer's form as JSON Schema: ${JSON.stringify(schema.jsonSchema)}`;
  const shown = job.habits.strangeForms >= strangeFormsMax ? `${prompt.system}\n${form}` : prompt.system;
  const messages: ChatMessage[] = [
    { role: 'system', content: shown },
    { role: 'user', content: prompt.user },
  ];
  const outputTokensMax = outputTokensFixed + outputTokensPerPage * pages;
  const signal = job.signal === undefined ? {} : { signal: job.signal };
  for (;;) {
    // At temperature 0, the same question gives the same answer.
    const temperature = Math.min(temperatureMax, job.habits.unusableInARow * temperatureStep);
    const answer = await completed(model, { schema, temperature, outputTokensMax, ...signal, messages });
    const answered = answer.loops ? loopReading : read(answer.text);
    const reading = answered.ok ? check(answered.value) : answered;
    if (reading.ok) {
      job.habits.unusableInARow = 0;
      return reading.value;
    }
    job.habits.unusableInARow += 1;
    if (job.repairsLeft === 0 && answered.ok && task.mend !== undefined) {
      const mended = await task.mend(answered.value);
      if (mended.ok) return mended.value;
    }
    job.reject('answer');
    if (!answered.ok && !answer.loops) job.habits.strangeForms += 1;
    if (job.repairsLeft === 0)
      throw new MemoryError(
        'MODEL_CONTENT',
        `${model.model} gave an answer that cannot be used, also when asked again: ${reading.problem}. It is tried again later.`,
      );
    job.repairsLeft -= 1;
    const turn = repairTurn(answer.text, reading.problem);
    const correct = answered.ok ? turn.user : `${turn.user} ${form}`;
    messages.push({ role: 'assistant', content: turn.assistant }, { role: 'user', content: correct });
  }
}

function newJob(habits: Habits, builtin: Analyser & FactChecker, signal: AbortSignal | undefined): Job {
  const rejected: Record<string, number> = {};
  return {
    habits,
    builtin,
    repairsLeft: 1,
    rejected,
    reject: (reason) => {
      rejected[reason] = (rejected[reason] ?? 0) + 1;
    },
    signal,
  };
}
