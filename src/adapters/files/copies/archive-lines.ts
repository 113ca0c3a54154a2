import { z } from 'zod';
import { openLine, sealLine } from '../../../lib/io/checksum.js';
import { readRange } from '../../../lib/io/file-access.js';
import type { OpenFile } from '../../../lib/io/files.js';
import { factSchema } from '../../../model/knowledge.js';
import { instantSchema, pageSchema } from '../../../model/page.js';
import { segmentHeadSchema } from '../../../model/segment.js';
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

/** A line as it was found: null when it cannot be read, which is a damage unless it was never finished. */
export interface FoundLine {
  readonly line: ArchiveLine | null;
  readonly text: string;
  readonly isDamaged: boolean;
}

const chunkBytes = 262_144;

export function encodeArchiveLine(line: ArchiveLine): string {
  return `${sealLine(JSON.stringify(line)).line}\n`;
}

/** Every line of an archive in order, but empty ones. */
export async function* readArchiveLines(file: OpenFile): AsyncGenerator<FoundLine> {
  let rest = Buffer.alloc(0);
  for (let position = 0; ; ) {
    const chunk = await readRange(file, position, chunkBytes);
    position += chunk.length;
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let feed = rest.indexOf(10); feed !== -1; feed = rest.indexOf(10, start)) {
      const text = rest.toString('utf8', start, feed);
      start = feed + 1;
      if (text !== '') yield foundLine(text, !text.endsWith(unfinishedMark));
    }
    rest = rest.subarray(start);
    if (chunk.length === 0) break;
  }
  const text = rest.toString('utf8');
  if (text !== '') yield foundLine(text, isWhole(text.slice(-64)));
}

function foundLine(text: string, isFinished: boolean): FoundLine {
  const line = parseArchiveLine(text);
  return { line, text, isDamaged: line === null && isFinished };
}

function parseArchiveLine(text: string): ArchiveLine | null {
  const opened = openLine(text);
  if (opened === null || !isObject(opened.value)) return null;
  const { check: _, ...rest } = opened.value;
  // Lines from before there were these count as oldest.
  const line = { epoch: 0, seq: 0, ...rest };
  return isArchiveLine(line) ? line : null;
}

function isArchiveLine(value: unknown): value is ArchiveLine {
  return archiveLineSchema.safeParse(value).success;
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
