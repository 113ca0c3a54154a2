import { growableInts } from '../../lib/math/growable.js';

const firstBlock = 4;
const largestBlock = 1024;
const rowBits = 27;
const countMax = (1 << (31 - rowBits)) - 1;

/**
 * The lists of an inverted index: for each term, its rows and counts. All lists are in one array of integers,
 * so a term needs no object of its own. A list is a chain of blocks; each block is twice as large as the one
 * before. A block has the position of the next block (0: none), its size, and its entries.
 */
export class PostingPool {
  #pool = growableInts();
  readonly #head = growableInts();
  readonly #last = growableInts();
  /** Number of entries in the last block. */
  readonly #fill = growableInts();

  constructor() {
    this.#pool.push(0);
  }

  addTerm(): number {
    this.#head.push(0);
    this.#last.push(0);
    this.#fill.push(0);
    return this.#head.length - 1;
  }

  /**
   * Adds a row to a term. The rows need ascending order only if the reader requires it. A count over 15 is
   * stored as 15.
   */
  add(term: number, row: number, count: number): void {
    const pool = this.#pool;
    let block = this.#last.values[term] ?? 0;
    let fill = this.#fill.values[term] ?? 0;
    if (block === 0 || fill === pool.values[block + 1]) {
      const size = block === 0 ? firstBlock : Math.min(largestBlock, (pool.values[block + 1] ?? 0) * 2);
      const fresh = pool.length;
      pool.reserve(fresh + 2 + size);
      pool.length = fresh + 2 + size;
      pool.values[fresh + 1] = size;
      if (block === 0) this.#head.values[term] = fresh;
      else pool.values[block] = fresh;
      this.#last.values[term] = fresh;
      block = fresh;
      fill = 0;
    }
    pool.values[block + 2 + fill] = (Math.min(count, countMax) << rowBits) | row;
    this.#fill.values[term] = fill + 1;
  }

  /** Calls `visit` with runs of packed entries: `pool[from] … pool[to - 1]`. */
  visit(term: number, visit: (pool: Int32Array, from: number, to: number) => void): void {
    const pool = this.#pool.values;
    const last = this.#last.values[term] ?? 0;
    for (let block = this.#head.values[term] ?? 0; block !== 0; block = pool[block] ?? 0) {
      const size = block === last ? (this.#fill.values[term] ?? 0) : (pool[block + 1] ?? 0);
      visit(pool, block + 2, block + 2 + size);
    }
  }
}

export const rowOfPosting = (packed: number): number => packed & ((1 << rowBits) - 1);
export const countOfPosting = (packed: number): number => packed >>> rowBits;
