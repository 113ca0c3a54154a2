import { growableInts } from '../lib/math/growable.js';

/**
 * A page belongs to the session of the page before it if at most this time lies between them. People return
 * to a chat either within the hour or on another occasion. In transcripts, all pages of a session have the
 * same time.
 */
export const sessionGapMs = 60 * 60 * 1000;

/** Rows of pages in chronological order, divided into sessions, with their neighbours. */
export class PageOrder {
  readonly #times: number[] = [];
  readonly #ids: string[] = [];
  readonly #chains: (string | null)[] = [];
  #order: number[] = [];
  readonly #removed = new Set<number>();
  #sorted = true;
  #stale = true;
  #version = 0;
  #sessions = 0;
  /** The previous and the next row in the same session or dialogue chain; -1 at the ends. */
  readonly previous = growableInts();
  readonly next = growableInts();
  readonly session = growableInts();

  /** Rows in chronological order, as of the last {@link link}. */
  get rows(): readonly number[] {
    return this.#order;
  }

  /** Number of sessions, as of the last {@link link}. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Changes with every {@link link} that changes something. */
  get version(): number {
    return this.#version;
  }

  /** Whether any page is from this period. */
  holds(startMs: number, endMs: number): boolean {
    this.link();
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeOf(this.#order[middle] ?? 0) < startMs) low = middle + 1;
      else high = middle;
    }
    const row = this.#order[low];
    return row !== undefined && this.timeOf(row) <= endMs;
  }

  timeOf(row: number): number {
    return this.#times[row] ?? 0;
  }

  /** Inserts a page. Pages of the same time are ordered by id, which is the order of their creation. */
  insert(row: number, timeMs: number, id: string): void {
    this.#times[row] = timeMs;
    this.#ids[row] = id;
    this.#chains[row] = null;
    const last = this.#order.at(-1);
    if (last !== undefined && this.#compare(last, row) > 0) this.#sorted = false;
    this.#order.push(row);
    this.#stale = true;
  }

  /** Sets the dialogue chain of a page; null for none. */
  setChain(row: number, chain: string | null): void {
    if ((this.#chains[row] ?? null) === chain) return;
    this.#chains[row] = chain;
    this.#stale = true;
  }

  remove(row: number): void {
    this.#removed.add(row);
    this.#stale = true;
  }

  /**
   * Renumbers rows. `renumbered` has the new row of each old row, in ascending order; -1 for a removed row.
   */
  compact(renumbered: Int32Array): void {
    this.link();
    renumbered.forEach((row, before) => {
      if (row === -1) return;
      this.#times[row] = this.#times[before] ?? 0;
      this.#ids[row] = this.#ids[before] ?? '';
      this.#chains[row] = this.#chains[before] ?? null;
    });
    this.#order = this.#order.map((row) => renumbered[row] ?? -1);
    this.#times.length = this.#order.length;
    this.#ids.length = this.#order.length;
    this.#chains.length = this.#order.length;
    this.#stale = true;
  }

  /** Updates neighbours and sessions in one pass over all rows. Does nothing if no page has changed. */
  link(): void {
    if (!this.#stale) return;
    this.#settle();
    for (const list of [this.previous, this.next, this.session]) list.reserve(this.#times.length);
    const previous = this.previous.values.fill(-1);
    const next = this.next.values.fill(-1);
    const session = this.session.values.fill(-1);
    let current = -1;
    let before = -1;
    for (const row of this.#order) {
      const oneSession = before !== -1 && this.timeOf(row) - this.timeOf(before) <= sessionGapMs;
      if (oneSession || (before !== -1 && this.#oneChain(before, row))) {
        previous[row] = before;
        next[before] = row;
      }
      if (!oneSession) current += 1;
      session[row] = current;
      before = row;
    }
    this.#sessions = current + 1;
    this.#stale = false;
    this.#version += 1;
  }

  /** Sorts many new pages together, for example when a memory is opened. */
  #settle(): void {
    if (this.#removed.size > 0) {
      this.#order = this.#order.filter((row) => !this.#removed.has(row));
      this.#removed.clear();
    }
    if (!this.#sorted) this.#order.sort((a, b) => this.#compare(a, b));
    this.#sorted = true;
  }

  #oneChain(a: number, b: number): boolean {
    const chain = this.#chains[a] ?? null;
    return chain !== null && chain === this.#chains[b];
  }

  #compare(a: number, b: number): number {
    const difference = this.timeOf(a) - this.timeOf(b);
    if (difference !== 0) return difference;
    return (this.#ids[a] ?? '') < (this.#ids[b] ?? '') ? -1 : 1;
  }
}
