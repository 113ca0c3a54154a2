import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Option } from 'commander';
import { command, conversationFiles, needsConversations } from '../../scripts/command.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import type { MeaningReader, QuestionReading, TextReading } from '../../src/ports/meaning-reader.js';
import { noFeatures, noQuestion, type QuestionFeatures } from '../../src/retrieval/features.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import {
  answeredChance,
  type HelpFeatures,
  helpFeatures,
  neverRising,
  type Reading,
  type RelevanceModel,
  relevancesOf,
} from '../../src/retrieval/relevance.js';
import { fitted } from '../../src/retrieval/relevance-fitted.js';
import { mean, randomFrom } from '../locomo/metrics.js';
import foreign from './foreign.json' with { type: 'json' };
import { type Judged, judgedPages, withoutNames } from './judged.js';
import { pairKinds, paraphraseConversation } from './memories.js';

const allReadings = ['words', 'vectors', 'pieces'] as const satisfies readonly Reading[];

const options = command({
  call: 'npm run fit:relevance --',
  about:
    'Fits the relevance of pages (src/retrieval/relevance-fitted.ts) and measures how well it is calibrated. Each conversation is judged by a model that was fitted on the others.',
  time: 'half an hour with both data sets; seconds with what an earlier run kept.',
  needs: needsConversations,
})
  .addOption(conversationFiles())
  .option('--write', 'write the weights into the source; otherwise they are only printed', false)
  .option('--kept <folder>', 'keep the judged questions there, so that another run does not ask them again')
  .option('--only <id...>', 'use only these conversations')
  .addOption(
    new Option('--readings <reading...>', 'fit only these; the weights of the others stay as they are')
      .choices(allReadings)
      .default(allReadings),
  )
  .parse()
  .opts<{ data: string[]; write: boolean; kept?: string; only?: string[]; readings: Reading[] }>();

/** How much recall own questions may lose because of the gate of a reading, and because of all floors together. */
const gateLossMax: Readonly<Record<Reading, number>> = { words: 0.0015, vectors: 0.0015, pieces: 0.0065 };
const recallLossMax: Readonly<Record<Reading, number>> = { words: 0.0075, vectors: 0.0075, pieces: 0.009 };
/** Number of questions of other conversations that each memory is asked. */
const strangersAsked = 60;
const file = new URL('../../src/retrieval/relevance-fitted.ts', import.meta.url);

const readings = allReadings.filter((reading) => options.readings.includes(reading));
/** Features that a reading does not use. Cosines are not comparable between models. An idle question is never answered. */
const without: Readonly<Record<Reading, readonly string[]>> = {
  words: ['idle', 'vector', 'standing', 'late', 'lateNear', 'reach', 'best'],
  vectors: ['idle', 'vector', 'late', 'lateNear', 'reach', 'best'],
  pieces: ['idle', 'standing'],
};

/** Features that add nothing where the pieces of the question are compared. */
const ofWordsOnly: readonly string[] = ['own', 'unknown', 'wordless'];

async function run(): Promise<void> {
  const judged = await judgedAll();
  const models = readings.map((reading): [Reading, RelevanceModel] => {
    const all = judged[reading];
    const left = without[reading];
    const names = [...new Set(all.map(memoryOf))];
    const unseen = names.flatMap((name, i) => {
      const isLeft = (question: Judged) =>
        question.kind === 'foreign' && foldOf(question) === i % foreignFolds;
      const others = all.filter((question) => memoryOf(question) !== name && !isLeft(question));
      const model = { relevanceMin: 0, answeredMin: 0, ...modelOf(others, left) };
      return all
        .filter(
          (question) => memoryOf(question) === name && (question.kind !== 'foreign' || isLeft(question)),
        )
        .map((question): JudgedBy => ({ ...question, ...judgedBy(question, model) }));
    });
    const floors = floorsOf(unseen, reading);
    const { relevanceMin, answeredMin } = floors;
    process.stdout.write(
      `${reading}\n\n${reliability(unseen)}\n\nFloor ${relevanceMin}, answered at least ${answeredMin}\n\n${report(unseen, floors)}\n\n`,
    );
    return [reading, { ...floors, ...modelOf(all, left) }];
  });
  if (options.write) await write(models);
  else process.stdout.write(`${JSON.stringify(models, null, 1)}\n`);
}

async function judgedAll(): Promise<Record<Reading, Judged[]>> {
  const sets = await Promise.all(
    options.data.map(async (path) => parseLocomo(await readFile(path, 'utf8'), path)),
  );
  const talk = sets.flat();
  const pairs = pairKinds.map(paraphraseConversation);
  const conversations = [...pairs, ...talk, ...talk.map(beginningOf)];
  const result: Record<Reading, Judged[]> = { words: [], vectors: [], pieces: [] };
  for (const conversation of conversations.filter(({ id }) => options.only?.includes(id) ?? true)) {
    const judged = await judgedOf(conversation, conversations);
    for (const reading of readings) result[reading].push(...(judged[reading] ?? []));
    process.stderr.write(`${conversation.id}\n`);
  }
  return result;
}

/** Each memory is judged by the foreign queries of one fold; its model was fitted without that fold. */
const foreignFolds = 5;
const foldOf = ({ question }: Judged) => foreign.fitted.indexOf(question) % foreignFolds;

const beginningPages = 20;
const beginning = ', beginning';

/** A small memory, of the first pages only. */
function beginningOf(conversation: LocomoConversation): LocomoConversation {
  const pages = conversation.pages.slice(0, beginningPages);
  const told = new Set(pages.flatMap(({ dia_ids }) => dia_ids));
  const questions = conversation.questions.filter(({ evidence }) => evidence.every((id) => told.has(id)));
  return { ...conversation, id: `${conversation.id}${beginning}`, pages, questions };
}

/** A conversation and its beginning are judged by the same model. */
const memoryOf = ({ conversation }: Pick<Judged, 'conversation'>) => conversation.replace(beginning, '');

const sentenceModel = remembering(new SentenceModel());

/** The same reader, which reads no text and no question twice. */
function remembering(reader: MeaningReader): MeaningReader {
  const known = new Map<string, Promise<TextReading>>();
  const asked = new Map<string, Promise<QuestionReading>>();
  const read = async (text: string): Promise<TextReading> => {
    const [reading] = await reader.readTexts([text]);
    if (reading === undefined) throw new Error('The model gave no reading.');
    return reading;
  };
  return {
    model: reader.model,
    dimensions: reader.dimensions,
    wantsNames: reader.wantsNames,
    readQuestion: (text) => {
      const reading = asked.get(text) ?? reader.readQuestion(text);
      asked.set(text, reading);
      return reading;
    },
    readTexts: (texts) =>
      Promise.all(
        texts.map((text) => {
          const reading = known.get(text) ?? read(text);
          known.set(text, reading);
          return reading;
        }),
      ),
  };
}

/** A model behind an endpoint gives only vectors of whole texts. */
function withoutPieces(reader: MeaningReader): MeaningReader {
  return {
    model: `${reader.model}, vectors only`,
    dimensions: reader.dimensions,
    wantsNames: reader.wantsNames,
    readQuestion: async (text, signal) => ({ ...(await reader.readQuestion(text, signal)), pieces: [] }),
    readTexts: async (texts, signal) =>
      (await reader.readTexts(texts, signal)).map((reading) => ({ ...reading, pieces: null })),
  };
}

async function judgedOf(
  conversation: LocomoConversation,
  conversations: readonly LocomoConversation[],
): Promise<Partial<Record<Reading, Judged[]>>> {
  const kept = options.kept === undefined ? null : path.join(options.kept, `${conversation.id}.json`);
  if (kept !== null && existsSync(kept)) return keptIn(kept, await readFile(kept, 'utf8'));
  const readers = { words: null, vectors: withoutPieces(sentenceModel), pieces: sentenceModel };
  const judged = await judgedPages(
    conversation,
    readings.map((reading) => readers[reading]),
    {
      ...strangersOf(conversation, conversations),
      foreign: foreign.fitted,
      unseen: foreign.judged,
    },
  );
  const named = Object.fromEntries(readings.map((reading, i) => [reading, judged[i] ?? []]));
  if (kept !== null) await writeFile(kept, JSON.stringify(named));
  return named;
}

/** The judged questions in a file. A file of an earlier run may lack a reading, or features that exist now. */
function keptIn(file: string, text: string): Partial<Record<Reading, Judged[]>> {
  const kept: Partial<Record<Reading, Judged[]>> = JSON.parse(text);
  const namesIn = (features: object | undefined) => Object.keys(features ?? {}).sort();
  for (const reading of readings) {
    const judged = kept[reading];
    if (judged === undefined) throw new Error(`${file} has no questions judged by ${reading}. Delete it.`);
    const question = namesIn(judged[0]?.features);
    const page = namesIn(judged.find(({ pages }) => pages.length > 0)?.pages[0]?.features);
    if (!isDeepStrictEqual([question, page], [namesIn(noQuestion), namesIn(noFeatures)])) {
      throw new Error(`The features in ${file} are not those of this build. Delete it.`);
    }
  }
  return kept;
}

/** Questions about other memories. Half of them are asked without the names, by which they are easy to recognise. */
function strangersOf(
  own: LocomoConversation,
  conversations: readonly LocomoConversation[],
): Readonly<Record<'stranger' | 'nameless', string[]>> {
  const random = randomFrom(own.pages.length);
  const others = conversations.filter((other) => other !== own && other.user !== own.user);
  const asked = Array.from({ length: strangersAsked }, () => {
    const other = others[Math.floor(random() * others.length)] ?? own;
    const questions = other.questions.filter(({ category }) => category !== 5);
    return { other, question: questions[Math.floor(random() * questions.length)]?.question ?? '' };
  });
  return {
    stranger: asked.filter((_, i) => i % 2 === 0).map(({ question }) => question),
    nameless: asked.filter((_, i) => i % 2 === 1).map(({ other, question }) => withoutNames(question, other)),
  };
}

interface JudgedBy extends Omit<Judged, 'pages'> {
  /** The chance that the memory has an answer. */
  readonly answered: number;
  readonly pages: readonly { readonly helps: boolean; readonly relevance: number }[];
}

function judgedBy({ features, pages }: Judged, model: RelevanceModel): Pick<JudgedBy, 'answered' | 'pages'> {
  const chances = neverRising(
    relevancesOf(
      features,
      pages.map((page) => page.features),
      model,
    ),
  );
  return {
    answered: answeredChance(features, model),
    pages: pages.map(({ helps }, i) => ({ helps, relevance: chances[i] ?? 0 })),
  };
}

const kindWeights: Readonly<Record<Judged['kind'], number>> = {
  own: 1,
  unnamed: 1,
  // These are about the same subjects, so only the answers distinguish them.
  adversarial: 0.05,
  stranger: 1,
  // "What did I buy?" fits any memory.
  nameless: 0.05,
  foreign: 1,
  unseen: 0,
};
const isOwn = ({ kind }: Pick<Judged, 'kind'>) => kind === 'own' || kind === 'unnamed';

/** Small memories and questions in other words are as common in use as others, but the data has fewer of them. */
const rareTimes = 7;

/** Questions that a memory does not answer count in proportion to the number of questions that it answers. */
function weightIn(judged: readonly Judged[]): (question: Judged) => number {
  const own = new Map<string, number>();
  for (const { conversation } of judged.filter(isOwn)) {
    own.set(conversation, (own.get(conversation) ?? 0) + 1);
  }
  const usual = mean([...own].filter(([name]) => !name.endsWith(beginning)).map(([, count]) => count));
  return (question) => {
    const share = isOwn(question) ? 1 : (own.get(question.conversation) ?? 0) / usual;
    const times = partOf(question) === '' ? 1 : rareTimes;
    return kindWeights[question.kind] * share * times;
  };
}

function modelOf(
  judged: readonly Judged[],
  left: readonly string[],
): Pick<RelevanceModel, 'question' | 'page'> {
  const asked = judged
    .filter(
      (question) =>
        question.pages.length > 0 && (!isOwn(question) || question.pages.some(({ helps }) => helps)),
    )
    .flatMap((question) => [question, ...asKeywords(question)]);
  const weightOf = weightIn(judged);
  const ofPages = asked
    .filter(isOwn)
    .flatMap(({ features, pages }) =>
      pages.map((page) => ({ features: helpFeatures(features, page.features), is: page.helps, weight: 1 })),
    );
  const kept = (names: readonly string[]) => names.filter((name) => !left.includes(name));
  return {
    question: logistic(
      kept(Object.keys(noQuestion)).filter(
        (name) => left.includes('reach') || !ofWordsOnly.includes(name),
      ) as (keyof QuestionFeatures)[],
      asked.map((question) => ({
        features: question.features,
        is: isOwn(question),
        weight: weightOf(question),
      })),
    ),
    page: logistic(
      kept(Object.keys(helpFeatures(noQuestion, noFeatures))) as (keyof HelpFeatures)[],
      ofPages,
    ),
  };
}

/** The same question as keywords, without sentence structure, as models often ask. */
function asKeywords(question: Judged): Judged[] {
  if (question.kind !== 'unnamed' && question.kind !== 'foreign') return [];
  return [
    {
      ...question,
      features: { ...question.features, person: 0, you: 0, others: 0, asks: 0, past: 0, bare: 1 },
    },
  ];
}

interface Sample<Feature extends string> {
  readonly features: Readonly<Record<Feature, number>>;
  readonly is: boolean;
  readonly weight: number;
}

const penalty = 1;

/** Logistic regression with a penalty on large weights, by Newton's method. */
function logistic<Feature extends string>(names: readonly Feature[], samples: readonly Sample<Feature>[]) {
  const rows = samples.map(({ features, is, weight }) => ({
    x: [1, ...names.map((name) => features[name])],
    y: Number(is),
    weight,
  }));
  const size = names.length + 1;
  let beta: number[] = Array.from({ length: size }, () => 0);
  for (let step = 0; step < 30; step++) {
    const gradient: number[] = beta.map((value, i) => (i === 0 ? 0 : -penalty * value));
    const hessian: number[][] = beta.map((_, i) => beta.map((__, j) => (i === j && i > 0 ? penalty : 0)));
    for (const { x, y, weight } of rows) {
      const p = 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * (beta[i] ?? 0), 0)));
      for (let i = 0; i < size; i++) {
        gradient[i] = (gradient[i] ?? 0) + weight * (y - p) * (x[i] ?? 0);
        const line = hessian[i] ?? [];
        for (let j = 0; j < size; j++) {
          line[j] = (line[j] ?? 0) + weight * p * (1 - p) * (x[i] ?? 0) * (x[j] ?? 0);
        }
      }
    }
    const change = solved(hessian, gradient);
    beta = beta.map((value, i) => value + (change[i] ?? 0));
    if (Math.max(...change.map(Math.abs)) < 1e-8) break;
  }
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const entries = names.map((name, i) => [name, rounded(beta[i + 1] ?? 0)]);
  return { bias: rounded(beta[0] ?? 0), weights: Object.fromEntries(entries) as Record<Feature, number> };
}

/** Gaussian elimination with pivots. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((line, i) => [...line, right[i] ?? 0]);
  const size = rows.length;
  for (let at = 0; at < size; at++) {
    let pivot = at;
    for (let i = at; i < size; i++) {
      if (Math.abs(rows[i]?.[at] ?? 0) > Math.abs(rows[pivot]?.[at] ?? 0)) pivot = i;
    }
    [rows[at], rows[pivot]] = [rows[pivot] ?? [], rows[at] ?? []];
    const line = rows[at] ?? [];
    const lead = line[at] ?? 0;
    if (lead === 0) continue;
    for (let i = 0; i < size; i++) {
      const other = rows[i] ?? [];
      const share = i === at ? 0 : (other[at] ?? 0) / lead;
      if (share !== 0) for (let j = at; j <= size; j++) other[j] = (other[j] ?? 0) - share * (line[j] ?? 0);
    }
  }
  return rows.map((line, i) => ((line[i] ?? 0) === 0 ? 0 : (line[size] ?? 0) / (line[i] ?? 1)));
}

const pagesCounted = 10;

type Floors = Pick<RelevanceModel, 'relevanceMin' | 'answeredMin'>;

type Answer = Pick<JudgedBy, 'answered' | 'pages' | 'evidence'>;

function returnedOf({ answered, pages }: Answer, { relevanceMin, answeredMin }: Floors): JudgedBy['pages'] {
  if (answered < answeredMin) return [];
  return pages.slice(0, pagesCounted).filter(({ relevance }) => relevance >= relevanceMin);
}

function recallAbove(questions: readonly Answer[], floors: Floors): number {
  return mean(
    questions.map(
      (question) =>
        returnedOf(question, floors).filter(({ helps }) => helps).length / Math.max(1, question.evidence),
    ),
  );
}

const noFloors: Floors = { relevanceMin: 0, answeredMin: 0 };

/** The highest floors at which own questions lose no more recall than they may. */
function floorsOf(unseen: readonly JudgedBy[], reading: Reading): Floors {
  // Figures of whole conversations. The pairs without a common word are the hardest and are shown separately.
  const own = unseen.filter((question) => isOwn(question) && partOf(question) === '');
  const whole = recallAbove(own, noFloors);
  const highest = (lossMax: number, floorsAt: (value: number) => Floors, from: number, to: number) => {
    let best = noFloors;
    for (let value = from; value < to; value *= 1.05) {
      const floors = floorsAt(Number(value.toPrecision(2)));
      if (whole - recallAbove(own, floors) <= lossMax) best = floors;
    }
    return best;
  };
  const { answeredMin } = highest(
    gateLossMax[reading],
    (value) => ({ ...noFloors, answeredMin: value }),
    0.02,
    0.8,
  );
  return highest(recallLossMax[reading], (value) => ({ relevanceMin: value, answeredMin }), 0.001, 0.5);
}

const isOfPairs = ({ conversation }: Pick<Judged, 'conversation'>) =>
  pairKinds.some((kind) => kind === conversation);

const partOf = (question: Pick<Judged, 'conversation'>) =>
  question.conversation === 'tongues'
    ? ', tongues'
    : isOfPairs(question)
      ? ', pairs'
      : question.conversation.endsWith(beginning)
        ? beginning
        : '';

function reliability(unseen: readonly JudgedBy[]): string {
  const pages = unseen
    .filter((question) => question.kind !== 'adversarial' && !isOfPairs(question))
    .flatMap((question) => question.pages);
  const bounds = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.001];
  const lines = bounds.slice(1).flatMap((to, i) => {
    const from = bounds[i] ?? 0;
    const inside = pages.filter(({ relevance }) => relevance >= from && relevance < to);
    if (inside.length === 0) return [];
    const said = mean(inside.map(({ relevance }) => relevance));
    const true_ = mean(inside.map(({ helps }) => (helps ? 1 : 0)));
    return [
      `| ${from} to ${Math.min(1, to)} | ${inside.length} | ${said.toFixed(3)} | ${true_.toFixed(3)} |`,
    ];
  });
  return ['| relevance | pages | mean relevance | share that helps |', '|---|---|---|---|', ...lines].join(
    '\n',
  );
}

function report(judged: readonly JudgedBy[], floors: Floors): string {
  const unseen = judged.map((question) => ({
    ...question,
    kind: `${question.kind}${partOf(question)}`,
  }));
  const kinds = [...new Set(unseen.map(({ kind }) => kind))];
  const returned = (question: Answer) => returnedOf(question, floors).length;
  const own = unseen.filter(({ kind }) => kind === 'own').map(({ answered }) => answered);
  return [
    '| asked | questions | pages returned | none returned | R@10 whole | R@10 above the floor | area under the curve |',
    '|---|---|---|---|---|---|---|',
    ...kinds.map((kind) => {
      const asked = unseen.filter((question) => question.kind === kind);
      const helps = /^(own|unnamed)/.test(kind);
      return `| ${[
        kind,
        asked.length,
        mean(asked.map(returned)).toFixed(2),
        mean(asked.map((question) => (returned(question) === 0 ? 1 : 0))).toFixed(3),
        helps ? recallAbove(asked, noFloors).toFixed(3) : '',
        helps ? recallAbove(asked, floors).toFixed(3) : '',
        helps
          ? ''
          : areaUnderCurve(
              own,
              asked.map(({ answered }) => answered),
            ).toFixed(3),
      ].join(' | ')} |`;
    }),
  ].join('\n');
}

/** The chance that one of the first is larger than one of the second. */
function areaUnderCurve(first: readonly number[], second: readonly number[]): number {
  return mean(first.map((a) => mean(second.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))));
}

async function write(fittedNow: readonly (readonly [Reading, RelevanceModel])[]): Promise<void> {
  const models = Object.entries({ ...fitted, ...Object.fromEntries(fittedNow) });
  const text = [
    '/** Written by `npm run fit:relevance`. docs/retrieval.md describes the data it is fitted to. */',
    'export const fitted = {',
    ...models.map(([reading, model]) => `  ${reading}: ${JSON.stringify(model)},`),
    '};',
    '',
  ].join('\n');
  await writeFile(file, text);
  process.stdout.write('Written; format it with npm run format.\n');
}

await run();
