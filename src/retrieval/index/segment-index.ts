import { growableInts } from '../../lib/math/growable.js';
import { words } from '../../lib/text/words.js';
import type { SegmentId } from '../../model/ids.js';
import type { SegmentHead } from '../../model/segment.js';
import { WordIndex } from './word-index.js';

interface Entry {
  readonly id: SegmentId;
  /** Rows of its pages. */
  readonly pages: Set<number>;
  /** The text of its head, and the row of that text in the word index; -1 for none. */
  text: string;
  textRow: number;
}

const oldTextsMax = 100;

/**
 * Segments, numbered from 1: the rows of their pages, and the words of their themes, summaries and keywords.
 */
export class SegmentIndex {
  /** The number of the segment of each row; 0 for none. */
  readonly of = growableInts();
  readonly #numbers = new Map<SegmentId, number>();
  readonly #entries: (Entry | null)[] = [null];
  readonly #free: number[] = [];
  #words = new WordIndex();
  /** Number of rows used in the word index so far. */
  #textRows = 0;

  /** One more than the highest number. */
  get numbers(): number {
    return this.#entries.length;
  }

  /** The words of segments' heads, by {@link textRowOf}. */
  get words(): WordIndex {
    return this.#words;
  }

  get textRows(): number {
    return this.#textRows;
  }

  textRowOf(number: number): number {
    return this.#entries[number]?.textRow ?? -1;
  }

  /** The segment of a page. */
  idOf(row: number): SegmentId | undefined {
    return this.#entries[this.of.values[row] ?? 0]?.id;
  }

  /** Rows of the pages in a segment. */
  pagesIn(id: SegmentId): number[] {
    return [...(this.#entries[this.#numbers.get(id) ?? 0]?.pages ?? [])];
  }

  /** Moves a page into this segment. */
  place(row: number, id: SegmentId): void {
    this.take(row);
    const number = this.#numberOf(id);
    this.#entries[number]?.pages.add(row);
    this.of.reserve(row + 1);
    this.of.values[row] = number;
  }

  /** Removes a page from its segment. */
  take(row: number): void {
    const number = this.of.values[row] ?? 0;
    const entry = this.#entries[number];
    if (entry === undefined || entry === null) return;
    this.of.values[row] = 0;
    entry.pages.delete(row);
    this.#dropIfEmpty(entry, number);
  }

  /** Updates the text of a segment's head. */
  describe({ id, theme, summary, keywords }: SegmentHead): void {
    const entry = this.#entries[this.#numberOf(id)];
    const text = [theme, summary, keywords.join(' ')].join('\n');
    if (entry === undefined || entry === null || (entry.text === text && entry.textRow !== -1)) return;
    if (entry.textRow !== -1) this.#words.remove(entry.textRow);
    entry.text = text;
    this.#addText(entry);
    if (this.#textRows > oldTextsMax + 2 * this.#numbers.size) this.#rebuildWords();
  }

  /** Removes the text of a segment's head. */
  forget(id: SegmentId): void {
    const number = this.#numbers.get(id) ?? 0;
    const entry = this.#entries[number];
    if (entry === undefined || entry === null) return;
    if (entry.textRow !== -1) this.#words.remove(entry.textRow);
    entry.textRow = -1;
    this.#dropIfEmpty(entry, number);
  }

  /**
   * Renumbers the rows of pages. `renumbered` has the new row of each old row, in ascending order; -1 for a
   * removed row.
   */
  compact(renumbered: Int32Array): void {
    for (const entry of this.#entries) entry?.pages.clear();
    this.of.reserve(renumbered.length);
    const { values } = this.of;
    renumbered.forEach((row, before) => {
      const number = values[before] ?? 0;
      values[before] = 0;
      if (row === -1) return;
      values[row] = number;
      this.#entries[number]?.pages.add(row);
    });
  }

  #numberOf(id: SegmentId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#entries.length;
    this.#entries[number] = { id, pages: new Set(), text: '', textRow: -1 };
    this.#numbers.set(id, number);
    return number;
  }

  #dropIfEmpty(entry: Entry, number: number): void {
    if (entry.pages.size > 0 || entry.textRow !== -1) return;
    this.#entries[number] = null;
    this.#numbers.delete(entry.id);
    this.#free.push(number);
  }

  #addText(entry: Entry): void {
    entry.textRow = this.#textRows;
    this.#textRows += 1;
    const terms = words(entry.text).map((term) => this.#words.idOf(term));
    this.#words.add(entry.textRow, terms, []);
  }

  /** Replaced texts leave postings behind. This removes them; it is called if there are many. */
  #rebuildWords(): void {
    this.#words = new WordIndex();
    this.#textRows = 0;
    for (const entry of this.#entries) {
      if (entry !== null && entry.textRow !== -1) this.#addText(entry);
    }
  }
}
