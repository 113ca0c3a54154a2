import type { PageId, SegmentId } from '../../model/ids.js';
import type { SegmentHead } from '../../model/segment.js';
import type { Embedder } from '../../ports/embedder.js';
import type { MeaningReader, TextReading } from '../../ports/meaning-reader.js';
import type { SegmentVectors, UserStore } from '../../ports/memory-store.js';
import type { PageIndex } from './page-index.js';
import { PieceTable } from './piece-table.js';
import { VectorTable } from './vector-table.js';

/** Vectors missing from a segment's file. */
export interface Missing {
  readonly pages: readonly PageId[];
  readonly summary: boolean;
  /** The file was made with another model. */
  readonly otherModel: boolean;
}

export interface VectorMemoryParts {
  readonly store: UserStore;
  /** Embeds summaries. */
  readonly embedder: Embedder;
  /** Computes the vectors of pages; null if search uses only words, and then nothing is saved. */
  readonly reader: MeaningReader | null;
  readonly index: PageIndex;
}

/** The vectors of pages and segment summaries, in memory and in the store's files. */
export class VectorMemory {
  table: VectorTable | null = null;
  readonly pieces = new PieceTable();
  readonly #parts: VectorMemoryParts;
  readonly #summaries = new Map<SegmentId, { text: string; vector: Float32Array }>();
  /** Readings that are not in a file yet. */
  readonly #unsaved = new Map<string, TextReading>();

  constructor(parts: VectorMemoryParts) {
    this.#parts = parts;
  }

  /** The vector of the segment's current summary. */
  summaryVector(id: SegmentId): Float32Array | undefined {
    const head = this.#parts.store.state.segments.get(id)?.head;
    const found = this.#summaries.get(id);
    return head !== undefined && found?.text === head.summary ? found.vector : undefined;
  }

  setSummary(id: SegmentId, text: string, vector: Float32Array): void {
    this.#summaries.set(id, { text, vector });
  }

  setPage(id: PageId, reading: TextReading): void {
    const row = this.#parts.index.rowOf(id);
    if (row === undefined) return;
    this.#take(row, reading);
    this.#unsaved.set(id, reading);
  }

  forgetPage(id: PageId, row: number): void {
    this.#unsaved.delete(id);
    this.table?.clear(row);
    this.pieces.clear(row);
  }

  forgetSegment(id: SegmentId): void {
    this.#summaries.delete(id);
  }

  compact(renumbered: Int32Array): void {
    this.table?.compact(renumbered);
    this.pieces.compact(renumbered);
  }

  async load(id: SegmentId): Promise<Missing> {
    const { store, reader, index } = this.#parts;
    const saved = reader === null ? null : await store.loadVectors(id);
    const segment = store.state.segments.get(id);
    if (segment === undefined) return { pages: [], summary: false, otherModel: false };
    const fits = saved !== null && this.#fits(saved);
    const pages: PageId[] = [];
    for (const page of reader === null ? [] : segment.pages) {
      const row = index.rowOf(page.id);
      if (row === undefined) continue;
      const reading = fits ? readingOf(saved, page.id) : undefined;
      if (reading === undefined || !this.#take(row, reading)) pages.push(page.id);
    }
    if (fits && this.#summariesAreSaved && saved.summary?.text === segment.head.summary) {
      this.#summaries.set(id, saved.summary);
    }
    const summary = this.summaryVector(id) === undefined;
    return { pages, summary, otherModel: saved !== null && !fits };
  }

  /** Saves the segment's vectors. Returns the pages whose vectors are neither in memory nor in the file. */
  async save(id: SegmentId): Promise<PageId[]> {
    const { store, reader, index } = this.#parts;
    const segment = store.state.segments.get(id);
    if (segment === undefined || reader === null || this.table === null) return [];
    const { dimensions } = this.table;
    const { model } = reader;
    const saved = await store.loadVectors(id).catch(() => null);
    const usable = saved?.model === model && saved.dimensions === dimensions;
    const pages = new Map<string, Float32Array>();
    const pieces = new Map<string, Uint8Array>();
    const missing: PageId[] = [];
    for (const page of segment.pages) {
      // A page that is not in the index yet is handled when it is read.
      if (index.rowOf(page.id) === undefined) continue;
      const reading = this.#unsaved.get(page.id) ?? (usable ? readingOf(saved, page.id) : undefined);
      if (reading === undefined) {
        missing.push(page.id);
        continue;
      }
      pages.set(page.id, reading.vector);
      if (reading.pieces !== null) pieces.set(page.id, reading.pieces);
    }
    const summary = this.#summariesAreSaved ? this.#summaryOf(segment.head) : null;
    await store.saveVectors(id, { model, dimensions, summary, pages, pieces });
    for (const page of pages.keys()) this.#unsaved.delete(page);
    return missing;
  }

  /**
   * True if pages and summaries use the same vector space. The vectors of the built-in embedder are not
   * saved, because it recomputes them faster than they can be read from disk.
   */
  get #summariesAreSaved(): boolean {
    return this.#parts.reader?.model === this.#parts.embedder.model;
  }

  #fits(saved: SegmentVectors): boolean {
    const { reader } = this.#parts;
    if (reader === null || saved.model !== reader.model) return false;
    const dimensions = this.table?.dimensions ?? reader.dimensions;
    return dimensions === 0 || saved.dimensions === dimensions;
  }

  /** Stores a reading; false if its pieces are damaged. */
  #take(row: number, { vector, pieces }: TextReading): boolean {
    if (pieces !== null && !this.pieces.set(row, pieces)) return false;
    this.#tableOf(vector.length).set(row, vector);
    return true;
  }

  #summaryOf(head: SegmentHead): { text: string; vector: Float32Array } | null {
    const summary = this.#summaries.get(head.id);
    return summary?.text === head.summary ? summary : null;
  }

  #tableOf(dimensions: number): VectorTable {
    if (this.table?.dimensions === dimensions) return this.table;
    this.table = new VectorTable(dimensions);
    return this.table;
  }
}

function readingOf(saved: SegmentVectors, id: PageId): TextReading | undefined {
  const vector = saved.pages.get(id);
  return vector === undefined ? undefined : { vector, pieces: saved.pieces.get(id) ?? null };
}
