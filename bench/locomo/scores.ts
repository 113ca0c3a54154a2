import { porterStem } from './porter-stemmer.js';

/**
 * The scores of the LoCoMo paper (Maharana et al., ACL 2024), as its evaluation code defines them: commas go,
 * answers are lower-cased, other punctuation and the words a, an, the, and are removed, words are stemmed.
 */
export function normalised(answer: string): string[] {
  return answer
    .replaceAll(',', '')
    .toLowerCase()
    .replace(/[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g, '')
    .replace(/(?<![\p{L}\p{M}\p{N}])(?:a|an|the|and)(?![\p{L}\p{M}\p{N}])/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}

function stemmed(answer: string): string[] {
  return normalised(answer).map(porterStem);
}

/** Harmonic mean of precision and recall over stemmed words with their counts. */
export function f1(prediction: string, truth: string): number {
  const said = stemmed(prediction);
  const wanted = stemmed(truth);
  const left = countsOf(wanted);
  let common = 0;
  for (const word of said) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common += 1;
  }
  if (common === 0) return 0;
  const precision = common / said.length;
  const recall = common / wanted.length;
  return (2 * precision * recall) / (precision + recall);
}

/** Multi-hop answers are lists: for each part of the truth the best part of the prediction, averaged. */
export function multiAnswerF1(prediction: string, truth: string): number {
  const said = prediction.split(',').map((part) => part.trim());
  const wanted = truth.split(',').map((part) => part.trim());
  const best = wanted.map((part) => Math.max(...said.map((candidate) => f1(candidate, part))));
  return best.reduce((sum, value) => sum + value, 0) / best.length;
}

/** BLEU-1: clipped unigram precision times the brevity penalty (Papineni et al., ACL 2002). */
export function bleu1(prediction: string, truth: string): number {
  const said = normalised(prediction);
  const wanted = normalised(truth);
  if (said.length === 0 || wanted.length === 0) return 0;
  const limits = countsOf(wanted);
  let clipped = 0;
  for (const [word, count] of countsOf(said)) clipped += Math.min(count, limits.get(word) ?? 0);
  const penalty = said.length >= wanted.length ? 1 : Math.exp(1 - wanted.length / said.length);
  return penalty * (clipped / said.length);
}

/**
 * An answer's F1 by category: 1 is a list; of a 3 only the part before a semicolon counts; a 5 is right
 * when the answer says that it was not mentioned.
 */
export function scoreOf(category: number, prediction: string, truth: string): { f1: number; bleu1: number } {
  if (category === 5) {
    const refused = /no information available|not mentioned/i.test(prediction) ? 1 : 0;
    return { f1: refused, bleu1: refused };
  }
  const wanted = category === 3 ? (truth.split(';')[0] ?? '').trim() : truth;
  const score = category === 1 ? multiAnswerF1(prediction, wanted) : f1(prediction, wanted);
  return { f1: score, bleu1: bleu1(prediction, wanted) };
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
