import type { PageId } from '../model/ids.js';
import type { QuestionReading } from '../ports/meaning-reader.js';
import { arranged, type Candidate } from './arrange.js';
import { neighbourShare, type Signal, type Weights, weights } from './fusion.js';
import { bestRows } from './index/best-rows.js';
import type { PageIndex } from './index/page-index.js';
import type { PieceTable } from './index/piece-table.js';
import type { VectorTable } from './index/vector-table.js';
import type { PageFeatures } from './page-features.js';
import { preferProject } from './project.js';
import type { ReadQuery } from './query.js';
import { spanFrom } from './signals/anchor.js';
import { addDates, type Span } from './signals/dates.js';
import { feedback } from './signals/feedback.js';
import { type LateScores, lateScores } from './signals/late.js';
import { addSegments } from './signals/segment.js';
import { addSubstance } from './signals/substance.js';
import { standingOut } from './signals/vectors.js';
import { WordSignal } from './signals/words.js';

/** What is known of question and pages by meaning. */
export interface Meaning {
  readonly question: QuestionReading;
  readonly table: VectorTable;
  readonly pieces: PieceTable;
}

export interface PageSearchOptions {
  /** Null: pages are found by words. */
  readonly meaning: Meaning | null;
  /** Pages that are shown anyway. */
  readonly hidden: Iterable<PageId>;
  readonly pagesMax: number;
  /** Where the question is asked; left out outside every project. */
  readonly project?: string | undefined;
  /** Other weights than those of fusion.ts, to measure what each signal gives. */
  readonly weights?: Weights | undefined;
}

export interface FoundPage {
  readonly id: PageId;
  readonly score: number;
  readonly signals: Readonly<Record<string, number>>;
  readonly features: PageFeatures;
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

/** An event is sought on so many pages, each of which tells of it nearly as well as the best. */
const eventPagesMax = 2;
const eventShareMin = 0.8;
/** So many are looked at more closely than all can be. */
const candidatesMin = 100;
/** Standing out less than this by its vector alone, a page is not counted as found. */
const vectorFoundMin = 0.4;
/** A signal that has a page among so many of its best agrees with the others on it. */
const agreeingBest = 10;
/** Stop words of a question count this much beside a word on every page: a question may consist of them. */
const stopWordWorth = 0.1;

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
    const most = Math.max(candidatesMin, options.pagesMax * 2);
    const preferred = this.#preferred(fused, this.#index.order.rows, options.project);
    const candidates = bestRows(preferred, this.#index.rows, most).map(
      (row): Candidate => ({ row, score: fused[row] ?? 0 }),
    );
    const looked = this.#lookCloser(query, candidates, chosen, options);
    const ranked = [...looked].sort((x, y) => y.score - x.score || x.row - y.row);
    const best = arranged(ranked, this.#index, query.asksForList, options.pagesMax);
    const top = Math.max(Number.MIN_VALUE, ...best.map(({ score }) => score));
    const byRow = new Map(looked.map((each) => [each.row, each]));
    const agreeing = agreement(looked, parts);
    return {
      found,
      best: best.flatMap(({ row, score }) => {
        const id = this.#index.idOf(row);
        const each = byRow.get(row);
        if (id === null || each === undefined) return [];
        const signals: Record<string, number> = { ...each.signals };
        for (const { name, values } of parts) signals[name] = rounded(values[row] ?? 0);
        const features: PageFeatures = {
          ...this.#coverage(query, row),
          words: signals.words ?? 0,
          dates: signals.dates ?? 0,
          vector: this.#nearness(row, options.meaning),
          late: each.late?.own ?? null,
          lateBeside: each.late?.beside ?? null,
          agreement: agreeing.get(row) ?? 0,
          fused: each.score,
        };
        return [{ id, score: Math.max(0.001, rounded(score / top)), signals, features }];
      }),
    };
  }

  /** The signals that only candidates are worth. */
  #lookCloser(
    query: ReadQuery,
    candidates: readonly Candidate[],
    chosen: Weights,
    { meaning, project }: PageSearchOptions,
  ): Looked[] {
    const heard = chosen.feedback === 0 ? [] : this.#feedback(query, candidates);
    const late = this.#late(query, candidates, meaning);
    const own = standingOut(late.map((scores) => scores?.own ?? null));
    const beside = standingOut(late.map((scores) => scores?.beside ?? null));
    const looked = candidates.map(({ row, score }, i): Looked => {
      const signals = {
        feedback: rounded(heard[i] ?? 0),
        late: rounded(own[i] ?? 0),
        lateBeside: rounded(beside[i] ?? 0),
      };
      const more =
        chosen.feedback * signals.feedback +
        chosen.late * signals.late +
        chosen.lateBeside * signals.lateBeside;
      return { row, score: score + more, late: late[i] ?? null, signals };
    });
    const scores = this.#scratchFor('looked');
    for (const { row, score } of looked) scores[row] = score;
    const preferred = this.#preferred(
      scores,
      candidates.map(({ row }) => row),
      project,
    );
    return looked.map((each) => ({ ...each, score: preferred[each.row] ?? 0 }));
  }

  /** The scores of `rows` as they count where the question is asked; the same array in a memory without projects. */
  #preferred(scores: Float32Array, rows: readonly number[], project: string | undefined): Float32Array {
    if (!this.#index.hasProjects) return scores;
    const preferred = Float32Array.from(scores);
    preferProject(preferred, rows, (row) => this.#index.projectOf(row), project ?? null);
    return preferred;
  }

  #late(query: ReadQuery, candidates: readonly Candidate[], meaning: Meaning | null): (LateScores | null)[] {
    if (meaning === null || meaning.question.pieces.length === 0) return candidates.map(() => null);
    const { words, order } = this.#index;
    const known = new Map<string, number>();
    return lateScores(
      meaning.question.pieces,
      candidates.map(({ row }) => row),
      {
        pieces: meaning.pieces,
        order,
        worthOf: (word) => {
          let worth = known.get(word);
          if (worth === undefined) {
            const terms = query.termsOf(word);
            worth =
              terms.length === 0 ? stopWordWorth : Math.max(...terms.map((term) => words.rarityOf(term)));
            known.set(word, worth);
          }
          return worth;
        },
      },
    );
  }

  #nearness(row: number, meaning: Meaning | null): number | null {
    if (meaning === null || !meaning.table.has(row)) return null;
    return rounded(this.#scratch.get('nearness')?.[row] ?? 0);
  }

  #feedback(query: ReadQuery, candidates: readonly Candidate[]): number[] {
    const asked = new Set(query.known.map(({ id }) => id));
    return feedback(candidates, asked, this.#index.words, this.#index.order, this.#words);
  }

  #coverage(
    { terms }: ReadQuery,
    row: number,
  ): Pick<PageFeatures, 'terms' | 'coverage' | 'coverageBeside' | 'rarest'> {
    const { words, order } = this.#index;
    const has = (at: number) => new Set(at === -1 ? [] : words.termsOf(at));
    const own = has(row);
    const beside = [order.previous.values[row] ?? -1, order.next.values[row] ?? -1].map(has);
    let all = 0;
    let covered = 0;
    let coveredBeside = 0;
    let rarest = 0;
    for (const term of terms) {
      const worth = words.rarityOf(term);
      const id = words.find(term);
      all += worth;
      if (id === undefined) continue;
      if (own.has(id)) rarest = Math.max(rarest, worth);
      if (own.has(id)) covered += worth;
      if (own.has(id) || beside.some((page) => page.has(id))) coveredBeside += worth;
    }
    return {
      terms: terms.length,
      coverage: all === 0 ? 0 : rounded(covered / all),
      coverageBeside: all === 0 ? 0 : rounded(coveredBeside / all),
      rarest: rounded(rarest / words.rarityMax),
    };
  }

  /** Every signal's value for every row. */
  #parts(query: ReadQuery, chosen: Weights, { meaning }: PageSearchOptions): Part[] {
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
    if (meaning !== null) {
      part('vector', chosen.vector, (values) => {
        const { table, question } = meaning;
        const nearness = this.#scratchFor('nearness');
        table.scan(question.vector, this.#index.rows, nearness);
        const standing = standingOut(rows.map((row) => (table.has(row) ? (nearness[row] ?? 0) : null)));
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
    const telling = parts.filter(({ name }) => name === 'words' || name === 'dates' || name === 'vector');
    let found = 0;
    for (const row of rows) {
      if ((fused[row] ?? 0) === 0) continue;
      if (
        telling.some(({ name, values }) => (values[row] ?? 0) > (name === 'vector' ? vectorFoundMin : 0.01))
      ) {
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

/** For each row how many of the signals that see most have it among their best. */
function agreement(looked: readonly Looked[], parts: readonly Part[]): Map<number, number> {
  const counts = new Map<number, number>();
  const lists = [
    ...parts
      .filter(({ name }) => name === 'words' || name === 'vector')
      .map(({ values }) => looked.map(({ row }): [number, number] => [row, values[row] ?? 0])),
    looked.map(({ row, late }): [number, number] => [row, late?.own ?? 0]),
  ];
  for (const list of lists) {
    const best = list
      .filter(([, value]) => value > 0)
      .sort((x, y) => y[1] - x[1])
      .slice(0, agreeingBest);
    for (const [row] of best) counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  return counts;
}

/** What a page that nothing speaks for keeps of its score, to stand behind all others. */
const fillerShare = 0.01;

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
