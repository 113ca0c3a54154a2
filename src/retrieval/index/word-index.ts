import { distance } from 'fastest-levenshtein';
import { growableFloats, growableInts } from '../../lib/math/growable.js';
import type { IndexStatistics } from '../../ports/memory-index.js';
import { countOfPosting, PostingPool, rowOfPosting } from './posting-pool.js';

/** If the memory has fewer pages than this, a word on all of them may still be rare in general. */
const tellingPagesMin = 50;

/** Counts for all pages of a memory. */
export type WholeMemory = Pick<IndexStatistics, 'pages' | 'words' | 'terms'>;

/** The side of a page. */
export type Side = 'user' | 'agent';

/**
 * The words of pages: for each term its pages, and for each page its terms. The caller numbers rows in
 * increasing order. The postings of removed rows stay, and readers skip them.
 */
export class WordIndex {
  postings = new PostingPool();
  readonly #dictionary = new Map<string, number>();
  /** Number of pages with a term, without removed pages. */
  readonly #documents = growableInts();
  /**
   * Number of pages on which each side said the term, including removed pages. Used only to find the names of
   * the two sides.
   */
  readonly #saidBy = { user: growableInts(), agent: growableInts() };
  /** One more than the row in which each side last said the term. */
  readonly #saidLast = { user: growableInts(), agent: growableInts() };
  /** Terms of the page being added, with their counts. */
  readonly #scratch = { counts: growableInts(), terms: [] as number[] };
  readonly #byTerm = [
    this.#documents,
    this.#saidBy.user,
    this.#saidBy.agent,
    this.#saidLast.user,
    this.#saidLast.agent,
    this.#scratch.counts,
  ];
  /** The terms of each row, without repetition. */
  #forward = growableInts();
  readonly #start = growableInts();
  readonly #distinct = growableInts();
  /** Number of words by row and side, with repetition; 0 for a removed row. */
  readonly #lengths = { user: growableFloats(), agent: growableFloats() };
  #live = 0;
  #words = 0;

  get pages(): number {
    return this.#live;
  }

  /** Number of terms. */
  get terms(): number {
    return this.#dictionary.size;
  }

  /** Number of words on all pages, with repetition, without removed pages. */
  get length(): number {
    return this.#words;
  }

  /**
   * Adds a page by the numbers of its terms. An exact term counts once, and it does not count in the length
   * of the page.
   */
  add(
    row: number,
    userTerms: readonly number[],
    agentTerms: readonly number[],
    besideTerms: readonly number[] = [],
  ): void {
    for (const list of [this.#start, this.#distinct, this.#lengths.user, this.#lengths.agent]) {
      list.reserve(row + 1);
    }
    const { counts, terms } = this.#scratch;
    terms.length = 0;
    for (const [side, list] of [['user', userTerms] as const, ['agent', agentTerms] as const]) {
      const { values } = this.#saidBy[side];
      for (const id of list) {
        const before = counts.values[id] ?? 0;
        if (before === 0) terms.push(id);
        if (this.#saidLast[side].values[id] !== row + 1) values[id] = (values[id] ?? 0) + 1;
        this.#saidLast[side].values[id] = row + 1;
        counts.values[id] = before + 1;
      }
    }
    for (const id of besideTerms) {
      if ((counts.values[id] ?? 0) > 0) continue;
      terms.push(id);
      counts.values[id] = 1;
    }
    this.#start.values[row] = this.#forward.length;
    this.#distinct.values[row] = terms.length;
    this.#lengths.user.values[row] = userTerms.length;
    this.#lengths.agent.values[row] = agentTerms.length;
    this.#live += 1;
    this.#words += userTerms.length + agentTerms.length;
    for (const id of terms) {
      this.#forward.push(id);
      this.postings.add(id, row, counts.values[id] ?? 0);
      this.#documents.values[id] = (this.#documents.values[id] ?? 0) + 1;
      counts.values[id] = 0;
    }
  }

  /**
   * Replaces the counts of these pages with the counts of the complete memory that they belong to. Call it
   * after the last page was added.
   */
  standFor({ pages, words, terms }: WholeMemory): void {
    this.#live = pages;
    this.#words = words.user + words.agent;
    for (const [term, count] of terms) {
      const id = this.idOf(term);
      this.#documents.values[id] = count.pages;
      this.#saidBy.user.values[id] = count.saidByUser;
      this.#saidBy.agent.values[id] = count.saidByAgent;
    }
  }

  remove(row: number): void {
    for (const id of this.termsOf(row)) this.#documents.values[id] = (this.#documents.values[id] ?? 0) - 1;
    this.#words -= this.lengthOf(row);
    this.#distinct.values[row] = 0;
    this.#lengths.user.values[row] = 0;
    this.#lengths.agent.values[row] = 0;
    this.#live -= 1;
  }

  /**
   * Renumbers rows, and removes the data of removed rows, including terms that no other page has.
   * `renumbered` has the new row of each old row, in ascending order; -1 for a removed row. The numbers of
   * terms change.
   */
  compact(renumbered: Int32Array): void {
    const numbers = this.#forgetTerms();
    const forward = growableInts();
    renumbered.forEach((row, before) => {
      if (row === -1) return;
      const terms = this.termsOf(before);
      const start = forward.length;
      for (const term of terms) forward.push(numbers[term] ?? -1);
      this.#start.values[row] = start;
      for (const list of [this.#distinct, this.#lengths.user, this.#lengths.agent]) {
        list.values[row] = list.values[before] ?? 0;
      }
    });
    this.#forward = forward;
    const postings = new PostingPool();
    numbers.forEach((number, term) => {
      if (number === -1) return;
      postings.addTerm();
      this.postings.visit(term, (pool, from, to) => {
        for (let i = from; i < to; i++) {
          const packed = pool[i] ?? 0;
          const row = renumbered[rowOfPosting(packed)] ?? -1;
          if (row !== -1) postings.add(number, row, countOfPosting(packed));
        }
      });
    });
    this.postings = postings;
  }

  /**
   * Removes terms that no page has. Returns the new number of each old number, in ascending order; -1 for a
   * removed term.
   */
  #forgetTerms(): Int32Array {
    const numbers = new Int32Array(this.#dictionary.size).fill(-1);
    let next = 0;
    // Ordered by number.
    for (const [term, id] of this.#dictionary) {
      if ((this.#documents.values[id] ?? 0) === 0) {
        this.#dictionary.delete(term);
        continue;
      }
      for (const list of this.#byTerm) list.values[next] = list.values[id] ?? 0;
      this.#dictionary.set(term, next);
      numbers[id] = next;
      next += 1;
    }
    for (const list of this.#byTerm) list.length = next;
    // Row numbers have changed.
    for (const side of [this.#saidLast.user, this.#saidLast.agent]) side.values.fill(0);
    return numbers;
  }

  /** Term numbers of a row, each once. */
  termsOf(row: number): Int32Array {
    const start = this.#start.values[row] ?? 0;
    return this.#forward.values.subarray(start, start + (this.#distinct.values[row] ?? 0));
  }

  /** Number of words by row, for one side; valid until the next addition. */
  lengths(side: Side): Float32Array {
    return this.#lengths[side].values;
  }

  lengthOf(row: number): number {
    return (this.#lengths.user.values[row] ?? 0) + (this.#lengths.agent.values[row] ?? 0);
  }

  /** Terms at most `distanceMax` edits from an unknown term: nearest first, then most frequent first. */
  nearTo(term: string, distanceMax: number, most: number): string[] {
    const near: { readonly text: string; readonly edits: number; readonly pages: number }[] = [];
    for (const [text, id] of this.#dictionary) {
      if (Math.abs(text.length - term.length) > distanceMax) continue;
      const pages = this.#documents.values[id] ?? 0;
      if (pages === 0) continue;
      const edits = distance(text, term);
      if (edits <= distanceMax) near.push({ text, edits, pages });
    }
    near.sort((a, b) => a.edits - b.edits || b.pages - a.pages || (a.text < b.text ? -1 : 1));
    return near.slice(0, most).map(({ text }) => text);
  }

  /** The number of a term; undefined if no page has the term. */
  find(term: string): number | undefined {
    const id = this.#dictionary.get(term);
    return id === undefined || (this.#documents.values[id] ?? 0) === 0 ? undefined : id;
  }

  /** Inverse document frequency, above 0. */
  rarity(term: number): number {
    const holding = this.#documents.values[term] ?? 0;
    return Math.log(1 + (this.#live - holding + 0.5) / (holding + 0.5));
  }

  /** The rarity of a word that no page has. */
  get rarityMax(): number {
    return Math.log(1 + (this.#live + 0.5) / 0.5);
  }

  /**
   * How informative a term is: its rarity in a memory of at least {@link tellingPagesMin} pages. In a smaller
   * memory, the rarity of a term is not reliable.
   */
  telling(term: number): number {
    const holding = this.#documents.values[term] ?? 0;
    return Math.log(1 + (Math.max(tellingPagesMin, this.#live) - holding + 0.5) / (holding + 0.5));
  }

  /** The same for a word that no page has. */
  get tellingMax(): number {
    return Math.log(1 + (Math.max(tellingPagesMin, this.#live) + 0.5) / 0.5);
  }

  /** The number of pages on which each side said a term. */
  saidBy(term: number): { readonly user: number; readonly agent: number } {
    return { user: this.#saidBy.user.values[term] ?? 0, agent: this.#saidBy.agent.values[term] ?? 0 };
  }

  /** The number of a term. A new term gets a new number. */
  idOf(term: string): number {
    let id = this.#dictionary.get(term);
    if (id === undefined) {
      id = this.postings.addTerm();
      this.#dictionary.set(term, id);
      for (const list of this.#byTerm) list.push(0);
    }
    return id;
  }
}
