/** The ranks of a question's evidence among the pages returned for it. */
export interface QuestionResult {
  readonly conversation: string;
  readonly question: string;
  readonly category: number;
  /** Rank of each evidence page, from 0; null when it was not returned. */
  readonly ranks: readonly (number | null)[];
  readonly tokens: number;
  readonly latencyMs: number;
}

/** The figures of one set of questions. */
export interface Figures {
  readonly questions: number;
  readonly recall: Readonly<Record<1 | 5 | 10 | 20, number>>;
  readonly anyHit10: number;
  readonly mrr: number;
}

/** The fraction of the evidence pages among the first k. */
export function recallAt(k: number, ranks: readonly (number | null)[]): number {
  return ranks.filter((rank) => rank !== null && rank < k).length / ranks.length;
}

/** 1 divided by the place of the first evidence page; 0 when none was returned. */
export function reciprocalRank(ranks: readonly (number | null)[]): number {
  const best = Math.min(...ranks.map((rank) => rank ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(best) ? 1 / (best + 1) : 0;
}

export function figuresOf(results: readonly QuestionResult[]): Figures {
  const recall = (k: number) => mean(results.map(({ ranks }) => recallAt(k, ranks)));
  return {
    questions: results.length,
    recall: { 1: recall(1), 5: recall(5), 10: recall(10), 20: recall(20) },
    anyHit10: mean(results.map(({ ranks }) => (recallAt(10, ranks) > 0 ? 1 : 0))),
    mrr: mean(results.map(({ ranks }) => reciprocalRank(ranks))),
  };
}

/** A 95 % interval of a mean by the bootstrap: percentiles of the means of samples drawn with replacement. */
export function bootstrap(values: readonly number[], samples = 2000, seed = 1): [number, number] {
  if (values.length === 0) return [0, 0];
  const random = randomFrom(seed);
  const means = Array.from({ length: samples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] ?? 0;
    return sum / values.length;
  }).sort((a, b) => a - b);
  return [means[Math.floor(samples * 0.025)] ?? 0, means[Math.ceil(samples * 0.975) - 1] ?? 0];
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Mulberry32: the same numbers on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
