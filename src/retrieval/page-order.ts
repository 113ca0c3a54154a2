import { growableInts } from '../lib/growable.js';

/**
 * Pages this close belong to one session. People come back to a chat within the hour or on another occasion;
 * transcripts give all pages of a session one time.
 */
export const sessionGapMs = 60 * 60 * 1000;

/** The rows of pages in the order of their times, cut into sessions. */
export class PageOrder {
  readonly #times: number[] = [];
  readonly #ids: string[] = [];
  #order: number[] = [];
  #stale = true;
  #version = 0;
  #sessions = 0;
  /** The row before and after in the same session, -1 at its ends. */
  readonly previous = growableInts();
  readonly next = growableInts();
  readonly session = growableInts();

  /** Rows in the order of their pages' times. */
  get rows(): readonly number[] {
    return this.#order;
  }

  /** As of the last {@link link}. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Changes with every {@link link} that found something to do. */
  get version(): number {
    return this.#version;
  }

  timeOf(row: number): number {
    return this.#times[row] ?? 0;
  }

  /** Pages of one time are ordered by their ids, which sort as they were made. */
  insert(row: number, timeMs: number, id: string): void {
    this.#times[row] = timeMs;
    this.#ids[row] = id;
    this.#order.splice(this.#placeOf(timeMs, id), 0, row);
    this.#stale = true;
  }

  remove(row: number): void {
    const place = this.#placeOf(this.timeOf(row), this.#ids[row] ?? '');
    if (this.#order[place] !== row) return;
    this.#order.splice(place, 1);
    this.#stale = true;
  }

  /** Gives rows the numbers in `renumbered`, which ascend; -1 for removed ones. */
  compact(renumbered: Int32Array): void {
    renumbered.forEach((row, before) => {
      if (row === -1) return;
      this.#times[row] = this.#times[before] ?? 0;
      this.#ids[row] = this.#ids[before] ?? '';
    });
    this.#order = this.#order.map((row) => renumbered[row] ?? -1);
    this.#times.length = this.#order.length;
    this.#ids.length = this.#order.length;
    this.#stale = true;
  }

  /** Brings neighbours and sessions up to date: one pass over all rows, nothing where nothing changed. */
  link(): void {
    if (!this.#stale) return;
    for (const list of [this.previous, this.next, this.session]) list.reserve(this.#times.length);
    const previous = this.previous.values.fill(-1);
    const next = this.next.values.fill(-1);
    const session = this.session.values.fill(-1);
    let current = -1;
    let before = -1;
    for (const row of this.#order) {
      if (before !== -1 && this.timeOf(row) - this.timeOf(before) <= sessionGapMs) {
        previous[row] = before;
        next[before] = row;
      } else {
        current += 1;
      }
      session[row] = current;
      before = row;
    }
    this.#sessions = current + 1;
    this.#stale = false;
    this.#version += 1;
  }

  #placeOf(timeMs: number, id: string): number {
    const last = this.#order.at(-1);
    if (last === undefined || this.#isBefore(last, timeMs, id)) return this.#order.length;
    let low = 0;
    let high = this.#order.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBefore(this.#order[middle] ?? 0, timeMs, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isBefore(row: number, timeMs: number, id: string): boolean {
    const time = this.timeOf(row);
    return time < timeMs || (time === timeMs && (this.#ids[row] ?? '') < id);
  }
}
