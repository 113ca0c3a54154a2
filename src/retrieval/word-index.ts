import { growableBytes, growableFloats, growableInts } from '../lib/growable.js';
import type { PageOrder } from './page-order.js';
import { countOfPosting, PostingPool, rowOfPosting } from './posting-pool.js';

/** Parameters of BM25 (Robertson and Zaragoza, 2009) and of what a page borrows from its neighbours. */
export interface WordWeights {
  readonly k1: number;
  readonly b: number;
  /** How much of a neighbour's words count as the page's own. */
  readonly neighbourShare: number;
}

/**
 * The words of pages, for BM25 over pages that borrow from the pages beside them in the session, and over whole
 * sessions. Rows are numbered by the caller; a removed row leaves its postings behind until {@link rebuild}.
 */
export class WordIndex {
  #dictionary = new Map<string, number>();
  #postings = new PostingPool();
  /** In how many live pages a term is. */
  readonly #documents = growableInts();
  /** The terms of each row, without repetition, and their counts. */
  #forward = growableInts();
  #counts = growableBytes();
  readonly #start = growableInts();
  readonly #distinct = growableInts();
  /** Words of each row, with repetition; 0 for a removed row. */
  readonly #lengths = growableFloats();
  #live = 0;
  #rows = 0;

  /** Lengths of pages with what they borrow, and of sessions; as of the last {@link #measure}. */
  readonly #blended = growableFloats();
  readonly #sessionLengths = growableFloats();
  #blendedMean = 1;
  #sessionMean = 1;

  #counted = new Float32Array(0);
  #touched = new Int32Array(0);
  #sessionCounted = new Float32Array(0);
  #sessionTouched = new Int32Array(0);

  get rows(): number {
    return this.#rows;
  }

  add(row: number, terms: readonly string[]): void {
    const counts = new Map<number, number>();
    for (const term of terms) {
      const id = this.#idOf(term);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const list of [this.#start, this.#distinct, this.#lengths]) list.reserve(row + 1);
    this.#rows = Math.max(this.#rows, row + 1);
    this.#start.values[row] = this.#forward.length;
    this.#distinct.values[row] = counts.size;
    this.#lengths.values[row] = terms.length;
    this.#live += 1;
    for (const [id, count] of counts) {
      this.#forward.push(id);
      this.#counts.push(Math.min(count, 255));
      this.#postings.add(id, row, count);
      this.#documents.values[id] = (this.#documents.values[id] ?? 0) + 1;
    }
  }

  remove(row: number): void {
    for (const id of this.termsOf(row)) this.#documents.values[id] = (this.#documents.values[id] ?? 0) - 1;
    this.#distinct.values[row] = 0;
    this.#lengths.values[row] = 0;
    this.#live -= 1;
  }

  /** Term numbers of a row, each once. */
  termsOf(row: number): Int32Array {
    const start = this.#start.values[row] ?? 0;
    return this.#forward.values.subarray(start, start + (this.#distinct.values[row] ?? 0));
  }

  lengthOf(row: number): number {
    return this.#lengths.values[row] ?? 0;
  }

  /** Undefined for a term no page has. */
  find(term: string): number | undefined {
    const id = this.#dictionary.get(term);
    return id === undefined || (this.#documents.values[id] ?? 0) === 0 ? undefined : id;
  }

  /** Inverse document frequency, above 0. */
  rarity(term: number): number {
    const holding = this.#documents.values[term] ?? 0;
    return Math.log(1 + (this.#live - holding + 0.5) / (holding + 0.5));
  }

  /**
   * Adds the BM25 score of every page to `pages` (by row) and of every session to `sessions`, for distinct
   * terms with their weights.
   */
  score(
    terms: readonly { readonly id: number; readonly weight: number }[],
    order: PageOrder,
    weights: WordWeights,
    pages: Float32Array,
    sessions: Float32Array,
  ): void {
    this.#measure(order, weights.neighbourShare);
    for (const { id, weight } of terms) {
      this.#scoreTerm(id, weight * this.rarity(id), order, weights, pages, sessions);
    }
  }

  #scoreTerm(
    id: number,
    worth: number,
    order: PageOrder,
    { k1, b, neighbourShare }: WordWeights,
    pages: Float32Array,
    sessions: Float32Array,
  ): void {
    const counted = this.#counted;
    const touched = this.#touched;
    const sessionCounted = this.#sessionCounted;
    const sessionTouched = this.#sessionTouched;
    const previous = order.previous.values;
    const next = order.next.values;
    const session = order.session.values;
    let touches = 0;
    let sessionTouches = 0;
    const credit = (row: number, amount: number) => {
      if (counted[row] === 0) touched[touches++] = row;
      counted[row] = (counted[row] ?? 0) + amount;
    };
    this.#postings.visit(id, (pool, from, to) => {
      for (let i = from; i < to; i++) {
        const packed = pool[i] ?? 0;
        const row = rowOfPosting(packed);
        const at = session[row] ?? -1;
        if (at === -1) continue;
        const count = countOfPosting(packed);
        credit(row, count);
        if (neighbourShare > 0) {
          const before = previous[row] ?? -1;
          const after = next[row] ?? -1;
          if (before !== -1) credit(before, count * neighbourShare);
          if (after !== -1) credit(after, count * neighbourShare);
        }
        if (sessionCounted[at] === 0) sessionTouched[sessionTouches++] = at;
        sessionCounted[at] = (sessionCounted[at] ?? 0) + count;
      }
    });
    const blended = this.#blended.values;
    const perLength = (k1 * b) / this.#blendedMean;
    const flat = k1 * (1 - b);
    const top = worth * (k1 + 1);
    for (let i = 0; i < touches; i++) {
      const row = touched[i] ?? 0;
      const count = counted[row] ?? 0;
      counted[row] = 0;
      pages[row] = (pages[row] ?? 0) + (top * count) / (count + flat + perLength * (blended[row] ?? 0));
    }
    const sessionLengths = this.#sessionLengths.values;
    const perSessionLength = (k1 * b) / this.#sessionMean;
    for (let i = 0; i < sessionTouches; i++) {
      const at = sessionTouched[i] ?? 0;
      const count = sessionCounted[at] ?? 0;
      sessionCounted[at] = 0;
      sessions[at] =
        (sessions[at] ?? 0) + (top * count) / (count + flat + perSessionLength * (sessionLengths[at] ?? 0));
    }
  }

  #measured = -1;

  /** Lengths and scratch space, after the order was linked anew. */
  #measure(order: PageOrder, share: number): void {
    order.link();
    if (this.#measured === order.version) return;
    this.#measured = order.version;
    this.#blended.reserve(this.#rows);
    this.#sessionLengths.reserve(order.sessions);
    this.#sessionLengths.values.fill(0);
    if (this.#counted.length < this.#rows) {
      this.#counted = new Float32Array(this.#lengths.values.length);
      this.#touched = new Int32Array(this.#lengths.values.length);
    }
    if (this.#sessionCounted.length < order.sessions) {
      this.#sessionCounted = new Float32Array(this.#sessionLengths.values.length);
      this.#sessionTouched = new Int32Array(this.#sessionLengths.values.length);
    }
    const lengths = this.#lengths.values;
    const previous = order.previous.values;
    const next = order.next.values;
    const blended = this.#blended.values;
    let sum = 0;
    let blendedSum = 0;
    for (const row of order.rows) {
      const own = lengths[row] ?? 0;
      const before = previous[row] ?? -1;
      const after = next[row] ?? -1;
      const beside =
        (before === -1 ? 0 : (lengths[before] ?? 0)) + (after === -1 ? 0 : (lengths[after] ?? 0));
      blended[row] = own + share * beside;
      blendedSum += blended[row] ?? 0;
      sum += own;
      const at = order.session.values[row] ?? 0;
      this.#sessionLengths.values[at] = (this.#sessionLengths.values[at] ?? 0) + own;
    }
    this.#blendedMean = Math.max(1, blendedSum / Math.max(1, order.rows.length));
    this.#sessionMean = Math.max(1, sum / Math.max(1, order.sessions));
  }

  #idOf(term: string): number {
    let id = this.#dictionary.get(term);
    if (id === undefined) {
      id = this.#postings.addTerm();
      this.#dictionary.set(term, id);
      this.#documents.push(0);
    }
    return id;
  }
}
