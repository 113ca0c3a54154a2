import { readRange } from '../../../lib/io/file-access.js';
import { codeOf, type Files, type OpenFile } from '../../../lib/io/files.js';
import { type Layout, parseJournalName } from '../layout.js';
import {
  decodeHeader,
  decodeRecord,
  type Header,
  type JournalRecord,
  type Position,
} from './journal-format.js';

/** An epoch whose header is complete. */
export interface Epoch {
  readonly epoch: number;
  readonly header: Header;
  readonly check: string;
  /** Length of the header's line in bytes. */
  readonly headerLength: number;
}

export interface EpochListing {
  /** All numbers in use, ascending, including claims and unreadable logs. */
  readonly numbers: readonly number[];
  /** The highest epoch that counts. */
  readonly current: Epoch | null;
  /**
   * Epochs above the current one with a complete but damaged first line. A claim is none of these: its first
   * line is incomplete.
   */
  readonly damaged: readonly number[];
}

/** Consecutive records of a log. */
export interface Stretch {
  readonly records: readonly JournalRecord[];
  /** End of the last record that counts, in bytes. */
  readonly end: number;
  /**
   * Whether a complete line after `end` does not continue the log: it is damaged or belongs to another
   * history.
   */
  readonly broken: boolean;
  /** Bytes after the last line feed. */
  readonly torn: number;
}

/** A header is shorter than this unless many pages wait in short-term memory. */
const chunkBytes = 65_536;
const chunkBytesMax = 1024 * 1024;

/** The numbers of all logs, ascending, whether they count or not. */
export async function listNumbers(files: Files, layout: Layout): Promise<number[]> {
  const names = await files.list(layout.root);
  const numbers = new Set(names.map((name) => parseJournalName(name)?.epoch ?? 0));
  numbers.delete(0);
  return [...numbers].sort((a, b) => a - b);
}

/** Examines the epochs above `above` and finds the one that counts. */
export async function listEpochs(files: Files, layout: Layout, above = 0): Promise<EpochListing> {
  const numbers = await listNumbers(files, layout);
  const damaged: number[] = [];
  for (const epoch of numbers.filter((number) => number > above).reverse()) {
    const found = await readEpoch(files, layout, epoch);
    if (found === 'damaged') damaged.push(epoch);
    else if (found !== null) return { numbers, current: found, damaged };
  }
  return { numbers, current: null, damaged };
}

const lookAgainAfterMs = 20;

/**
 * Null when there is no such log, or when it is a claim whose header is not written yet. Throws STORE_NEWER.
 */
export async function readEpoch(
  files: Files,
  layout: Layout,
  epoch: number,
): Promise<Epoch | 'damaged' | null> {
  // A header that is read while it is written looks damaged. The next attempt reads it completely.
  for (let attempt = 1; ; attempt += 1) {
    const found = await readHeader(files, layout, epoch);
    if (found !== 'damaged' || attempt === 3) return found;
    await new Promise((resolve) => setTimeout(resolve, lookAgainAfterMs));
  }
}

async function readHeader(files: Files, layout: Layout, epoch: number): Promise<Epoch | 'damaged' | null> {
  return withJournal(files, layout, epoch, async (file) => {
    const parts: Buffer[] = [];
    for (let position = 0; ; ) {
      const length = position === 0 ? chunkBytes : chunkBytesMax;
      const part = await readRange(file, position, length);
      const feed = part.indexOf(10);
      if (feed === -1 && part.length < length) return null;
      if (feed === -1) {
        parts.push(part);
        position += length;
        continue;
      }
      parts.push(part.subarray(0, feed));
      const line = Buffer.concat(parts);
      const decoded = await decodeHeader(line, `${layout.shown}/journal.${epoch}.jsonl`);
      if (decoded === null || decoded.header.epoch !== epoch) return 'damaged';
      return { epoch, header: decoded.header, check: decoded.check, headerLength: position + feed + 1 };
    }
  });
}

/** Reads from a position up to `end` or to the end of the file. Null when the log no longer exists. */
export async function readStretch(
  files: Files,
  layout: Layout,
  from: Position,
  end?: number,
): Promise<Stretch | null> {
  return withJournal(files, layout, from.epoch, async (file) => {
    const length = (end ?? (await file.size())) - from.offset;
    return parseStretch(await readRange(file, from.offset, length), from);
  });
}

/** Parses the lines of a log from `from`, as long as each continues the one before. */
export async function parseStretch(data: Buffer, from: Position): Promise<Stretch> {
  const records: JournalRecord[] = [];
  let { seq, check } = from;
  let start = 0;
  for (let feed = data.indexOf(10); feed !== -1; feed = data.indexOf(10, start)) {
    const record = await decodeRecord(data.subarray(start, feed));
    if (record === null || record.seq !== seq + 1 || record.prev !== check) {
      return { records, end: from.offset + start, broken: true, torn: 0 };
    }
    records.push(record);
    seq = record.seq;
    check = record.check;
    start = feed + 1;
  }
  return { records, end: from.offset + start, broken: false, torn: data.length - start };
}

/** Opens the log of an epoch under its present name. Null when there is none. */
export async function withJournal<T>(
  files: Files,
  layout: Layout,
  epoch: number,
  job: (file: OpenFile) => Promise<T>,
): Promise<T | null> {
  for (const path of [layout.journal(epoch), layout.sealed(epoch)]) {
    let file: OpenFile;
    try {
      file = await files.open(path, 'read');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue;
      throw error;
    }
    try {
      return await job(file);
    } finally {
      await file.close();
    }
  }
  return null;
}

/** The position of the state in an epoch's header. */
export function startOf(epoch: Epoch): Position {
  return { epoch: epoch.epoch, offset: epoch.headerLength, seq: epoch.header.seq, check: epoch.check };
}
