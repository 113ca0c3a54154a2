import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { PageId, SegmentId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import type { Clock } from '../../ports/clock.js';
import type { Embedder } from '../../ports/embedder.js';
import type { MeaningReader, TextReading } from '../../ports/meaning-reader.js';
import type { UserStore } from '../../ports/memory-store.js';
import type { Reporter } from '../../ports/reporter.js';
import { pageWanting, summaryWanting, type Wanting } from '../wanting.js';
import type { EmbedderHealth } from './embedder-health.js';
import type { PageIndex } from './page-index.js';
import { RebuildProgress } from './rebuild-progress.js';
import { VectorMemory } from './vector-memory.js';

export interface VectorKeeperOptions {
  readonly store: UserStore;
  /** Embeds the summaries of segments. A topic is compared with them to find the segment that it joins. */
  readonly embedder: Embedder;
  /** Computes the vectors of pages and facts; null if search uses only words. */
  readonly reader: MeaningReader | null;
  readonly health: EmbedderHealth;
  readonly clock: Clock;
  readonly index: PageIndex;
  /**
   * False for a process that ends soon: vectors are computed only for `settled`, and only those that are saved. Vectors
   * of pages outside segments and of `others` are kept only in memory.
   */
  readonly readsInBackground: boolean;
  /** Further texts that need vectors, kept only in memory. */
  readonly others: (limit: number) => readonly Wanting<TextReading>[];
  /** The text of a page for the reader. */
  readonly textOf: (page: Page) => string;
  readonly report: Reporter;
  /** Delay before the vectors of a segment are saved, so that several changes cause one write. */
  readonly saveDelayMs: number;
  /** Maximum delay while changes continue. */
  readonly saveAtLatestMs: number;
}

const batchTexts = 64;
/** How long new texts are collected before they are read together. A program that ends sooner loads no model. */
const gatheringMs = 200;
/**
 * Maximum number of pages that are read again after the names of the two sides change. After this many pages,
 * the names are known.
 */
const readAgainMax = 500;
const loadsAtOnce = 8;

/**
 * Computes a vector for every page and segment summary, in the background. It loads the vectors that are in
 * the store. It computes vectors that are missing or that belong to another model or text, and saves them by
 * segment.
 */
export class VectorKeeper {
  readonly vectors: VectorMemory;
  readonly #options: VectorKeeperOptions;
  readonly #toLoad = new Set<SegmentId>();
  readonly #toEmbed = new Set<PageId>();
  readonly #toSummarise = new Set<SegmentId>();
  readonly #toSave = new Set<SegmentId>();
  /** Pages that this process has read since the last change of `textOf`, and the number of its changes. */
  readonly #readHere = new Set<PageId>();
  #textsChanged = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Runs while new texts are collected. */
  #gathering: NodeJS.Timeout | undefined;
  /**
   * The time by which the oldest unsaved change must be saved, on the monotonic clock; null: everything is
   * saved.
   */
  #saveByMs: number | null = null;
  #running: Promise<void> | null = null;
  #closed = false;
  readonly #awaitLoaded: ((value: undefined) => void)[] = [];
  readonly #progress: RebuildProgress;

  constructor(options: VectorKeeperOptions) {
    this.#options = options;
    this.vectors = new VectorMemory(options);
    this.#progress = new RebuildProgress(
      (options.reader ?? options.embedder).model,
      options.clock,
      options.report,
    );
  }

  get missing(): number {
    const { reader, index } = this.#options;
    return reader === null ? 0 : Math.max(0, index.pages - (this.vectors.table?.count ?? 0));
  }

  /** Whether the page still waits for its vector. */
  waits(id: PageId): boolean {
    return this.#toEmbed.has(id);
  }

  /** Starts with all pages and segments in the state. */
  start(): void {
    const { state } = this.#options.store;
    if (this.#options.reader !== null) for (const page of state.shortTerm) this.#toEmbed.add(page.id);
    for (const id of state.segments.keys()) this.#toLoad.add(id);
    this.wakeSoon();
    this.wake();
  }

  pageAdded(id: PageId): void {
    if (this.#options.reader === null) return;
    this.#toEmbed.add(id);
    this.wakeSoon();
  }

  /**
   * Must be called when `textOf` gives other texts. The first pages that this process has read are then read
   * again.
   */
  readAgain(): void {
    this.#textsChanged += 1;
    for (const id of this.#readHere) this.#toEmbed.add(id);
    this.#readHere.clear();
    this.wake();
  }

  pageGone(id: PageId, row: number): void {
    this.#toEmbed.delete(id);
    this.#readHere.delete(id);
    this.vectors.forgetPage(id, row);
  }

  /** Must be called when a segment's pages or summary change. */
  segmentChanged(id: SegmentId): void {
    if (this.#toLoad.has(id)) return;
    if (this.vectors.summaryVector(id) === undefined) this.#toSummarise.add(id);
    this.#toSave.add(id);
    this.wake();
  }

  segmentGone(id: SegmentId): void {
    for (const set of [this.#toLoad, this.#toSummarise, this.#toSave]) set.delete(id);
    this.vectors.forgetSegment(id);
  }

  /** Must be called when there are new texts. They are read a moment later. */
  wakeSoon(): void {
    if (this.#closed) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.wake();
    }, gatheringMs).unref();
  }

  /** Starts work. */
  wake(): void {
    if (this.#closed || this.#running !== null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(false)).unref();
  }

  /** Resolves when the stored vectors are in memory. */
  async loaded(): Promise<void> {
    // The timers of background work do not keep the process alive. This timer does, while a caller waits.
    const stay = setInterval(() => undefined, 1000);
    while (this.#toLoad.size > 0 && !this.#closed)
      await new Promise((resolve) => this.#awaitLoaded.push(resolve));
    clearInterval(stay);
  }

  /** Resolves when everything is computed and saved, or when nothing more can be done at present. */
  async settled(): Promise<void> {
    do {
      clearTimeout(this.#timer);
      await (this.#running ?? this.#run(true, true));
    } while (!this.#closed && !this.#options.health.resting && this.#hasWork());
  }

  /** Saves computed vectors and stops computing. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#gathering);
    for (const resolve of this.#awaitLoaded.splice(0)) resolve(undefined);
    await this.#running;
    await this.#save().catch((error: unknown) => this.#complain(error));
  }

  #run(saveNow: boolean, reads = this.#readsNow): Promise<void> {
    this.#running = this.#work(saveNow, reads)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        this.#running = null;
        // Texts may have been added while the last batch was processed.
        const waits = this.#toLoad.size > 0 || (this.#readsNow && this.#hasTexts());
        if (waits && !this.#options.health.resting) this.wake();
      });
    return this.#running;
  }

  async #work(saveNow: boolean, reads: boolean): Promise<void> {
    const { health } = this.#options;
    await this.#load();
    while (reads && !this.#closed && !health.resting && this.#hasTexts()) {
      const { mark } = health;
      try {
        await this.#embedBatch();
        health.succeeded();
      } catch (error) {
        this.#workAfter(health.failed(error, mark));
        return;
      }
      await nextTurn();
    }
    if (this.#toEmbed.size === 0) this.#progress.at(0);
    if (this.#toSave.size === 0 || this.#closed) return;
    const { saveDelayMs, saveAtLatestMs } = this.#options;
    const nowMs = performance.now();
    this.#saveByMs ??= nowMs + saveAtLatestMs;
    if (saveNow || this.#saveByMs <= nowMs) await this.#save();
    else this.#timer = setTimeout(() => void this.#run(true), saveDelayMs).unref();
  }

  #workAfter(waitMs: number): void {
    setTimeout(() => {
      if (this.#closed) return;
      if (this.#options.health.resting) this.#workAfter(waitMs);
      else this.wake();
    }, waitMs).unref();
  }

  async #load(): Promise<void> {
    while (this.#toLoad.size > 0 && !this.#closed) {
      const ids = [...this.#toLoad].slice(0, loadsAtOnce);
      await Promise.all(ids.map((id) => this.#loadSegment(id)));
      for (const id of ids) this.#toLoad.delete(id);
    }
    for (const resolve of this.#awaitLoaded.splice(0)) resolve(undefined);
    if (this.#toEmbed.size > 0) this.#progress.at(this.#toEmbed.size);
  }

  async #loadSegment(id: SegmentId): Promise<void> {
    const missing = await this.vectors.load(id).catch((error: unknown) => {
      this.#complain(error);
      const pages = this.#options.store.state.segments.get(id)?.pages ?? [];
      return { pages: pages.map((page) => page.id), summary: true, otherModel: false };
    });
    for (const page of missing.pages) this.#toEmbed.add(page);
    if (missing.otherModel) this.#progress.found(missing.pages.length);
    if (missing.summary) this.#toSummarise.add(id);
    if (missing.summary || missing.pages.length > 0) this.#toSave.add(id);
  }

  #hasTexts(): boolean {
    return this.#toSummarise.size > 0 || this.#pagesToRead(1).length > 0 || this.#others(1).length > 0;
  }

  #hasWork(): boolean {
    return this.#toLoad.size + this.#toSave.size > 0 || this.#hasTexts();
  }

  get #readsNow(): boolean {
    return this.#options.readsInBackground && this.#gathering === undefined;
  }

  #pagesToRead(limit: number): PageId[] {
    const { readsInBackground, store } = this.#options;
    const pages = [];
    for (const id of this.#toEmbed) {
      if (pages.length === limit) break;
      if (readsInBackground || store.state.segmentOfPage.has(id)) pages.push(id);
    }
    return pages;
  }

  #others(limit: number): readonly Wanting<TextReading>[] {
    const { reader, others, readsInBackground } = this.#options;
    return reader === null || !readsInBackground ? [] : others(limit);
  }

  async #embedBatch(): Promise<void> {
    await this.#readPages();
    await this.#embedSummaries();
    if (this.#toEmbed.size > 0) this.#progress.at(this.#toEmbed.size);
  }

  async #readPages(): Promise<void> {
    const { reader, store } = this.#options;
    if (reader === null) return;
    const changed = (id: SegmentId) => void this.#toSave.add(id);
    const pages = this.#pagesToRead(batchTexts);
    const wanting = [
      ...pages
        .filter((id) => this.#options.index.has(id))
        .flatMap((id) => pageWanting(id, store.state, this.#options.textOf, this.vectors, changed)),
      ...this.#others(batchTexts),
    ];
    const textsChanged = this.#textsChanged;
    if (wanting.length > 0) give(wanting, await reader.readTexts(wanting.map(({ text }) => text)));
    // If the texts changed during the reading, the pages stay in the queue and are read again.
    if (textsChanged !== this.#textsChanged) return;
    for (const id of pages) {
      this.#toEmbed.delete(id);
      if (this.#readHere.size < readAgainMax) this.#readHere.add(id);
    }
  }

  async #embedSummaries(): Promise<void> {
    const { embedder, store } = this.#options;
    const { state } = store;
    const changed = (id: SegmentId) => void this.#toSave.add(id);
    const segments = [...this.#toSummarise].slice(0, batchTexts);
    const wanting = segments.flatMap((id) => summaryWanting(id, state, this.vectors, changed));
    if (wanting.length > 0) give(wanting, await embedder.embed(wanting.map(({ text }) => text)));
    for (const id of segments) {
      const gone = !state.segments.has(id);
      if (gone || this.vectors.summaryVector(id) !== undefined) this.#toSummarise.delete(id);
    }
  }

  async #save(): Promise<void> {
    this.#saveByMs = null;
    for (const id of [...this.#toSave]) {
      this.#toSave.delete(id);
      const missing = await this.vectors.save(id);
      for (const page of missing) this.#toEmbed.add(page);
    }
  }

  #complain(error: unknown): void {
    if (error instanceof MemoryError && error.code === 'STORE_CLOSED') return;
    this.#options.report('warning', `Search vectors could not be read or saved: ${messageOf(error)}`);
  }
}

function give<T>(wanting: readonly Wanting<T>[], made: readonly T[]): void {
  wanting.forEach(({ take }, i) => {
    const one = made[i];
    if (one !== undefined) take(one);
  });
}
