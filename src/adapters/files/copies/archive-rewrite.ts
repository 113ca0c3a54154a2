import { randomBytes } from 'node:crypto';
import { readRange, writeAll } from '../../../lib/io/file-access.js';
import type { OpenFile } from '../../../lib/io/files.js';
import type { UserState } from '../../../model/user-state.js';
import type { ArchiveEdit } from '../../../ports/memory-store.js';
import { asideName, type StoreContext } from '../context.js';
import { entryOf, isInState, lineOf, NewestLines, openArchive } from './archive.js';
import { encodeArchiveLine, type FoundLine, parseArchiveLine, readArchiveLines } from './archive-lines.js';

/** Written at once: so many lines cost few calls, and not much is held. */
const bufferBytes = 256 * 1024;

type Place = Pick<FoundLine, 'start' | 'length'>;

/**
 * An archive that is written anew, line by line, while others may append to the one there is. What counts is edited;
 * lines that do not count any more go, and so do damaged ones, which are kept in a file of their own.
 */
export class ArchiveRewrite {
  /** Taken out by the edit. */
  readonly gone = { segments: 0, pages: 0 };
  /** Whether the new archive is another one than the old. */
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
  /** Bytes of the old archive that were gone through. */
  #done = 0;
  /** Lines of what was still in the tiers: if it turns out to be evicted by them, they count. */
  #postponed: Place[] = [];

  constructor(context: StoreContext, generation: number, edit: ArchiveEdit) {
    this.#context = context;
    this.#generation = generation;
    this.#edit = edit;
    this.#temporary = `${context.layout.archive(generation)}.${randomBytes(6).toString('hex')}.tmp`;
  }

  /** Goes on to where the old archive ends now. Returns how many bytes that were. */
  async advance(state: () => UserState): Promise<number> {
    const file = await openArchive(this.#context, this.#generation);
    if (file === null) return 0;
    try {
      const from = this.#done;
      const to = await file.size();
      const newest = new NewestLines();
      for await (const found of readArchiveLines(file, from, to)) newest.see(found);
      for await (const found of readArchiveLines(file, from, to)) await this.#take(found, newest, state());
      this.#done = to;
      return to - from;
    } finally {
      await file.close();
    }
  }

  /** With the state of now, which must not change until `finish` is over: takes what was evicted since it was seen. */
  async settle(state: UserState): Promise<void> {
    await this.advance(() => state);
    const waiting = this.#postponed;
    const file = waiting.length === 0 ? null : await openArchive(this.#context, this.#generation);
    if (file === null) return;
    this.#postponed = [];
    try {
      for (const place of waiting) {
        const text = (await readRange(file, place.start, place.length)).toString('utf8');
        await this.#write({ ...place, text, isFinished: true }, state);
      }
    } finally {
      await file.close();
    }
  }

  /** Makes it durable under another name. Throws ENOENT when somebody has cleared it away. */
  async moveTo(path: string): Promise<void> {
    const { files, layout } = this.#context;
    await this.#flush();
    const out = await this.#opened();
    this.#out = null;
    await out.sync().finally(() => out.close());
    await files.rename(this.#temporary, path);
    await files.syncFolder(layout.root);
  }

  /** Takes it back under its temporary name. */
  async takeBack(path: string): Promise<void> {
    await this.#context.files.rename(path, this.#temporary);
  }

  /** To be called in the end. */
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
      if (found.isFinished && parseArchiveLine(found.text) === null) await this.#keepAside(found);
    }
  }

  async #write(found: FoundLine, state: UserState): Promise<void> {
    const line = parseArchiveLine(found.text);
    if (line === null) return;
    if (isInState(line, state)) {
      this.isChanged = true;
      this.#postponed.push({ start: found.start, length: found.length });
      return;
    }
    const entry = entryOf(line);
    const edited = await this.#edit(entry);
    if (edited === entry) return this.#append(`${found.text}\n`);
    this.isChanged = true;
    if (line.kind === 'segment') {
      if (edited === null) this.gone.segments += 1;
      this.gone.pages += line.pages.length - (edited?.kind === 'segment' ? edited.pages.length : 0);
    }
    if (edited !== null) await this.#append(encodeArchiveLine(lineOf(edited, line)));
  }

  async #append(text: string): Promise<void> {
    const data = Buffer.from(text);
    this.#buffer.push(data);
    this.#buffered += data.length;
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
    // Never begun twice: somebody may have cleared it away, and then the rest alone would be no archive.
    this.#out ??= await this.#context.files.open(this.#temporary, this.#isBegun ? 'extend' : 'create');
    this.#isBegun = true;
    return this.#out;
  }

  async #keepAside({ text }: FoundLine): Promise<void> {
    const { files, layout, clock } = this.#context;
    this.#aside ??= await files.open(asideName(layout.archive(this.#generation), clock), 'append');
    await writeAll(this.#aside, Buffer.from(`${text}\n`));
  }
}
