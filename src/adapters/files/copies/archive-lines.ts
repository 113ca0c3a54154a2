import * as z from 'zod';
import { isSealed, openLine, sealLongLine } from '../../../lib/io/checksum.js';
import { readRange } from '../../../lib/io/file-access.js';
import type { OpenFile } from '../../../lib/io/files.js';
import { factSchema } from '../../../model/knowledge.js';
import { instantSchema, pageSchema } from '../../../model/page.js';
import { segmentHeadSchema } from '../../../model/segment.js';
import type { Version } from '../layout.js';
import { isObject } from '../log/journal-format.js';
import { isShapedLike } from './copies.js';

const stamp = {
  at: instantSchema,
  /** The transaction that evicts the entry. The line counts only if the log confirms that transaction. */
  epoch: z.number().int().nonnegative(),
  seq: z.number().int().nonnegative(),
};
const archiveLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('segment'),
    ...stamp,
    head: segmentHeadSchema,
    pages: z.array(pageSchema),
  }),
  z.strictObject({ kind: z.literal('fact'), ...stamp, fact: factSchema }),
]);
export type ArchiveLine = z.infer<typeof archiveLineSchema>;

/** A line as it was read. */
export interface FoundLine {
  readonly data: Buffer;
  /** Position of its first byte in the file. */
  readonly start: number;
  /** Whether the line was finished. A finished line that cannot be read is damaged. */
  readonly isFinished: boolean;
}

const chunkBytes = 262_144;

export async function encodeArchiveLine(line: ArchiveLine): Promise<string> {
  return `${(await sealLongLine(JSON.stringify(line))).line}\n`;
}

/**
 * Yields every non-empty line of an archive in order, from a byte at which a line begins up to another byte.
 */
export async function* readArchiveLines(
  file: OpenFile,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<FoundLine> {
  let parts: Buffer[] = [];
  let start = from;
  for (let position = from; position < to; ) {
    const chunk = await readRange(file, position, Math.min(chunkBytes, to - position));
    if (chunk.length === 0) break;
    let begin = 0;
    for (let feed = chunk.indexOf(10); feed !== -1; feed = chunk.indexOf(10, begin)) {
      parts.push(chunk.subarray(begin, feed));
      const data = Buffer.concat(parts);
      if (data.length > 0) yield { data, start, isFinished: !hasUnfinishedMark(data) };
      parts = [];
      begin = feed + 1;
      start = position + begin;
    }
    if (begin < chunk.length) parts.push(chunk.subarray(begin));
    position += chunk.length;
  }
  const data = Buffer.concat(parts);
  if (data.length > 0) yield { data, start, isFinished: isWhole(data) };
}

/** Null when the line cannot be read. */
export async function parseArchiveLine(data: Buffer): Promise<ArchiveLine | null> {
  const opened = await openLine(data);
  if (opened === null || !isObject(opened.value)) return null;
  const { check: _, ...rest } = opened.value;
  // Lines of versions that did not record the transaction count as the oldest.
  const line = { epoch: 0, seq: 0, ...rest };
  return isShapedLike(archiveLineSchema, line) ? line : null;
}

/** The entry that a line holds, and the transaction that evicts it. */
export interface LineIdentity {
  readonly id: string;
  readonly version: Version;
}

const beginning =
  /^\{"kind":"(?:segment|fact)","at":"[^"]*","epoch":(\d+),"seq":(\d+),"(?:head|fact)":\{"id":"(\w+)"/;
const beginningLength = 256;

/** Reads the identity without parsing the whole line; null when it cannot be read. */
export async function identify(data: Buffer): Promise<LineIdentity | null> {
  const found = beginning.exec(data.toString('latin1', 0, beginningLength));
  if (found === null) {
    const line = await parseArchiveLine(data);
    return line === null ? null : identityOf(line);
  }
  if (!(await isSealed(data))) return null;
  const [, epoch, seq, id = ''] = found;
  // Copied, because a substring would keep the whole beginning in memory, here for every line of the archive.
  return { id: Buffer.from(id).toString(), version: { epoch: Number(epoch), seq: Number(seq) } };
}

export function identityOf(line: ArchiveLine): LineIdentity {
  const { epoch, seq } = line;
  return { id: line.kind === 'segment' ? line.head.id : line.fact.id, version: { epoch, seq } };
}

/**
 * Ends an incomplete last line, which a crash or a full disk may have left. Returns what has to be written
 * first. The line is marked, not cut off: this process may have been suspended since it looked, and the end
 * may now belong to another process.
 */
export async function endLastLine(file: OpenFile): Promise<string> {
  const size = await file.size();
  let tail = Buffer.alloc(0);
  for (let start = size; start > 0 && !tail.includes(10); ) {
    const from = Math.max(0, start - chunkBytes);
    tail = Buffer.concat([await readRange(file, from, start - from), tail]);
    start = from;
  }
  const rest = tail.subarray(tail.lastIndexOf(10) + 1);
  if (rest.length === 0) return '';
  return isWhole(rest) ? '\n' : `${unfinishedMark}\n`;
}

/** The end of an archive line that was never finished. */
const unfinishedMark = '#unfinished';
const hasUnfinishedMark = (line: Buffer) =>
  line.subarray(-unfinishedMark.length).equals(Buffer.from(unfinishedMark));

/** Whether a line is complete, even if its content is damaged. */
const isWhole = (line: Buffer) => /"check":"[^"]*"\}?.?$/.test(line.subarray(-64).toString('latin1'));
