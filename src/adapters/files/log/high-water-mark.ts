import { openLine, sealLine } from '../../../lib/io/checksum.js';
import { readRange, writeAll } from '../../../lib/io/file-access.js';
import { codeOf, type Files, type OpenFile } from '../../../lib/io/files.js';
import type { Layout } from '../layout.js';
import { isObject } from './journal-format.js';

/** A lower bound of the memory's progress: this much was acknowledged. */
export interface Mark {
  readonly epoch: number;
  readonly seq: number;
  /** Pages in all tiers and in the archive at that time. */
  readonly pages: number;
}

/** A mark overwrites its predecessor, so all marks have the same length. */
const markBytes = 160;

/**
 * The mark beside the log. It is written after the transactions it covers are durable in the log. So a mark
 * ahead of the log shows that the log lost something. The mark itself is not synced, so nothing waits for the
 * disk.
 */
export class HighWaterMark {
  readonly #files: Files;
  readonly #path: string;
  #file: OpenFile | null = null;

  constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.#path = layout.mark;
  }

  /** Never throws: the memory works without a mark. */
  async write({ epoch, seq, pages }: Mark): Promise<void> {
    const { line } = sealLine(JSON.stringify({ kind: 'mark', epoch, seq, pages }));
    try {
      this.#file ??= await this.#opened();
      await writeAll(this.#file, Buffer.from(`${line.padEnd(markBytes - 1)}\n`), 0);
    } catch {
      await this.close();
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => undefined);
  }

  async #opened(): Promise<OpenFile> {
    try {
      return await this.#files.open(this.#path, 'update');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      return this.#files.open(this.#path, 'create');
    }
  }
}

/** Must be read before the log. Null when there is no readable mark. */
export async function readMark(files: Files, layout: Layout): Promise<Mark | null> {
  try {
    const file = await files.open(layout.mark, 'read');
    try {
      return await markFrom(await readRange(file, 0, markBytes));
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

async function markFrom(padded: Buffer): Promise<Mark | null> {
  const line = Buffer.from(padded.toString('latin1').trimEnd(), 'latin1');
  const value = (await openLine(line))?.value;
  if (!isObject(value)) return null;
  const { epoch, seq, pages } = value;
  const areNumbers = typeof epoch === 'number' && typeof seq === 'number' && typeof pages === 'number';
  return areNumbers ? { epoch, seq, pages } : null;
}
