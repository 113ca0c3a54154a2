import { writeAll } from '../../../lib/io/file-access.js';
import { codeOf, type Files, type OpenFile, type OpenMode } from '../../../lib/io/files.js';
import type { Layout } from '../layout.js';

/** `failed.whole`: everything was written and only the sync failed, so other processes may have read it. */
export type Appended =
  | { readonly outcome: 'stored' | 'fenced' }
  | { readonly outcome: 'failed'; readonly whole: boolean; readonly error: unknown };

/** The log of the present epoch, kept open for appending. */
export class LogFile {
  readonly #files: Files;
  readonly #layout: Layout;
  #open: { readonly epoch: number; readonly file: OpenFile } | null = null;

  constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.#layout = layout;
  }

  /**
   * Appends at the end, which must be at `offset`, and syncs. `stored`: the log was not sealed when the data
   * was durable, so a process that seals it later reads the data. `fenced`: the log was sealed or does not
   * end at `offset`.
   */
  async append(epoch: number, offset: number, data: Buffer): Promise<Appended> {
    let whole = false;
    try {
      const file = await this.#fileOf(epoch);
      if (file === null) return { outcome: 'fenced' };
      await writeAll(file, data);
      whole = true;
      await file.sync();
      const status = await this.#files.status(this.#layout.journal(epoch));
      return { outcome: status?.size === offset + data.length ? 'stored' : 'fenced' };
    } catch (error) {
      return { outcome: 'failed', whole, error };
    }
  }

  /**
   * Truncates the log at `offset`. False when the log was sealed. Uses a separate file handle, because
   * Windows cannot truncate a file that is open for appending.
   */
  async cut(epoch: number, offset: number): Promise<boolean> {
    const path = this.#layout.journal(epoch);
    const file = await this.#opened(path, 'update');
    if (file === null) return false;
    try {
      await file.truncate(offset);
      await file.sync();
    } finally {
      await file.close();
    }
    return (await this.#files.status(path))?.size === offset;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.file.close().catch(() => undefined);
  }

  /** Null when the epoch was sealed and the file has another name. */
  async #fileOf(epoch: number): Promise<OpenFile | null> {
    if (this.#open?.epoch === epoch) return this.#open.file;
    await this.close();
    const file = await this.#opened(this.#layout.journal(epoch), 'extend');
    if (file !== null) this.#open = { epoch, file };
    return file;
  }

  async #opened(path: string, mode: OpenMode): Promise<OpenFile | null> {
    try {
      return await this.#files.open(path, mode);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }
}
