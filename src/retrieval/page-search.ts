import type { PageId } from '../model/ids.js';
import { arranged, type Candidate } from './arrange.js';
import { neighbourShare, type Signal, type Weights, weights } from './fusion.js';
import { bestRows } from './index/best-rows.js';
import type { PageIndex } from './index/page-index.js';
import type { VectorTable } from './index/vector-table.js';
import { preferProject } from './project.js';
import type { ReadQuery } from './query.js';
import { spanFrom } from './signals/anchor.js';
import { addDates, type Span } from './signals/dates.js';
import { feedback } from './signals/feedback.js';
import { addSegments } from './signals/segment.js';
import { addSubstance } from './signals/substance.js';
import { shareWithNeighbours, standOut } from './signals/vectors.js';
import { WordSignal } from './signals/words.js';

export interface PageSearchOptions {
  readonly vector: Float32Array | null;
  readonly table: VectorTable | null;
  /** Whether near vectors mean near meanings, or only alike spelling. */
  readonly vectorsMean: boolean;
  /** Pages that are shown anyway. */
  readonly hidden: Iterable<PageId>;
  readonly pagesMax: number;
  /** Where the question is asked; null outside every project. */
  readonly project?: string | null | undefined;
  /** Other weights than those of fusion.ts, to measure what each signal gives. */
  readonly weights?: Weights | undefined;
}

export interface FoundPage {
  readonly id: PageId;
  readonly score: number;
  readonly signals: Readonly<Record<string, number>>;
}

/** A signal's values by row and what they count. */
interface Part {
  readonly name: Signal;
  readonly weight: number;
  readonly values: Float32Array;
}

/** An event is sought on so many pages, each of which tells of it nearly as well as the best. */
const eventPagesMax = 2;
const eventShareMin = 0.8;
/** So many are looked at more closely than all can be. */
const candidatesMin = 60;
/** Standing out less than this by its vector alone, a page is not counted as found. */
const vectorFoundMin = { spelling: 0.5, meaning: 0.4 };

/** Ranks pages. Holds scratch space only: what it looks up is in the index. */
export class PageSearch {
  readonly #index: PageIndex;
  readonly #words: WordSignal;
  readonly #scratch = new Map<string, Float32Array>();

  constructor(index: PageIndex) {
    this.#index = index;
    this.#words = new WordSignal(index.words, index.order, neighbourShare);
  }

  search(query: ReadQuery, options: PageSearchOptions): { best: FoundPage[]; found: number } {
    const chosen = options.weights ?? weights;
    const parts = this.#parts(query, chosen, options);
    const { fused, found } = this.#fuse(parts, options);
    if (this.#index.hasProjects) {
      const projectOf = (row: number) => this.#index.projectOf(row);
      preferProject(fused, this.#index.order.rows, projectOf, options.project ?? null);
    }
    const most = Math.max(candidatesMin, options.pagesMax * 2);
    const candidates = bestRows(fused, this.#index.rows, most).map(
      (row): Candidate => ({ row, score: fused[row] ?? 0 }),
    );
    const heard = chosen.feedback === 0 ? [] : this.#feedback(query, candidates);
    const ranked = candidates
      .map(({ row, score }, i): Candidate => ({ row, score: score + chosen.feedback * (heard[i] ?? 0) }))
      .sort((x, y) => y.score - x.score || x.row - y.row);
    const best = arranged(ranked, this.#index, query.asksForList, options.pagesMax);
    const top = Math.max(Number.MIN_VALUE, ...best.map(({ score }) => score));
    const heardOf = new Map(candidates.map(({ row }, i) => [row, heard[i] ?? 0]));
    return {
      found,
      best: best.flatMap(({ row, score }) => {
        const id = this.#index.idOf(row);
        if (id === null) return [];
        const signals = Object.fromEntries(
          parts.map(({ name, values }) => [name, rounded(values[row] ?? 0)]),
        );
        signals.feedback = rounded(heardOf.get(row) ?? 0);
        return [{ id, score: Math.max(0.001, rounded(score / top)), signals }];
      }),
    };
  }

  #feedback(query: ReadQuery, candidates: readonly Candidate[]): number[] {
    const asked = new Set(query.known.map(({ id }) => id));
    return feedback(candidates, asked, this.#index.words, this.#index.order, this.#words);
  }

  /** Every signal's value for every row. */
  #parts(query: ReadQuery, chosen: Weights, { vector, table, vectorsMean }: PageSearchOptions): Part[] {
    const { order, segments, words } = this.#index;
    const { rows } = order;
    const spans = [...query.spans, ...this.#spansByEvent(query)];
    const scale = 1 / (this.#words.run(query.known, this.#index.rows) || 1);
    const parts: Part[] = [];
    const part = (name: Signal, weight: number, fill: (values: Float32Array) => void) => {
      if (weight === 0) return;
      const values = this.#scratchFor(name);
      fill(values);
      parts.push({ name, weight, values });
    };
    const { scores, sessions } = this.#words;
    part('words', chosen.words, (values) => {
      for (const row of rows) values[row] = (scores[row] ?? 0) * scale;
    });
    part('session', chosen.session, (values) => {
      for (const row of rows) values[row] = sessions.scoreOf(row) * scale;
    });
    part('segment', chosen.segment, (values) => addSegments(query.terms, segments, rows, values));
    if (spans.length > 0) {
      part('dates', chosen.dates, (values) => {
        addDates(spans, order, values);
        for (const row of rows) values[row] = (values[row] ?? 0) * scale;
      });
    }
    if (vector !== null && table !== null) {
      part('vector', vectorsMean ? chosen.meaning : chosen.spelling, (values) => {
        table.scan(vector, this.#index.rows, values);
        shareWithNeighbours(values, order);
        standOut(values, rows);
      });
    }
    part('substance', chosen.substance, (values) => addSubstance(words, query.side, rows, values));
    if (query.asksWhen) {
      part('when', chosen.when, (values) => {
        for (const row of rows) values[row] = this.#index.namesTime(row) ? 1 : 0;
      });
    }
    return parts;
  }

  /** Where a time is told by an event: the spans that follow from the pages that tell of it best. */
  #spansByEvent({ anchor }: ReadQuery): Span[] {
    if (anchor === null) return [];
    const { order, rows } = this.#index;
    this.#words.run(anchor.known, rows);
    const { scores } = this.#words;
    const best = bestRows(scores, rows, eventPagesMax);
    const enough = (scores[best[0] ?? 0] ?? 0) * eventShareMin;
    return best
      .filter((row) => (scores[row] ?? 0) >= enough)
      .map((row) => spanFrom(anchor.time, order.timeOf(row)));
  }

  /** Pages that nothing but their length speaks for keep a score, so that they can fill up a short answer. */
  #fuse(parts: readonly Part[], options: PageSearchOptions): { fused: Float32Array; found: number } {
    const { rows } = this.#index.order;
    const fused = this.#scratchFor('fused');
    for (const { weight, values } of parts) {
      for (const row of rows) fused[row] = (fused[row] ?? 0) + weight * (values[row] ?? 0);
    }
    for (const id of options.hidden) {
      const row = this.#index.rowOf(id);
      if (row !== undefined) fused[row] = 0;
    }
    const vectorMin = options.vectorsMean ? vectorFoundMin.meaning : vectorFoundMin.spelling;
    const telling = parts.filter(({ name }) => name === 'words' || name === 'dates' || name === 'vector');
    let found = 0;
    for (const row of rows) {
      if ((fused[row] ?? 0) === 0) continue;
      if (telling.some(({ name, values }) => (values[row] ?? 0) > (name === 'vector' ? vectorMin : 0.01))) {
        found += 1;
      } else {
        fused[row] = (fused[row] ?? 0) * fillerShare;
      }
    }
    return { fused, found };
  }

  #scratchFor(name: string): Float32Array {
    let values = this.#scratch.get(name);
    if (values === undefined || values.length < this.#index.rows) {
      values = new Float32Array(Math.max(this.#index.rows, (values?.length ?? 0) * 2));
      this.#scratch.set(name, values);
    }
    return values.fill(0, 0, this.#index.rows);
  }
}

/** What a page that nothing speaks for keeps of its score, to stand behind all others. */
const fillerShare = 0.01;

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
