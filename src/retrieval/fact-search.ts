import { dot } from '../lib/math/vectors.js';
import { exactNamesOf } from '../lib/text/exact-terms.js';
import { kindredOf } from '../lib/text/kindred-english.js';
import { words } from '../lib/text/words.js';
import type { FactId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import {
  type Coverage,
  mostOf,
  type PageFeatures,
  type QuestionFeatures,
  questionFeatures,
} from './features.js';
import { elsewhereKeeps } from './project.js';
import { kindredWeight, type ReadQuery } from './query.js';
import { floorFor, type RelevanceModel, relevancesOf, timeRelevance } from './relevance.js';
import type { RankedFact } from './retriever.js';
import { fitOf } from './signals/dates.js';

interface Known {
  readonly text: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
  vector: Float32Array | null;
}

const k1 = 1.2;
const b = 0.3;
const vectorShare = 0.5;
/** With every embedder, unrelated sentences have a cosine below this. */
const vectorMin = 0.2;

export interface FactSearchOptions {
  readonly coverage: Coverage;
  readonly vector: Float32Array | null;
  readonly model: RelevanceModel;
  readonly relevanceMin: number | 'fitted';
  /** Features of the question, computed from the pages found; undefined if no page was found. */
  readonly pages: QuestionFeatures | undefined;
  /** The current project; null if there is none. */
  readonly project: string | null;
}

/** Finds facts. Their number is limited, so a search compares every fact. Words and vectors are cached. */
export class FactSearch {
  readonly #known = new Map<FactId, Known>();

  /** Facts without a vector, at most `limit`. */
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
   * The facts whose probability to help is high enough, best first. A superseded fact has half its score, and
   * the fact that superseded it is added before it. If the question has a project, facts about things of other
   * projects come after equally good ones.
   */
  search(
    facts: readonly Fact[],
    query: ReadQuery,
    { coverage, vector, model, relevanceMin: wanted, pages, project }: FactSearchOptions,
  ): { best: RankedFact[]; found: number; floor: number } {
    const scores = this.#scores(facts, query.terms, vector);
    const features = this.#features(facts, query, scores, coverage, vector);
    const ofFacts = questionFeatures(features, coverage, null);
    // The memory may have the subject of the question in facts or in pages.
    const question = pages === undefined ? ofFacts : mostOf(ofFacts, pages);
    const chances = query.timeOnly
      ? facts.map((fact) => (isOf(fact, query) ? timeRelevance : 0))
      : relevancesOf(question, features, model);
    const asked = query.timeOnly ? null : question;
    const relevanceMin = floorFor(wanted, asked, model);
    const isElsewhere = (fact: Fact) => project !== null && (fact.project ?? project) !== project;
    const relevances = new Map(
      facts.map((fact, i): [FactId, number] => [
        fact.id,
        (chances[i] ?? 0) * (isElsewhere(fact) ? elsewhereKeeps : 1),
      ]),
    );
    for (const fact of facts) {
      if (fact.superseded_by === null) continue;
      const half = (relevances.get(fact.id) ?? 0) / 2;
      const later = relevances.get(fact.superseded_by);
      if (later !== undefined) relevances.set(fact.superseded_by, Math.max(later, half * 1.01));
      relevances.set(fact.id, half);
    }
    const best = facts
      .map((fact) => ({ fact, score: relevances.get(fact.id) ?? 0 }))
      .filter(({ fact, score }) => score >= relevanceMin || isAlwaysShown(fact))
      .sort((x, y) => y.score - x.score || y.fact.timestamp.localeCompare(x.fact.timestamp, 'en'));
    const found = best.filter(
      ({ fact, score }) =>
        isAlwaysShown(fact) || (score > 0 && (query.timeOnly || (scores.get(fact.id) ?? 0) > 0)),
    );
    return {
      best: relevanceMin === 0 ? best : found,
      found: found.length,
      floor: floorFor('fitted', asked, model),
    };
  }

  #features(
    facts: readonly Fact[],
    query: ReadQuery,
    scores: ReadonlyMap<FactId, number>,
    coverage: Coverage,
    vector: Float32Array | null,
  ): PageFeatures[] {
    const top = Math.max(Number.MIN_VALUE, ...scores.values());
    return facts.map((fact): PageFeatures => {
      const score = scores.get(fact.id) ?? 0;
      const known = this.#of(fact);
      const timeMs = Date.parse(fact.timestamp);
      const near = Math.max(0, similarity(vector, known.vector));
      return {
        ...coverage.ofTerms(known.counts),
        relative: score / top,
        fused: coverage.worth === 0 ? 0 : Math.min(3, score / coverage.worth),
        // A fact has one vector for its sentence, so the cosine with it gives all four features.
        vector: near,
        standing: Math.max(0, near - vectorMin),
        late: near,
        lateNear: near,
        time: Math.max(0, ...query.spans.map((span) => fitOf(timeMs, span))),
      };
    });
  }

  /** The scores of each fact by words and vectors. */
  #scores(
    facts: readonly Fact[],
    terms: readonly string[],
    vector: Float32Array | null,
  ): Map<FactId, number> {
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
    return new Map(
      facts.map((fact, i) => {
        const entry = known[i] ?? this.#of(fact);
        const score =
          wordScore(entry, rarity, meanLength) +
          vectorShare * Math.max(0, similarity(vector, entry.vector) - vectorMin);
        return [fact.id, score];
      }),
    );
  }

  #of(fact: Fact): Known {
    const known = this.#known.get(fact.id);
    if (known !== undefined && known.text === fact.knowledge) return known;
    const counts = new Map<string, number>();
    // The slot ("home", "job") and the project name the subject, even if the sentence does not.
    const terms = words([fact.knowledge, fact.slot ?? '', fact.project ?? ''].join('\n'));
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const { literal, parts } of exactNamesOf(fact.knowledge)) {
      for (const term of [...literal, ...parts.flatMap((part) => words(part))]) {
        if (!counts.has(term)) counts.set(term, 1);
      }
    }
    const fresh = { text: fact.knowledge, counts, length: terms.length, vector: null };
    this.#known.set(fact.id, fresh);
    return fresh;
  }
}

/** The best facts and all pinned facts, whatever their scores. */
export function bestAndPinned(best: readonly RankedFact[], factsMax: number): RankedFact[] {
  return best.filter(({ fact }, i) => i < factsMax || isAlwaysShown(fact));
}

function isAlwaysShown(fact: Fact): boolean {
  return fact.pinned === true && fact.superseded_by === null;
}

/** Whether the fact belongs to a time that the question names. */
function isOf(fact: Fact, query: ReadQuery): boolean {
  const timeMs = Date.parse(fact.timestamp);
  return query.spans.some(({ startMs, endMs }) => timeMs >= startMs && timeMs <= endMs);
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
