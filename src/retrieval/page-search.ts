import type { PageId } from '../model/ids.js';
import type { QuestionReading } from '../ports/meaning-reader.js';
import { arranged, type Candidate } from './arrange.js';
import { neighbourShare, type Signal, type Weights, weights } from './fusion.js';
import { bestRows } from './index/best-rows.js';
import type { PageIndex } from './index/page-index.js';
import type { PieceTable } from './index/piece-table.js';
import type { VectorTable } from './index/vector-table.js';
import { preferProject } from './project.js';
import type { ReadQuery } from './query.js';
import {
  Coverage,
  floorFor,
  neverRising,
  noQuestion,
  type PageFeatures,
  type QuestionFeatures,
  questionFeatures,
  type RelevanceModel,
  relevancesOf,
  timeRelevance,
} from './relevance.js';
import { spanFrom } from './signals/anchor.js';
import { addDates, fitOf, type Span } from './signals/dates.js';
import { type LateScores, lateScores, reachOf } from './signals/late.js';
import { addSegments } from './signals/segment.js';
import { addSubstance } from './signals/substance.js';
import { type Nearness, standingOut } from './signals/vectors.js';
import { WordSignal } from './signals/words.js';

/** What is known of question and pages by meaning. */
export interface Meaning {
  readonly question: QuestionReading;
  readonly table: VectorTable;
  readonly pieces: PieceTable;
  /** Of all pages, where the tables hold only candidates. */
  readonly nearness?: Nearness | null | undefined;
}

export interface PageSearchOptions {
  /** Null: pages are found by words. */
  readonly meaning: Meaning | null;
  readonly pagesMax: number;
  readonly model: RelevanceModel;
  /** Pages less likely to help are not found; see {@link floorFor}. */
  readonly relevanceMin: number | 'fitted';
  /** Whether a page of that time may be returned at all; left out: every page. */
  readonly allows?: ((timeMs: number) => boolean) | undefined;
  /** Where the question is asked; null outside every project. */
  readonly project?: string | null | undefined;
  /** Other weights than those of fusion.ts, to measure what each signal gives. */
  readonly weights?: Weights | undefined;
}

export interface FoundPage {
  readonly id: PageId;
  /** The chance that it helps to answer; never higher than that of the page before it. */
  readonly score: number;
  /** What that chance was worked out from. */
  readonly features: PageFeatures;
  readonly question: QuestionFeatures;
  readonly signals: Readonly<Record<string, number>>;
}

/** A signal's values by row and what they count. */
interface Part {
  readonly name: Signal;
  readonly weight: number;
  readonly values: Float32Array;
}

/** A candidate with what the closer look gave it. */
interface Looked extends Candidate {
  readonly late: LateScores | null;
  readonly signals: Readonly<Record<string, number>>;
}

interface Judged extends Omit<FoundPage, 'id' | 'signals'> {
  readonly row: number;
}

/** Stop words of a question count this much, a word of one page in a hundred 4: a question may consist of them. */
const stopWordWorth = 0.1;
/** The best so many say whether a question is about the memory. */
const pagesRead = 10;
/** An event is sought on so many pages, each of which tells of it nearly as well as the best. */
const eventPagesMax = 2;
const eventShareMin = 0.8;
/** So many are looked at more closely than all can be. */
const candidatesMin = 100;

/** Ranks pages. Holds scratch space only: what it looks up is in the index. */
export class PageSearch {
  readonly #index: PageIndex;
  readonly #words: WordSignal;
  readonly #scratch = new Map<string, Float32Array>();

  constructor(index: PageIndex) {
    this.#index = index;
    this.#words = new WordSignal(index.words, index.order, neighbourShare);
  }

  /** The best pages, how many were found before `pagesMax` was applied, and the fitted floor of this question. */
  search(query: ReadQuery, options: PageSearchOptions): { best: FoundPage[]; found: number; floor: number } {
    const chosen = options.weights ?? weights;
    const parts = this.#parts(query, chosen, options);
    const spans = this.spans(query);
    const fused = this.#fuse(parts, options.allows);
    if (query.timeOnly) this.#keepSpans(fused, spans);
    const most = Math.max(candidatesMin, options.pagesMax * 2);
    const preferred = this.#preferred(fused, this.#index.order.rows, options.project);
    const candidates = bestRows(preferred, this.#index.rows, most).map(
      (row): Candidate => ({ row, score: fused[row] ?? 0 }),
    );
    const { looked, reach } = this.#lookCloser(query, candidates, chosen, options);
    // 0: said elsewhere, and fitting much less than what was said here.
    const ranked = looked
      .filter(({ score }) => score !== 0)
      .sort((x, y) => y.score - x.score || x.row - y.row);
    const order = arranged(ranked, this.#index, query.timeOnly, most);
    const byRow = new Map(looked.map((each) => [each.row, each]));
    const standing = parts.find(({ name }) => name === 'vector')?.values;
    const judged = this.#judge(query, order, { looked: byRow, reach, standing }, spans, options.model);
    const asked = query.timeOnly ? null : (judged[0]?.question ?? noQuestion);
    const relevanceMin = floorFor(options.relevanceMin, asked, options.model);
    const found = judged.filter(
      ({ score, features }) => score >= relevanceMin && (query.timeOnly || speaks(features)),
    );
    // Without a floor the nearest are returned, also where nothing is near.
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

  /** The relevance of pages that stand in the order of the ranking. */
  #judge(
    query: ReadQuery,
    ranked: readonly Candidate[],
    {
      looked,
      reach,
      standing,
    }: {
      looked: ReadonlyMap<number, Looked>;
      reach: number | null;
      standing: Float32Array | undefined;
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
        ...coverage.of(row),
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

  /** For a question about a time and nothing else the pages of that time are the answer, and no others. */
  #keepSpans(fused: Float32Array, spans: readonly Span[]): void {
    const { order } = this.#index;
    for (const row of order.rows) {
      const timeMs = order.timeOf(row);
      const inside = spans.some(({ startMs, endMs }) => timeMs >= startMs && timeMs <= endMs);
      if (!inside) fused[row] = 0;
    }
  }

  /** The times a question is about: those it names, and those that follow from an event it tells them by. */
  spans(query: ReadQuery): Span[] {
    return [...query.spans, ...this.#spansByEvent(query)];
  }

  /** The signals that only candidates are worth. */
  #lookCloser(
    query: ReadQuery,
    candidates: readonly Candidate[],
    chosen: Weights,
    { meaning, project }: PageSearchOptions,
  ): { looked: Looked[]; reach: number | null } {
    const worthOf = this.#worths(query);
    const late = this.#late(candidates, meaning, worthOf);
    const own = standingOut(late.map((scores) => scores?.own ?? null));
    const beside = standingOut(late.map((scores) => scores?.beside ?? null));
    const looked = candidates.map(({ row, score }, i): Looked => {
      const signals = { late: rounded(own[i] ?? 0), lateBeside: rounded(beside[i] ?? 0) };
      const more = chosen.late * signals.late + chosen.lateBeside * signals.lateBeside;
      return { row, score: score + more, late: late[i] ?? null, signals };
    });
    const scores = this.#scratchFor('looked');
    for (const { row, score } of looked) scores[row] = score;
    const rows = looked.map(({ row }) => row);
    const preferred = this.#preferred(scores, rows, project);
    return {
      looked: looked.map((each) => ({ ...each, score: preferred[each.row] ?? 0 })),
      reach: meaning === null ? null : reachOf(late, meaning.question.pieces, worthOf),
    };
  }

  /** Scores as they count where the question is asked; the same array in a memory without projects. */
  #preferred(
    scores: Float32Array,
    rows: readonly number[],
    project: string | null | undefined,
  ): Float32Array {
    if (!this.#index.hasProjects) return scores;
    const preferred = Float32Array.from(scores);
    preferProject(preferred, rows, (row) => this.#index.projectOf(row), project ?? null);
    return preferred;
  }

  /** What a word of the question is worth. */
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
    return lateScores(question.pieces, rows, { pieces, order: this.#index.order, worthOf });
  }

  /** Every signal's value for every row. */
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

  /**
   * Every page's score; 0 for those that may not be returned, and little for those that nothing but their length
   * speaks for.
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

/** Whether anything but its length and its place speaks for a page. */
function speaks({ near, vector, time }: PageFeatures): boolean {
  return near > 0 || time > 0 || vector > strangerVectorMax;
}

/** What a page that nothing speaks for keeps of its score, to stand behind all others. */
const fillerShare = 0.01;
const tellingMin = 0.01;
/** Chance lets vectors of strangers stand out by as much. */
const strangerVectorMax = 0.4;

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
