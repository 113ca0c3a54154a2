import { type Weights, weights } from '../../src/retrieval/fusion.js';
import type { OpenedMemory } from './memory.js';
import { mean, type QuestionResult, randomFrom, recallAt } from './metrics.js';
import { type Ranker, weighing } from './rankers.js';

export interface Told {
  readonly memory: OpenedMemory;
  readonly ask: (ranker: Ranker) => Promise<readonly QuestionResult[]>;
}

type Factors = Readonly<Partial<Record<keyof Weights, number>>>;

interface Tried {
  readonly factors: Factors;
  /** By conversation. */
  readonly results: readonly (readonly QuestionResult[])[];
}

const settingsTried = 150;
const factorsTried = [0, 0.5, 1, 2] as const;
/** The weight of words stays 1; all others are relative to it. */
const free = (Object.keys(weights) as (keyof Weights)[]).filter((name) => name !== 'words');

/**
 * Tries settings of the weights: ours, each single weight set to 0, halved and doubled, and random settings of all.
 * For each conversation, measures the setting that is best on the others (R@5 and R@10 together). Prints Markdown.
 */
export async function chosenLeavingOneOut(
  told: readonly Told[],
  onProgress: (done: number, all: number) => void,
): Promise<string> {
  const tried: Tried[] = [];
  for (const factors of settings()) {
    const chosen = { ...weights, ...scaled(factors) };
    const results: (readonly QuestionResult[])[] = [];
    for (const { memory, ask } of told) results.push(await weighing(memory, chosen, ask));
    tried.push({ factors, results });
    onProgress(tried.length, settingsTried);
  }
  const [ours] = tried;
  const rows = told.map((_, left) => {
    const others = (entry: Tried) => entry.results.filter((_, at) => at !== left).flat();
    const best = tried.reduce((a, b) => (worth(others(b)) > worth(others(a)) ? b : a));
    return { factors: best.factors, chosen: best.results[left] ?? [], fixed: ours?.results[left] ?? [] };
  });
  const cells = (results: readonly QuestionResult[]) => [recall(10, results), recall(5, results)];
  const line = (
    name: string,
    chosen: readonly QuestionResult[],
    fixed: readonly QuestionResult[],
    note: string,
  ) =>
    `| ${[name, ...[...cells(chosen), ...cells(fixed)].map((value) => value.toFixed(3)), note].join(' | ')} |`;
  return [
    '| left out | R@10 as chosen on the others | R@5 | R@10 with our weights | R@5 | chosen: times our weight |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ factors, chosen, fixed }) =>
      line(chosen[0]?.conversation ?? '', chosen, fixed, described(factors)),
    ),
    line(
      '**all**',
      rows.flatMap(({ chosen }) => chosen),
      rows.flatMap(({ fixed }) => fixed),
      '',
    ),
  ].join('\n');
}

function settings(): Factors[] {
  const all: Factors[] = [{}];
  for (const name of free) for (const factor of factorsTried) if (factor !== 1) all.push({ [name]: factor });
  const random = randomFrom(1);
  while (all.length < settingsTried) {
    all.push(
      Object.fromEntries(
        free.map((name) => [name, factorsTried[Math.floor(random() * factorsTried.length)] ?? 1]),
      ),
    );
  }
  return all;
}

function scaled(factors: Factors): Partial<Weights> {
  return Object.fromEntries(free.map((name) => [name, weights[name] * (factors[name] ?? 1)]));
}

function described(factors: Factors): string {
  const changed = Object.entries(factors).filter(([, factor]) => factor !== 1);
  return changed.length === 0 ? 'as ours' : changed.map(([name, factor]) => `${name} ${factor}`).join(', ');
}

function worth(results: readonly QuestionResult[]): number {
  return recall(10, results) + recall(5, results);
}

function recall(k: number, results: readonly QuestionResult[]): number {
  return mean(results.map(({ ranks }) => recallAt(k, ranks)));
}
