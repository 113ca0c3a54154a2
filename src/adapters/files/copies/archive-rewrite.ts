import { randomBytes } from 'node:crypto';
import { readRange, writeAll } from '../../../lib/io/file-access.js';
import type { OpenFile } from '../../../lib/io/files.js';
import type { UserState } from '../../../model/user-state.js';
import type { ArchiveEdit } from '../../../ports/memory-store.js';
import { asideName, type StoreContext } from '../context.js';
import { entryOf, isInState, lineOf, NewestLines, openArchive } from './archive.js';
import { encodeArchiveLine, type FoundLine, parseArchiveLine, readArchiveLines } from './archive-lines.js';

/** Lines are written in blocks of this size: few calls, little memory. */
const bufferBytes = 256 * 1024;
const lineFeed = Buffer.from('\n');

interface Place {
  readonly start: number;
  readonly length: number;
}

/**
 * Rewrites the archive line by line, while others may append to the present one. Current lines are edited.
 * Superseded lines are dropped. Damaged lines are moved to a file of their own.
 */
export class ArchiveRewrite {
  /** What the edit removed. */
  readonly gone = { segments: 0, pages: 0 };
  /** Whether the new archive differs from the old one. */
  isChanged = false;
  readonly #context: StoreContext;
  readonly #generation: number;
  readonly #edit: ArchiveEdit;
  readonly #temporary: string;
  #out: OpenFile | null = null;
  #isBegun = false;
  #aside: OpenFile | null = null;
  #buffer: Buffer[] = [];
  #buffered = 0;
  /** Bytes of the old archive processed so far. */
  #done = 0;
  /**
   * Lines whose entries were still in the tiers. They count if the entries turn out to be evicted by them.
   */
  #postponed: Place[] = [];

  constructor(context: StoreContext, generation: number, edit: ArchiveEdit) {
    this.#context = context;
    this.#generation = generation;
    this.#edit = edit;
    this.#temporary = `${context.layout.archive(generation)}.${randomBytes(6).toString('hex')}.tmp`;
  }

  /** Processes the old archive up to its present end. Returns the number of bytes processed. */
  async advance(state: () => UserState): Promise<number> {
    const file = await openArchive(this.#context, this.#generation);
    if (file === null) return 0;
    try {
      const from = this.#done;
      const to = await file.size();
      const newest = new NewestLines();
      for await (const found of readArchiveLines(file, from, to)) await newest.see(found);
      for await (const found of readArchiveLines(file, from, to)) await this.#take(found, newest, state());
      this.#done = to;
      return to - from;
    } finally {
      await file.close();
    }
  }

  /**
   * Adds what has been evicted since its line was seen. `state` must be the present state and must not change
   * until `finish` has ended.
   */
  async settle(state: UserState): Promise<void> {
    await this.advance(() => state);
    const waiting = this.#postponed;
    const file = waiting.length === 0 ? null : await openArchive(this.#context, this.#generation);
    if (file === null) return;
    this.#postponed = [];
    try {
      for (const place of waiting) {
        const data = await readRange(file, place.start, place.length);
        await this.#write({ start: place.start, data, isFinished: true }, state);
      }
    } finally {
      await file.close();
    }
  }

  /** Makes the new archive durable under another name. Throws ENOENT when another process has removed it. */
  async moveTo(path: string): Promise<void> {
    const { files, layout } = this.#context;
    await this.#flush();
    const out = await this.#opened();
    this.#out = null;
    await out.sync().finally(() => out.close());
    await files.rename(this.#temporary, path);
    await files.syncFolder(layout.root);
  }

  /** Renames it back to its temporary name. */
  async takeBack(path: string): Promise<void> {
    await this.#context.files.rename(path, this.#temporary);
  }

  /** Call it at the end. */
  async close(): Promise<void> {
    const { files } = this.#context;
    const [out, aside] = [this.#out, this.#aside];
    this.#out = null;
    this.#aside = null;
    if (aside !== null) {
      await aside.sync().finally(() => aside.close());
      await files.syncFolder(this.#context.layout.root);
    }
    await out?.close();
    await files.remove(this.#temporary).catch(() => undefined);
  }

  async #take(found: FoundLine, newest: NewestLines, state: UserState): Promise<void> {
    if (newest.counts(found)) await this.#write(found, state);
    else {
      this.isChanged = true;
      if (found.isFinished && (await parseArchiveLine(found.data)) === null) await this.#keepAside(found);
    }
  }

  async #write(found: FoundLine, state: UserState): Promise<void> {
    const line = await parseArchiveLine(found.data);
    if (line === null) return;
    if (isInState(line, state)) {
      this.isChanged = true;
      this.#postponed.push({ start: found.start, length: found.data.length });
      return;
    }
    const entry = entryOf(line);
    const edited = await this.#edit(entry);
    if (edited === entry) return this.#append(found.data, lineFeed);
    this.isChanged = true;
    if (line.kind === 'segment') {
      if (edited === null) this.gone.segments += 1;
      this.gone.pages += line.pages.length - (edited?.kind === 'segment' ? edited.pages.length : 0);
    }
    if (edited !== null) await this.#append(Buffer.from(await encodeArchiveLine(lineOf(edited, line))));
  }

  async #append(...parts: readonly Buffer[]): Promise<void> {
    this.#buffer.push(...parts);
    for (const { length } of parts) this.#buffered += length;
    if (this.#buffered >= bufferBytes) await this.#flush();
  }

  async #flush(): Promise<void> {
    const out = await this.#opened();
    const data = Buffer.concat(this.#buffer);
    this.#buffer = [];
    this.#buffered = 0;
    await writeAll(out, data);
  }

  async #opened(): Promise<OpenFile> {
    // Created only once. If another process has removed the file, creating it again would leave an archive
    // with only the remaining lines.
    this.#out ??= await this.#context.files.open(this.#temporary, this.#isBegun ? 'extend' : 'create');
    this.#isBegun = true;
    return this.#out;
  }

  async #keepAside({ data }: FoundLine): Promise<void> {
    const { files, layout, clock } = this.#context;
    this.#aside ??= await files.open(asideName(layout.archive(this.#generation), clock), 'append');
    await writeAll(this.#aside, Buffer.concat([data, lineFeed]));
  }
}
