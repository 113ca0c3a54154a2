import { sumOf } from '../src/analysis/builtin/scorer/scorer.js';
import { logistic } from '../src/lib/math/logistic.js';
import { dot } from '../src/lib/math/vectors.js';
import { seeded } from './seeded.js';

/** An example: its features, each once, whether it is one of those sought, and how much it counts. */
export interface Example {
  readonly features: readonly string[];
  readonly isSought: boolean;
  readonly weight: number;
  /** Numbers that count beside the features, as many for each example. */
  readonly vector?: Float32Array;
}

export interface Trained {
  readonly weights: ReadonlyMap<string, number>;
  /** The weight of each number of the vectors. */
  readonly direction: Float32Array;
}

interface Options {
  readonly rate: number;
  readonly rounds: number;
  /** The L2 penalty of each weight (its square, times half of this), as in liblinear with C = 1 / penalty. */
  readonly penalty: number;
  /** A feature of fewer examples has no weight. */
  readonly seenMin: number;
}

/**
 * A logistic regression by stochastic gradient descent. The examples are shuffled in a fixed order, so that training is
 * the same every time.
 */
export function train(examples: readonly Example[], { rate, rounds, penalty, seenMin }: Options): Trained {
  const seen = new Map<string, number>();
  for (const { features } of examples) for (const f of features) seen.set(f, (seen.get(f) ?? 0) + 1);
  const names = [...seen].filter(([, times]) => times >= seenMin).map(([name]) => name);
  const decays = Float64Array.from(names, (name) => penalty / (seen.get(name) ?? 1));
  const places = new Map(names.map((name, i) => [name, i]));
  const order = examples.map(({ features, ...rest }) => ({
    ...rest,
    at: features.flatMap((f) => places.get(f) ?? []),
  }));
  const weights = new Float64Array(names.length);
  const direction = new Float32Array(examples[0]?.vector?.length ?? 0);
  const decay = penalty / examples.length;
  const next = seeded(12345);
  for (let round = 0; round < rounds; round++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = next() % (i + 1);
      const [a, b] = [order[i], order[j]];
      if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a];
    }
    const step = rate / (1 + round / 10);
    for (const { at, isSought, weight, vector } of order) {
      let sum = vector === undefined ? 0 : dot(direction, vector);
      for (const i of at) sum += weights[i] ?? 0;
      const error = ((isSought ? 1 : 0) - logistic(sum)) * weight;
      for (const i of at) {
        const w = weights[i] ?? 0;
        weights[i] = w + step * (error - (decays[i] ?? 0) * w);
      }
      if (vector === undefined) continue;
      for (let i = 0; i < direction.length; i++) {
        const w = direction[i] ?? 0;
        direction[i] = w + step * (error * (vector[i] ?? 0) - decay * w);
      }
    }
  }
  return { weights: new Map(names.map((name, i) => [name, weights[i] ?? 0])), direction };
}

/** The probability that an example is one of those sought. */
export function scoreOf(trained: Trained, example: Pick<Example, 'features' | 'vector'>): number {
  return logistic(logOddsIn(trained, example));
}

/** The log-odds that an example is one of those sought. */
export function logOddsIn(
  { weights, direction }: Trained,
  { features, vector }: Pick<Example, 'features' | 'vector'>,
): number {
  return sumOf(features, weights) + (vector === undefined ? 0 : dot(direction, vector));
}

/** The lines "feature=weight" that the scorers read; weights in hundredths, without those that change little. */
export function linesOf(weights: ReadonlyMap<string, number>, least = 4): string[] {
  return [...weights]
    .map(([feature, weight]) => [feature.replace(/[`\\$]/g, ''), Math.round(weight * 100)] as const)
    .filter(([, weight]) => Math.abs(weight) >= least)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, weight]) => `${feature}=${weight}`);
}
