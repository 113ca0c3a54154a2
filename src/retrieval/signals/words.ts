import { Groups } from '../index/groups.js';
import { countOfPosting, rowOfPosting } from '../index/posting-pool.js';
import type { WordIndex } from '../index/word-index.js';
import type { PageOrder } from '../page-order.js';

/**
 * The constants of BM25 (Robertson and Zaragoza, 2009). Pages differ little in length, so length has little
 * weight.
 */
const k1 = 1.2;
const b = 0.3;

/** A term to search, and its weight. A plain word of the question has weight 1. */
export interface WeightedTerm {
  readonly id: number;
  readonly weight: number;
}

/**
 * The signal of words: BM25 for pages and BM25 for complete sessions. A page also gets a share of the words
 * of its neighbours in the session, because a question ("What was its name?") and its answer may be on two
 * pages.
 */
export class WordSignal {
  readonly #words: WordIndex;
  readonly #order: PageOrder;
  readonly #neighbourShare: number;
  readonly sessions = new Groups();
  /** Scores of one question, by row. */
  scores = new Float32Array(0);
  #lengths = new Float32Array(0);
  #meanLength = 1;
  #counted = new Float32Array(0);
  #touched = new Int32Array(0);
  #measured = -1;

  constructor(words: WordIndex, order: PageOrder, neighbourShare: number) {
    this.#words = words;
    this.#order = order;
    this.#neighbourShare = neighbourShare;
  }

  /**
   * Scores all pages and sessions. Returns the sum of the weights of the terms; 0 if no page has any of them.
   */
  run(terms: readonly WeightedTerm[], rows: number): number {
    this.#measure(rows);
    this.scores.fill(0, 0, rows);
    this.sessions.clearScores();
    let worth = 0;
    for (const { id, weight } of terms) {
      const own = weight * this.#words.rarity(id);
      worth += own;
      this.#scoreTerm(id, own * (k1 + 1));
    }
    return worth;
  }

  #scoreTerm(id: number, top: number): void {
    const counted = this.#counted;
    const touched = this.#touched;
    const share = this.#neighbourShare;
    const previous = this.#order.previous.values;
    const next = this.#order.next.values;
    const { of, counted: groupCounted, touched: groupTouched } = this.sessions;
    let touches = 0;
    let groupTouches = 0;
    this.#words.postings.visit(id, (pool, from, to) => {
      for (let i = from; i < to; i++) {
        const packed = pool[i] ?? 0;
        const row = rowOfPosting(packed);
        const group = of[row] ?? -1;
        // A removed page has no session.
        if (group === -1) continue;
        const count = countOfPosting(packed);
        if (counted[row] === 0) touched[touches++] = row;
        counted[row] = (counted[row] ?? 0) + count;
        const before = previous[row] ?? -1;
        if (before !== -1) {
          if (counted[before] === 0) touched[touches++] = before;
          counted[before] = (counted[before] ?? 0) + count * share;
        }
        const after = next[row] ?? -1;
        if (after !== -1) {
          if (counted[after] === 0) touched[touches++] = after;
          counted[after] = (counted[after] ?? 0) + count * share;
        }
        if (groupCounted[group] === 0) groupTouched[groupTouches++] = group;
        groupCounted[group] = (groupCounted[group] ?? 0) + count;
      }
    });
    const { scores } = this;
    const lengths = this.#lengths;
    const flat = k1 * (1 - b);
    const slope = (k1 * b) / this.#meanLength;
    for (let i = 0; i < touches; i++) {
      const row = touched[i] ?? 0;
      const count = counted[row] ?? 0;
      counted[row] = 0;
      scores[row] = (scores[row] ?? 0) + (top * count) / (count + flat + slope * (lengths[row] ?? 0));
    }
    this.#scoreGroups(groupTouches, top);
  }

  #scoreGroups(touches: number, top: number): void {
    const { scores, counted, touched, lengths, meanLength } = this.sessions;
    const flat = k1 * (1 - b);
    const slope = (k1 * b) / meanLength;
    for (let i = 0; i < touches; i++) {
      const group = touched[i] ?? 0;
      const count = counted[group] ?? 0;
      counted[group] = 0;
      scores[group] = (scores[group] ?? 0) + (top * count) / (count + flat + slope * (lengths[group] ?? 0));
    }
  }

  /** Updates lengths and working memory after the pages have changed. */
  #measure(rows: number): void {
    const order = this.#order;
    order.link();
    if (this.#measured === order.version) return;
    this.#measured = order.version;
    if (this.scores.length < rows) {
      const capacity = Math.max(rows, this.scores.length * 2);
      this.scores = new Float32Array(capacity);
      this.#lengths = new Float32Array(capacity);
      this.#counted = new Float32Array(capacity);
      this.#touched = new Int32Array(capacity);
    }
    let sum = 0;
    for (const row of order.rows) {
      const before = order.previous.values[row] ?? -1;
      const after = order.next.values[row] ?? -1;
      const beside =
        (before === -1 ? 0 : this.#words.lengthOf(before)) + (after === -1 ? 0 : this.#words.lengthOf(after));
      const length = this.#words.lengthOf(row) + this.#neighbourShare * beside;
      this.#lengths[row] = length;
      sum += length;
    }
    this.#meanLength = Math.max(1, sum / Math.max(1, order.rows.length));
    this.sessions.arrange(order.session.values, order.sessions, order.rows, (row) =>
      this.#words.lengthOf(row),
    );
  }
}
