import type { PageId } from '../model/ids.js';
import type { QuestionReading } from '../ports/meaning-reader.js';
import { arranged, type Candidate } from './arrange.js';
import {
  Coverage,
  noQuestion,
  type PageFeatures,
  type QuestionFeatures,
  questionFeatures,
} from './features.js';
import { neighbourShare, type Signal, type Weights, weights } from './fusion.js';
import { bestRows } from './index/best-rows.js';
import type { PageIndex } from './index/page-index.js';
import type { PieceTable } from './index/piece-table.js';
import type { VectorTable } from './index/vector-table.js';
import { fromOnePlace, ofProject, placesOfMostNames } from './project.js';
import type { ReadQuery } from './query.js';
import { floorFor, neverRising, type RelevanceModel, relevancesOf, timeRelevance } from './relevance.js';
import { spanFrom } from './signals/anchor.js';
import { type Beside, besideIn } from './signals/beside.js';
import { addDates, fitOf, type Span } from './signals/dates.js';
import { type LateScores, lateScores, reachOf } from './signals/late.js';
import { addSegments } from './signals/segment.js';
import { addSubstance } from './signals/substance.js';
import { type Nearness, standingOut } from './signals/vectors.js';
import { WordSignal } from './signals/words.js';

/** The vectors of the question and of pages. */
export interface Meaning {
  readonly question: QuestionReading;
  readonly table: VectorTable;
  readonly pieces: PieceTable;
  /** Statistics for all pages, if the tables contain only candidates. */
  readonly nearness?: Nearness | null | undefined;
}

export interface PageSearchOptions {
  /** Null: search uses only words. */
  readonly meaning: Meaning | null;
  readonly pagesMax: number;
  readonly model: RelevanceModel;
  /** Minimum relevance of returned pages; see {@link floorFor}. */
  readonly relevanceMin: number | 'fitted';
  /** Whether a page of this time may be returned. If absent, every page may be returned. */
  readonly allows?: ((timeMs: number) => boolean) | undefined;
  /** The current project; null if there is none. */
  readonly project?: string | null | undefined;
  /** Replaces the weights of fusion.ts, to measure the effect of each signal. */
  readonly weights?: Weights | undefined;
}

export interface FoundPage {
  readonly id: PageId;
  /** The probability that the page helps to answer. Pages are in descending order of it. */
  readonly score: number;
  /** The features from which the score was computed. */
  readonly features: PageFeatures;
  readonly question: QuestionFeatures;
  readonly signals: Readonly<Record<string, number>>;
}

/** The values of a signal by row, and their weight. */
interface Part {
  readonly name: Signal;
  readonly weight: number;
  readonly values: Float32Array;
}

/** A candidate with the signals that are computed only for candidates. */
interface Looked extends Candidate {
  readonly late: LateScores | null;
  readonly signals: Readonly<Record<string, number>>;
}

interface Judged extends Omit<FoundPage, 'id' | 'signals'> {
  readonly row: number;
}

/**
 * Weight of the stop words of a question. For comparison: a word on one page in a hundred has the weight 4.
 * The weight is above 0, because a question may consist of stop words.
 */
const stopWordWorth = 0.1;
/** Number of the best pages that decide whether a question is about the memory. */
const pagesRead = 10;
/** Maximum number of pages for an event. Each must match nearly as well as the best one. */
const eventPagesMax = 2;
const eventShareMin = 0.8;
/**
 * Minimum number of candidates. Some signals are too slow for all pages and are computed only for candidates.
 */
const candidatesMin = 100;

/** Ranks pages. It has only working memory; all data is in the index. */
export class PageSearch {
  readonly #index: PageIndex;
  readonly #words: WordSignal;
  readonly #scratch = new Map<string, Float32Array>();

  constructor(index: PageIndex) {
    this.#index = index;
    this.#words = new WordSignal(index.words, index.order, neighbourShare);
  }

  /**
   * Returns the best pages, the number of pages found before `pagesMax` was applied, and the fitted threshold
   * for this question.
   */
  search(query: ReadQuery, options: PageSearchOptions): { best: FoundPage[]; found: number; floor: number } {
    const chosen = options.weights ?? weights;
    const parts = this.#parts(query, chosen, options);
    const spans = this.spans(query);
    const fused = this.#fuse(parts, options.allows);
    if (query.timeOnly) this.#keepSpans(fused, spans);
    if (this.#index.hasProjects) this.#keepNamed(fused, query);
    const most = Math.max(candidatesMin, options.pagesMax * 2);
    const candidates = bestRows(fused, this.#index.rows, most).map(
      (row): Candidate => ({ row, score: fused[row] ?? 0 }),
    );
    const { looked, reach } = this.#lookCloser(query, candidates, chosen, options);
    const ranked = [...looked].sort((x, y) => y.score - x.score || x.row - y.row);
    const order = arranged(ranked, this.#index, query.timeOnly, most);
    const byRow = new Map(looked.map((each) => [each.row, each]));
    const standing = parts.find(({ name }) => name === 'vector')?.values;
    const beside = this.#beside(options.meaning);
    const judged = this.#judge(
      query,
      order,
      { looked: byRow, reach, standing, beside },
      spans,
      options.model,
    );
    const asked = query.timeOnly ? null : (judged[0]?.question ?? noQuestion);
    const relevanceMin = floorFor(options.relevanceMin, asked, options.model);
    const found = judged.filter(
      ({ score, features }) => score >= relevanceMin && (query.timeOnly || speaks(features)),
    );
    // If the threshold is 0, the nearest pages are returned, even if nothing is near.
    const returned = options.relevanceMin === 0 ? judged : found;
    return {
      found: found.length,
      floor: floorFor('fitted', asked, options.model),
      best: returned.slice(0, options.pagesMax).flatMap(({ row, score, features, question }) => {
        const id = this.#index.idOf(row);
        if (id === null) return [];
        const signals: Record<string, number> = { ...byRow.get(row)?.signals };
        for (const { name, values } of parts) signals[name] = rounded(values[row] ?? 0);
        return [{ id, score: rounded(score), features, question, signals }];
      }),
    };
  }

  /** The relevance of pages sorted by rank. */
  #judge(
    query: ReadQuery,
    ranked: readonly Candidate[],
    {
      looked,
      reach,
      standing,
      beside,
    }: {
      looked: ReadonlyMap<number, Looked>;
      reach: number | null;
      standing: Float32Array | undefined;
      beside: Beside;
    },
    spans: readonly Span[],
    model: RelevanceModel,
  ): Judged[] {
    const coverage = new Coverage(query.informative, this.#index, query.form);
    const top = Math.max(Number.MIN_VALUE, ...ranked.map(({ score }) => score));
    const nearness = this.#scratch.get('nearness');
    const judged = ranked.map(({ row, score }) => {
      const timeMs = this.#index.order.timeOf(row);
      const features: PageFeatures = {
        ...coverage.of(row, beside(row)),
        relative: score / top,
        fused: Math.min(3, score),
        vector: nearness?.[row] ?? 0,
        standing: standing?.[row] ?? 0,
        late: looked.get(row)?.late?.own ?? 0,
        lateNear: looked.get(row)?.late?.beside ?? 0,
        time: Math.max(0, ...spans.map((span) => fitOf(timeMs, span))),
      };
      return { row, features };
    });
    const features = judged.map((page) => page.features);
    const question = questionFeatures(features.slice(0, pagesRead), coverage, reach);
    const chances = neverRising(
      query.timeOnly ? features.map(() => timeRelevance) : relevancesOf(question, features, model),
    );
    return judged.map((page, i) => ({ ...page, score: chances[i] ?? 0, question }));
  }

  /** For a question that names only a time, the answer is exactly the pages of that time. */
  #keepSpans(fused: Float32Array, spans: readonly Span[]): void {
    const { order } = this.#index;
    for (const row of order.rows) {
      const timeMs = order.timeOf(row);
      const inside = spans.some(({ startMs, endMs }) => timeMs >= startMs && timeMs <= endMs);
      if (!inside) fused[row] = 0;
    }
  }

  /** Removes the pages of places that have fewer of the question's names than another place. */
  #keepNamed(fused: Float32Array, { names }: ReadQuery): void {
    const places = placesOfMostNames(names.map((terms) => this.#index.projectsWith(terms)));
    if (places === null) return;
    for (const row of this.#index.order.rows) {
      if (!places.has(this.#index.projectOf(row))) fused[row] = 0;
    }
  }

  /** The times of a question: those that it names, and those of an event that it mentions. */
  spans(query: ReadQuery): Span[] {
    return [...query.spans, ...this.#spansByEvent(query)];
  }

  /** The signals that are computed only for candidates. */
  #lookCloser(
    query: ReadQuery,
    candidates: readonly Candidate[],
    chosen: Weights,
    { meaning, project }: PageSearchOptions,
  ): { looked: readonly Looked[]; reach: number | null } {
    const worthOf = this.#worths(query);
    const late = this.#late(candidates, meaning, worthOf);
    const own = standingOut(late.map((scores) => scores?.own ?? null));
    const beside = standingOut(late.map((scores) => scores?.beside ?? null));
    const looked = candidates.map(({ row, score }, i): Looked => {
      const signals = { late: rounded(own[i] ?? 0), lateBeside: rounded(beside[i] ?? 0) };
      const more = chosen.late * signals.late + chosen.lateBeside * signals.lateBeside;
      return { row, score: score + more, late: late[i] ?? null, signals };
    });
    return {
      looked: this.#inPlace(query, looked, project ?? null),
      reach: meaning === null ? null : reachOf(late, meaning.question.pieces, worthOf),
    };
  }

  #inPlace(query: ReadQuery, looked: readonly Looked[], project: string | null): readonly Looked[] {
    if (!this.#index.hasProjects) return looked;
    const projectOf = (row: number) => this.#index.projectOf(row);
    return query.timeOnly ? ofProject(looked, projectOf, project) : fromOnePlace(looked, projectOf, project);
  }

  /** The weight of a word of the question. */
  #worths(query: ReadQuery): (word: string) => number {
    const worths = new Map<string, number>();
    return (word) => {
      let worth = worths.get(word);
      if (worth === undefined) {
        const terms = query.termsOf(word).map((term) => this.#index.worthOf(term));
        worth = terms.length === 0 ? stopWordWorth : Math.max(...terms);
        worths.set(word, worth);
      }
      return worth;
    };
  }

  #late(
    candidates: readonly Candidate[],
    meaning: Meaning | null,
    worthOf: (word: string) => number,
  ): (LateScores | null)[] {
    if (meaning === null || meaning.question.pieces.length === 0) return candidates.map(() => null);
    const rows = candidates.map(({ row }) => row);
    const { pieces, question } = meaning;
    const beside = this.#beside(meaning);
    return lateScores(question.pieces, rows, { pieces, beside, worthOf });
  }

  /** The neighbours that count. Cosines of other models than the shipped one are not comparable. */
  #beside(meaning: Meaning | null): Beside {
    const isShippedModel = meaning !== null && meaning.question.pieces.length > 0;
    return besideIn(this.#index.order, isShippedModel ? meaning.table : null);
  }

  /** The values of every signal for every row. */
  #parts(query: ReadQuery, chosen: Weights, { meaning }: PageSearchOptions): Part[] {
    const { order, segments, words } = this.#index;
    const { rows } = order;
    const spans = this.spans(query);
    const scale = 1 / (this.#words.run(query.known, this.#index.rows) || 1);
    this.#scratch.delete('nearness');
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
    if (meaning !== null) {
      part('vector', chosen.vector, (values) => {
        const { table, question, nearness: whole = null } = meaning;
        const nearness = this.#scratchFor('nearness');
        table.scan(question.vector, this.#index.rows, nearness);
        const near = rows.map((row) => (table.has(row) ? (nearness[row] ?? 0) : null));
        const standing = standingOut(near, whole);
        rows.forEach((row, i) => {
          values[row] = standing[i] ?? 0;
        });
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

  /** If the question gives a time by an event: the times of the pages that match the event best. */
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

  /**
   * The score of every page. It is 0 for a page that may not be returned, and low for a page that is
   * supported only by its length.
   */
  #fuse(parts: readonly Part[], allows: PageSearchOptions['allows']): Float32Array {
    const { order } = this.#index;
    const fused = this.#scratchFor('fused');
    for (const { weight, values } of parts) {
      for (const row of order.rows) fused[row] = (fused[row] ?? 0) + weight * (values[row] ?? 0);
    }
    const telling = parts.filter(({ name }) => name === 'words' || name === 'dates' || name === 'vector');
    const tells = ({ name, values }: Part, row: number) =>
      (values[row] ?? 0) > (name === 'vector' ? strangerVectorMax : tellingMin);
    for (const row of order.rows) {
      if (allows?.(order.timeOf(row)) === false) fused[row] = 0;
      else if (!telling.some((part) => tells(part, row))) fused[row] = (fused[row] ?? 0) * fillerShare;
    }
    return fused;
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

/**
 * Whether a page is supported by anything other than its length and its position. If its word pieces were
 * compared with the question, they support it as much as its relevance says.
 */
function speaks({ near, vector, late, time }: PageFeatures): boolean {
  return near > 0 || time > 0 || late > 0 || vector > strangerVectorMax;
}

/** Share of its score that an unsupported page keeps, so that it is ranked after all others. */
const fillerShare = 0.01;
const tellingMin = 0.01;
/** The vector of an unrelated page may stand out this far by chance. */
const strangerVectorMax = 0.4;

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
