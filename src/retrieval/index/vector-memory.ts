import type { PageId, SegmentId } from '../../model/ids.js';
import type { SegmentHead } from '../../model/segment.js';
import type { Embedder } from '../../ports/embedder.js';
import type { UserStore } from '../../ports/memory-store.js';
import type { PageIndex } from './page-index.js';
import { VectorTable } from './vector-table.js';

/** What a segment's file did not have. */
export interface Missing {
  readonly pages: readonly PageId[];
  readonly summary: boolean;
  /** The file was made with another model. */
  readonly otherModel: boolean;
}

/** The vectors of pages and segment summaries, in memory and in the store's files. */
export class VectorMemory {
  table: VectorTable | null = null;
  readonly #store: UserStore;
  readonly #embedder: Embedder;
  readonly #index: PageIndex;
  readonly #summaries = new Map<SegmentId, { text: string; vector: Float32Array }>();
  /** Vectors no file has yet. */
  readonly #unsaved = new Map<string, Float32Array>();

  constructor(store: UserStore, embedder: Embedder, index: PageIndex) {
    this.#store = store;
    this.#embedder = embedder;
    this.#index = index;
  }

  /** The vector of the summary the segment has now. */
  summaryVector(id: SegmentId): Float32Array | undefined {
    const head = this.#store.state.segments.get(id)?.head;
    const found = this.#summaries.get(id);
    return head !== undefined && found?.text === head.summary ? found.vector : undefined;
  }

  setSummary(id: SegmentId, text: string, vector: Float32Array): void {
    this.#summaries.set(id, { text, vector });
  }

  setPage(id: PageId, vector: Float32Array): void {
    const row = this.#index.rowOf(id);
    if (row === undefined) return;
    this.#tableOf(vector.length).set(row, vector);
    this.#unsaved.set(id, vector);
  }

  forgetPage(id: PageId, row: number): void {
    this.#unsaved.delete(id);
    this.table?.clear(row);
  }

  forgetSegment(id: SegmentId): void {
    this.#summaries.delete(id);
  }

  async load(id: SegmentId): Promise<Missing> {
    const saved = await this.#store.loadVectors(id);
    const segment = this.#store.state.segments.get(id);
    if (segment === undefined) return { pages: [], summary: false, otherModel: false };
    const dimensions = this.table?.dimensions ?? this.#embedder.dimensions;
    const fits =
      saved !== null &&
      saved.model === this.#embedder.model &&
      (dimensions === 0 || saved.dimensions === dimensions);
    const pages: PageId[] = [];
    for (const page of segment.pages) {
      const vector = fits ? saved.pages.get(page.id) : undefined;
      const row = this.#index.rowOf(page.id);
      if (row === undefined) continue;
      if (vector === undefined) pages.push(page.id);
      else this.#tableOf(vector.length).set(row, vector);
    }
    if (fits && saved.summary?.text === segment.head.summary) this.#summaries.set(id, saved.summary);
    const summary = this.summaryVector(id) === undefined;
    return { pages, summary, otherModel: saved !== null && !fits };
  }

  /** Writes what there is. Returns the pages whose vectors are neither in memory nor in the file. */
  async save(id: SegmentId): Promise<PageId[]> {
    const segment = this.#store.state.segments.get(id);
    if (segment === undefined || this.table === null) return [];
    const { dimensions } = this.table;
    const { model } = this.#embedder;
    const saved = await this.#store.loadVectors(id).catch(() => null);
    const usable = saved?.model === model && saved.dimensions === dimensions;
    const pages = new Map<string, Float32Array>();
    const missing: PageId[] = [];
    for (const page of segment.pages) {
      // One that is still to be read into the index comes back then.
      if (this.#index.rowOf(page.id) === undefined) continue;
      const vector = this.#unsaved.get(page.id) ?? (usable ? saved.pages.get(page.id) : undefined);
      if (vector === undefined) missing.push(page.id);
      else pages.set(page.id, vector);
    }
    await this.#store.saveVectors(id, { model, dimensions, summary: this.#summaryOf(segment.head), pages });
    for (const page of pages.keys()) this.#unsaved.delete(page);
    return missing;
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
