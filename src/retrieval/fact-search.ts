import { dot } from '../lib/math/vectors.js';
import { kindredOf } from '../lib/text/kindred-english.js';
import { words } from '../lib/text/words.js';
import type { FactId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import { kindredWeight } from './query.js';
import type { RankedFact } from './retriever.js';

interface Known {
  readonly text: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
  vector: Float32Array | null;
}

const k1 = 1.2;
const b = 0.3;
const vectorShare = 0.5;
/** Below this cosine unrelated sentences lie, whatever the embedder. */
const vectorMin = 0.2;

/** With so few current facts all are returned, the nearest first: any may matter and none costs much. */
const allFactsMax = 10;
/** What a fact that nothing speaks for keeps, so that it stands behind the others. */
const fillerScore = 0.001;

/** Finds facts. They are few (capacity and history), so each is looked at; their words and vectors are kept. */
export class FactSearch {
  readonly #known = new Map<FactId, Known>();

  /** Facts without a vector yet, at most `limit`. */
  missing(facts: Iterable<Fact>, limit: number): Fact[] {
    const found: Fact[] = [];
    for (const fact of facts) {
      if (found.length >= limit) break;
      if (this.#of(fact).vector === null) found.push(fact);
    }
    return found;
  }

  setVector(fact: Fact, vector: Float32Array): void {
    this.#of(fact).vector = vector;
  }

  forget(id: FactId): void {
    this.#known.delete(id);
  }

  clear(): void {
    this.#known.clear();
  }

  /**
   * Best first. A superseded fact counts half, and the fact that took its place comes with it and before it.
   */
  search(
    facts: readonly Fact[],
    terms: readonly string[],
    vector: Float32Array | null,
  ): { best: RankedFact[]; found: number } {
    const known = facts.map((fact) => this.#of(fact));
    const meanLength = known.reduce((sum, { length }) => sum + length, 0) / Math.max(1, known.length);
    const rarity = new Map<string, number>();
    const asked = new Map(terms.flatMap(kindredOf).map((term): [string, number] => [term, kindredWeight]));
    for (const term of terms) asked.set(term, 1);
    for (const [term, weight] of asked) {
      const holding = known.reduce((count, { counts }) => count + (counts.has(term) ? 1 : 0), 0);
      if (holding > 0) {
        rarity.set(term, weight * Math.log(1 + (known.length - holding + 0.5) / (holding + 0.5)));
      }
    }
    const scores = new Map<FactId, number>();
    facts.forEach((fact, i) => {
      const entry = known[i];
      if (entry === undefined) return;
      const score =
        wordScore(entry, rarity, meanLength) +
        vectorShare * Math.max(0, similarity(vector, entry.vector) - vectorMin);
      if (score > 0) scores.set(fact.id, fact.superseded_by === null ? score : score / 2);
    });
    for (const fact of facts) {
      const score = scores.get(fact.id);
      if (score === undefined || fact.superseded_by === null) continue;
      scores.set(fact.superseded_by, Math.max(scores.get(fact.superseded_by) ?? 0, score * 1.01));
    }
    const current = facts.filter((fact) => fact.superseded_by === null);
    if (current.length <= allFactsMax) {
      for (const fact of current) scores.set(fact.id, Math.max(scores.get(fact.id) ?? 0, fillerScore));
    }
    for (const fact of current) {
      if (isAlwaysShown(fact)) scores.set(fact.id, Math.max(scores.get(fact.id) ?? 0, fillerScore));
    }
    const found = facts.filter((fact) => scores.has(fact.id));
    const top = Math.max(0, ...scores.values());
    const best = found
      .map((fact) => ({ fact, score: top === 0 ? 0 : (scores.get(fact.id) ?? 0) / top }))
      .sort((x, y) => y.score - x.score || y.fact.timestamp.localeCompare(x.fact.timestamp, 'en'));
    return { best, found: found.length };
  }

  #of(fact: Fact): Known {
    const known = this.#known.get(fact.id);
    if (known !== undefined && known.text === fact.knowledge) return known;
    const counts = new Map<string, number>();
    // The slot ("home", "job") names what the fact is about, also where its sentence does not.
    const terms = words(`${fact.knowledge}\n${fact.slot ?? ''}`);
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    const fresh = { text: fact.knowledge, counts, length: terms.length, vector: null };
    this.#known.set(fact.id, fresh);
    return fresh;
  }
}

/** The best of them, and those that are pinned, however little speaks for them. */
export function bestAndPinned(best: readonly RankedFact[], factsMax: number): RankedFact[] {
  return best.filter(({ fact }, i) => i < factsMax || isAlwaysShown(fact));
}

function isAlwaysShown(fact: Fact): boolean {
  return fact.pinned === true && fact.superseded_by === null;
}

function wordScore(entry: Known, rarity: ReadonlyMap<string, number>, meanLength: number): number {
  let score = 0;
  for (const [term, worth] of rarity) {
    const count = entry.counts.get(term) ?? 0;
    if (count === 0) continue;
    score +=
      (worth * count * (k1 + 1)) / (count + k1 * (1 - b + (b * entry.length) / Math.max(1, meanLength)));
  }
  return score;
}

function similarity(a: Float32Array | null, b: Float32Array | null): number {
  return a === null || b === null || a.length !== b.length ? 0 : dot(a, b);
}
