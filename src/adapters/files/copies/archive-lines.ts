import { z } from 'zod';
import { isSealed, openLine, sealLine } from '../../../lib/io/checksum.js';
import { readRange } from '../../../lib/io/file-access.js';
import type { OpenFile } from '../../../lib/io/files.js';
import { factSchema } from '../../../model/knowledge.js';
import { instantSchema, pageSchema } from '../../../model/page.js';
import { segmentHeadSchema } from '../../../model/segment.js';
import type { Version } from '../layout.js';
import { isObject } from '../log/journal-format.js';

const stamp = {
  at: instantSchema,
  /** The transaction that evicts it, if the log confirms that. */
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

/** A line as it was found. */
export interface FoundLine {
  readonly text: string;
  /** Where it begins, in bytes, and how many it has without its line feed. */
  readonly start: number;
  readonly length: number;
  /** Whether it was finished: then it is damaged if it cannot be read. */
  readonly isFinished: boolean;
}

const chunkBytes = 262_144;

export function encodeArchiveLine(line: ArchiveLine): string {
  return `${sealLine(JSON.stringify(line)).line}\n`;
}

/** Every line of an archive in order, but empty ones: from a byte on where a line begins, up to another. */
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
      const text = Buffer.concat(parts).toString('utf8');
      const length = position + feed - start;
      if (length > 0) yield { text, start, length, isFinished: !text.endsWith(unfinishedMark) };
      parts = [];
      begin = feed + 1;
      start = position + begin;
    }
    if (begin < chunk.length) parts.push(chunk.subarray(begin));
    position += chunk.length;
  }
  const text = Buffer.concat(parts).toString('utf8');
  if (text !== '') {
    yield { text, start, length: Buffer.byteLength(text), isFinished: isWhole(text.slice(-64)) };
  }
}

/** Null when it cannot be read. */
export function parseArchiveLine(text: string): ArchiveLine | null {
  const opened = openLine(text);
  if (opened === null || !isObject(opened.value)) return null;
  const { check: _, ...rest } = opened.value;
  // Lines from before there were these count as oldest.
  const line = { epoch: 0, seq: 0, ...rest };
  return isArchiveLine(line) ? line : null;
}

/** What a line is of, and the transaction that evicts it. */
export interface LineIdentity {
  readonly id: string;
  readonly version: Version;
}

const beginning =
  /^\{"kind":"(?:segment|fact)","at":"[^"]*","epoch":(\d+),"seq":(\d+),"(?:head|fact)":\{"id":"(\w+)"/;

/** The same without reading all of it; null when it cannot be read. */
export function identify(text: string): LineIdentity | null {
  const found = beginning.exec(text);
  if (found === null) {
    const line = parseArchiveLine(text);
    return line === null ? null : identityOf(line);
  }
  if (!isSealed(text)) return null;
  const [, epoch, seq, id = ''] = found;
  // A copy: a part of a string holds on to the whole of it, here to every line of the archive.
  return { id: Buffer.from(id).toString(), version: { epoch: Number(epoch), seq: Number(seq) } };
}

export function identityOf(line: ArchiveLine): LineIdentity {
  const { epoch, seq } = line;
  return { id: line.kind === 'segment' ? line.head.id : line.fact.id, version: { epoch, seq } };
}

// The checksum was right, so these are the bytes that were written, and what is written passed its schema. A full check
// of an archive of 700 MB would take minutes.
function isArchiveLine(value: Record<string, unknown>): value is ArchiveLine {
  const sample = Array.isArray(value.pages) ? { ...value, pages: value.pages.slice(0, 1) } : value;
  return archiveLineSchema.safeParse(sample).success;
}

/**
 * A crash or a full disk may have left half a line. It is marked and not cut off: this process may have been
 * suspended since it looked, and what then stands at the end is another one's. Returns what has to be written first.
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
  return isWhole(rest.toString('latin1', Math.max(0, rest.length - 64))) ? '\n' : `${unfinishedMark}\n`;
}

/** How a line of an archive ends that was never finished. */
const unfinishedMark = '#unfinished';

/** Whether nothing is missing at the end of a line, even if something in it is damaged. */
const isWhole = (ending: string) => /"check":"[^"]*"\}?.?$/.test(ending);
