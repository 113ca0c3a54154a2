import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryError, messageOf } from '../model/errors.js';
import type { PageId, SegmentId } from '../model/ids.js';
import type { Page } from '../model/page.js';
import { findPage } from '../model/user-state.js';
import type { Clock } from '../ports/clock.js';
import type { Embedder } from '../ports/embedder.js';
import type { UserStore } from '../ports/memory-store.js';
import type { Reporter } from '../ports/reporter.js';
import { embeddedText, type PageIndex } from './page-index.js';
import { VectorTable } from './vector-table.js';

export interface VectorKeeperOptions {
  readonly store: UserStore;
  readonly embedder: Embedder;
  readonly clock: Clock;
  readonly index: PageIndex;
  /** Texts beside pages and summaries that want a vector, kept in memory only. */
  readonly others: (limit: number) => readonly { readonly text: string; take(vector: Float32Array): void }[];
  readonly report: Reporter;
  /** Wait before a segment's vectors are saved, so that many changes make one file. */
  readonly saveDelayMs: number;
  /** First wait after a failed embedding call; doubles up to 60 s. */
  readonly retryBaseMs: number;
}

const batchTexts = 64;
const loadsAtOnce = 8;
const retryMaxMs = 60_000;
const noticeEveryMs = 5_000;

/**
 * Keeps a vector for every page and segment summary: loads what the store has, embeds what is missing or was
 * made with another model or of another text, saves per segment, all in the background and one after another.
 */
export class VectorKeeper {
  table: VectorTable | null = null;
  readonly #options: VectorKeeperOptions;
  readonly #summaries = new Map<SegmentId, { text: string; vector: Float32Array }>();
  /** Vectors no file has yet. */
  readonly #unsaved = new Map<PageId, Float32Array>();
  readonly #toLoad = new Set<SegmentId>();
  readonly #toEmbed = new Set<PageId>();
  readonly #toSummarise = new Set<SegmentId>();
  readonly #toSave = new Set<SegmentId>();
  #failures = 0;
  #lastError: string | null = null;
  /** Null: not before a restart. */
  #nextTryMs: number | null = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #closed = false;
  #stale = 0;
  #noticedMs = 0;

  constructor(options: VectorKeeperOptions) {
    this.#options = options;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  get missing(): number {
    return Math.max(0, this.#options.index.pages - (this.table?.count ?? 0));
  }

  summaryVector(id: SegmentId): Float32Array | undefined {
    const head = this.#options.store.state.segments.get(id)?.head;
    const found = this.#summaries.get(id);
    return head !== undefined && found?.text === head.summary ? found.vector : undefined;
  }

  /** Begins with all that is in the state. */
  start(): void {
    const { state } = this.#options.store;
    this.table = null;
    for (const set of [this.#toLoad, this.#toEmbed, this.#toSummarise, this.#toSave]) set.clear();
    for (const map of [this.#summaries, this.#unsaved]) map.clear();
    for (const page of state.shortTerm) this.#toEmbed.add(page.id);
    for (const id of state.segments.keys()) this.#toLoad.add(id);
    this.#wake(0);
  }

  pageAdded(id: PageId): void {
    this.#toEmbed.add(id);
    this.#wake(0);
  }

  /** There may be {@link VectorKeeperOptions.others}. */
  othersAdded(): void {
    this.#wake(0);
  }

  /** A segment's pages or its summary changed. */
  segmentChanged(id: SegmentId): void {
    if (this.#toLoad.has(id)) return;
    if (this.summaryVector(id) === undefined) this.#toSummarise.add(id);
    this.#toSave.add(id);
    this.#wake(0);
  }

  segmentGone(id: SegmentId): void {
    for (const set of [this.#toLoad, this.#toSummarise, this.#toSave]) set.delete(id);
    this.#summaries.delete(id);
  }

  pageGone(id: PageId, row: number): void {
    this.#toEmbed.delete(id);
    this.#unsaved.delete(id);
    this.table?.clear(row);
  }

  /** Whether a call would only run into the wait after the last failure. */
  get resting(): boolean {
    return this.#nextTryMs === null || this.#options.clock.now() < this.#nextTryMs;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    this.#lastError = messageOf(error);
    const rejected = error instanceof MemoryError && error.code === 'MODEL_REJECTED';
    const waitMs = Math.min(retryMaxMs, this.#options.retryBaseMs * 2 ** (this.#failures - 1));
    this.#nextTryMs = rejected ? null : this.#options.clock.now() + waitMs;
    if (this.#failures === 1) {
      const next = rejected ? 'mend the configuration and start again' : 'it is tried again';
      this.#options.report(
        'warning',
        `The embedder ${this.#options.embedder.model} fails: ${this.#lastError} Search goes on by words; ${next}.`,
      );
    }
    if (!rejected) this.#wake(waitMs);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#lastError = null;
    this.#nextTryMs = 0;
  }

  /** Resolves when all is embedded and saved, or nothing more can be done for now. */
  async settled(): Promise<void> {
    do {
      this.#wake(0, true);
      await this.#running;
    } while (!this.#closed && !this.resting && this.#hasWork());
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#save().catch(() => undefined);
  }

  #hasWork(): boolean {
    return this.#toLoad.size + this.#toSave.size > 0 || this.#hasTexts();
  }

  #wake(delayMs: number, saveNow = false): void {
    if (this.#closed || this.#running !== null) return;
    clearTimeout(this.#timer);
    const run = () => {
      this.#running = this.#work(saveNow)
        .catch((error: unknown) => this.#report(error))
        .finally(() => {
          this.#running = null;
        });
    };
    if (saveNow) run();
    else this.#timer = setTimeout(run, delayMs).unref();
  }

  async #work(saveNow: boolean): Promise<void> {
    await this.#load();
    while (!this.#closed && !this.resting && this.#hasTexts()) {
      try {
        await this.#embedOthers();
        await this.#embedBatch();
        this.succeeded();
      } catch (error) {
        this.failed(error);
        return;
      }
      await nextTurn();
    }
    if (this.#stale > 0 && this.#toEmbed.size === 0) this.#finishRebuild();
    if (this.#toSave.size === 0 || this.#closed) return;
    if (saveNow) await this.#save();
    else this.#timer = setTimeout(() => this.#wake(0, true), this.#options.saveDelayMs).unref();
  }

  async #load(): Promise<void> {
    while (this.#toLoad.size > 0 && !this.#closed) {
      const ids = [...this.#toLoad].slice(0, loadsAtOnce);
      await Promise.all(ids.map((id) => this.#loadSegment(id)));
      for (const id of ids) this.#toLoad.delete(id);
    }
    if (this.#stale > 0) this.#sayProgress();
  }

  async #loadSegment(id: SegmentId): Promise<void> {
    const { store, embedder, index } = this.#options;
    const saved = await store.loadVectors(id).catch((error: unknown) => {
      this.#report(error);
      return null;
    });
    const segment = store.state.segments.get(id);
    if (segment === undefined) return;
    const fits =
      saved !== null &&
      saved.model === embedder.model &&
      (embedder.dimensions === 0 || saved.dimensions === embedder.dimensions) &&
      (this.table === null || this.table.dimensions === saved.dimensions);
    const stale = new Set<PageId>();
    for (const page of segment.pages) {
      const vector = fits ? saved.pages.get(page.id) : undefined;
      const row = index.rowOf(page.id);
      if (row === undefined) continue;
      if (vector === undefined) stale.add(page.id);
      else this.#tableOf(vector.length).set(row, vector);
    }
    for (const page of stale) this.#toEmbed.add(page);
    if (saved !== null && !fits) this.#stale += stale.size;
    const summary = fits ? saved.summary : null;
    if (summary?.text === segment.head.summary) this.#summaries.set(id, summary);
    else this.#toSummarise.add(id);
    if (stale.size > 0 || this.#toSummarise.has(id)) this.#toSave.add(id);
  }

  #hasTexts(): boolean {
    return this.#toEmbed.size + this.#toSummarise.size > 0 || this.#options.others(1).length > 0;
  }

  async #embedOthers(): Promise<void> {
    const others = this.#options.others(batchTexts);
    if (others.length === 0) return;
    const vectors = await this.#options.embedder.embed(others.map(({ text }) => text));
    others.forEach((other, i) => {
      const vector = vectors[i];
      if (vector !== undefined) other.take(vector);
    });
  }

  async #embedBatch(): Promise<void> {
    const { store, embedder, index } = this.#options;
    const pages = [...this.#toEmbed].slice(0, batchTexts);
    const segments = [...this.#toSummarise].slice(0, batchTexts - pages.length);
    const found = pages.map((id) => this.#pageOf(id)).filter((page) => page !== undefined);
    const heads = segments
      .map((id) => store.state.segments.get(id)?.head)
      .filter((head) => head !== undefined);
    const summaries = heads.map((head) => head.summary);
    if (found.length + summaries.length === 0) {
      for (const id of pages) this.#toEmbed.delete(id);
      for (const id of segments) this.#toSummarise.delete(id);
      return;
    }
    const vectors = await embedder.embed([...found.map(embeddedText), ...summaries]);
    found.forEach((page, i) => {
      const vector = vectors[i];
      const row = index.rowOf(page.id);
      if (vector === undefined || row === undefined) return;
      this.#tableOf(vector.length).set(row, vector);
      this.#unsaved.set(page.id, vector);
      const segment = store.state.segmentOfPage.get(page.id);
      if (segment !== undefined) this.#toSave.add(segment);
    });
    heads.forEach((head, i) => {
      const vector = vectors[found.length + i];
      const text = summaries[i];
      if (vector === undefined || text === undefined) return;
      this.#summaries.set(head.id, { text, vector });
      this.#toSave.add(head.id);
    });
    for (const id of pages) this.#toEmbed.delete(id);
    for (const id of segments) if (this.summaryVector(id) !== undefined) this.#toSummarise.delete(id);
    for (const id of segments) if (!store.state.segments.has(id)) this.#toSummarise.delete(id);
    if (this.#stale > 0) this.#sayProgress();
  }

  async #save(): Promise<void> {
    const { store, embedder } = this.#options;
    for (const id of [...this.#toSave]) {
      const segment = store.state.segments.get(id);
      this.#toSave.delete(id);
      if (segment === undefined || this.table === null) continue;
      const saved = await store.loadVectors(id).catch(() => null);
      const usable = saved?.model === embedder.model && saved.dimensions === this.table.dimensions;
      const pages = new Map<string, Float32Array>();
      for (const page of segment.pages) {
        const vector = this.#unsaved.get(page.id) ?? (usable ? saved.pages.get(page.id) : undefined);
        if (vector === undefined) this.#toEmbed.add(page.id);
        else pages.set(page.id, vector);
      }
      const summary = this.#summaries.get(id) ?? null;
      const { dimensions } = this.table;
      await store.saveVectors(id, { model: embedder.model, dimensions, summary, pages });
      for (const page of pages.keys()) this.#unsaved.delete(page as PageId);
    }
  }

  #pageOf(id: PageId): Page | undefined {
    return findPage(this.#options.store.state, id);
  }

  #tableOf(dimensions: number): VectorTable {
    if (this.table?.dimensions === dimensions) return this.table;
    this.table = new VectorTable(dimensions);
    return this.table;
  }

  #sayProgress(): void {
    const now = this.#options.clock.now();
    if (now - this.#noticedMs < noticeEveryMs) return;
    this.#noticedMs = now;
    const left = this.#toEmbed.size;
    this.#options.report(
      'info',
      `The search index was made with another embedding model; rebuilding it with ${this.#options.embedder.model}, ${left} pages to go. They are found by words meanwhile.`,
    );
  }

  #finishRebuild(): void {
    const { embedder, report } = this.#options;
    report('info', `The search index was rebuilt: ${this.#stale} pages with ${embedder.model}.`);
    this.#stale = 0;
  }

  #report(error: unknown): void {
    if (error instanceof MemoryError && error.code === 'STORE_CLOSED') return;
    this.#options.report(
      'warning',
      `Vectors of ${this.#options.store.userId} were not saved or read: ${messageOf(error)}`,
    );
  }
}
