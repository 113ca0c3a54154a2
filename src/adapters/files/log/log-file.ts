import { writeAll } from '../../../lib/io/file-access.js';
import { codeOf, type Files, type OpenFile, type OpenMode } from '../../../lib/io/files.js';
import type { Layout } from '../layout.js';

/** `failed.whole`: everything was written and only the sync failed, so others may have read it. */
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
   * Writes at the end, which is expected at `offset`, and syncs. `stored` only if the log had not been sealed when
   * all of it was durable: whoever seals it later reads it. `fenced`: it was sealed, or is not as expected.
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
   * Cuts off what stands behind `offset`. False: the log was sealed. Not in the file that is open for appending:
   * Windows lets nothing be cut there.
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

  /** Null when the epoch was sealed: then there is no file of that name. */
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
