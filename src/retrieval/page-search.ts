import type { PageId } from '../model/ids.js';
import { bestRows } from './best-rows.js';
import type { PageIndex } from './page-index.js';
import type { ReadQuery } from './query.js';
import type { VectorTable } from './vector-table.js';

export interface PageSearchOptions {
  readonly vector: Float32Array | null;
  readonly table: VectorTable | null;
  /** Pages that are shown anyway. */
  readonly hidden: ReadonlySet<PageId>;
  readonly pagesMax: number;
}

export interface FoundPage {
  readonly id: PageId;
  readonly score: number;
  readonly signals: Readonly<Record<string, number>>;
}

const wordWeights = { k1: 1.2, b: 0.3, neighbourShare: 0.5 };
const fusion = { session: 0.2, vector: 0.2 };
/** A page no word speaks for must be this near by its vector to count as found. */
const vectorMin = 0.2;

/** Ranks pages. Holds scratch space only: what it looks up is in the index. */
export class PageSearch {
  readonly #index: PageIndex;
  #words = new Float32Array(0);
  #sessions = new Float32Array(0);
  #vectors = new Float32Array(0);
  #fused = new Float32Array(0);

  constructor(index: PageIndex) {
    this.#index = index;
  }

  search(query: ReadQuery, options: PageSearchOptions): { best: FoundPage[]; found: number } {
    const { words, order } = this.#index;
    const rows = this.#index.rows;
    order.link();
    this.#clear(rows, order.sessions);
    const terms = query.terms.map((term) => words.find(term)).filter((id) => id !== undefined);
    words.score(
      terms.map((id) => ({ id, weight: 1 })),
      order,
      wordWeights,
      this.#words,
      this.#sessions,
    );
    if (options.vector !== null && options.table !== null) {
      options.table.scan(options.vector, rows, this.#vectors);
    } else {
      this.#vectors.fill(0, 0, rows);
    }
    const topWords = largest(this.#words, rows);
    const topSession = largest(this.#sessions, order.sessions);
    const session = order.session.values;
    let found = 0;
    for (let row = 0; row < rows; row++) {
      const byWords = topWords === 0 ? 0 : (this.#words[row] ?? 0) / topWords;
      const at = session[row] ?? -1;
      const bySession = topSession === 0 || at === -1 ? 0 : (this.#sessions[at] ?? 0) / topSession;
      const byVector = this.#vectors[row] ?? 0;
      const counts = at !== -1 && (byWords > 0 || byVector >= vectorMin);
      if (counts) found += 1;
      this.#fused[row] = counts
        ? byWords + fusion.session * bySession + fusion.vector * Math.max(0, byVector)
        : 0;
    }
    for (const id of options.hidden) {
      const row = this.#index.rowOf(id);
      if (row === undefined || (this.#fused[row] ?? 0) === 0) continue;
      this.#fused[row] = 0;
      found -= 1;
    }
    const best = bestRows(this.#fused, rows, options.pagesMax);
    const top = this.#fused[best[0] ?? 0] ?? 1;
    return {
      found,
      best: best.flatMap((row) => {
        const id = this.#index.idOf(row);
        if (id === null) return [];
        const at = session[row] ?? 0;
        const signals = {
          words: topWords === 0 ? 0 : (this.#words[row] ?? 0) / topWords,
          session: topSession === 0 ? 0 : (this.#sessions[at] ?? 0) / topSession,
          vector: this.#vectors[row] ?? 0,
        };
        return [{ id, score: (this.#fused[row] ?? 0) / top, signals }];
      }),
    };
  }

  #clear(rows: number, sessions: number): void {
    if (this.#words.length < rows) {
      const capacity = Math.max(rows, this.#words.length * 2);
      this.#words = new Float32Array(capacity);
      this.#vectors = new Float32Array(capacity);
      this.#fused = new Float32Array(capacity);
    }
    if (this.#sessions.length < sessions) {
      this.#sessions = new Float32Array(Math.max(sessions, this.#sessions.length * 2));
    }
    this.#words.fill(0, 0, rows);
    this.#sessions.fill(0, 0, sessions);
  }
}

function largest(values: Float32Array, count: number): number {
  let top = 0;
  for (let i = 0; i < count; i++) if ((values[i] ?? 0) > top) top = values[i] ?? 0;
  return top;
}
