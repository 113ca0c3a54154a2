import { z } from 'zod';
import { openLine, sealLine } from '../../lib/checksum.js';
import { readRange, writeAll, writeAtomically } from '../../lib/file-access.js';
import { codeOf, type OpenFile } from '../../lib/files.js';
import { factSchema } from '../../model/knowledge.js';
import { instantSchema, type Page, pageSchema, segmentIdSchema } from '../../model/page.js';
import { segmentHeadSchema } from '../../model/segment.js';
import type { Departed } from '../../model/transaction.js';
import { instantOf, type StoreContext } from './context.js';
import { isObject } from './journal-format.js';

const archiveLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('segment'), at: instantSchema, head: segmentHeadSchema }),
  z.strictObject({
    kind: z.literal('page'),
    at: instantSchema,
    segment_id: segmentIdSchema,
    page: pageSchema,
  }),
  z.strictObject({ kind: z.literal('fact'), at: instantSchema, fact: factSchema }),
]);
export type ArchiveLine = z.infer<typeof archiveLineSchema>;

const chunkBytes = 262_144;

/** Appends what left the state; durable when it resolves. What the log then does not confirm is not read. */
export async function appendToArchive(context: StoreContext, departed: readonly Departed[]): Promise<void> {
  const at = instantOf(context.clock);
  const lines: ArchiveLine[] = [];
  for (const { segments, facts } of departed) {
    for (const { head, pages } of segments) {
      lines.push({ kind: 'segment', at, head });
      for (const page of pages) lines.push({ kind: 'page', at, segment_id: head.id, page });
    }
    for (const fact of facts) lines.push({ kind: 'fact', at, fact });
  }
  if (lines.length === 0) return;
  const { files, layout } = context;
  const file = await files.open(layout.archive, 'append');
  try {
    const size = await file.size();
    const last = size === 0 ? null : await readRange(file, size - 1, 1);
    // A crash or a full disk may have left half a line.
    const feed = last !== null && last[0] !== 10 ? '\n' : '';
    const text = lines.map((line) => `${sealLine(JSON.stringify(line)).line}\n`).join('');
    await writeAll(file, Buffer.from(feed + text));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Every whole line of the archive in order, null for a damaged one. */
export async function* readArchiveLines({
  files,
  layout,
}: StoreContext): AsyncGenerator<{ line: ArchiveLine | null; text: string }> {
  let file: OpenFile;
  try {
    file = await files.open(layout.archive, 'read');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    let rest = Buffer.alloc(0);
    for (let position = 0; ; ) {
      const chunk = await readRange(file, position, chunkBytes);
      position += chunk.length;
      rest = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let feed = rest.indexOf(10); feed !== -1; feed = rest.indexOf(10, start)) {
        const text = rest.toString('utf8', start, feed);
        start = feed + 1;
        yield { line: parseArchiveLine(text), text };
      }
      rest = rest.subarray(start);
      if (chunk.length === 0) return;
    }
  } finally {
    await file.close();
  }
}

function parseArchiveLine(text: string): ArchiveLine | null {
  const opened = openLine(text);
  if (opened === null || !isObject(opened.value)) return null;
  const { check: _, ...rest } = opened.value;
  return isArchiveLine(rest) ? rest : null;
}

function isArchiveLine(value: unknown): value is ArchiveLine {
  return archiveLineSchema.safeParse(value).success;
}

/** Evicted pages, each once, without those that are in the state after all. */
export async function* readArchivedPages(
  context: StoreContext,
  isStored: (page: Page) => boolean,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for await (const { line } of readArchiveLines(context)) {
    if (line?.kind !== 'page' || seen.has(line.page.id) || isStored(line.page)) continue;
    seen.add(line.page.id);
    yield line.page;
  }
}

/** Rewrites the archive without the pages and without facts taken from them. Under the lock. */
export async function purgeArchive(context: StoreContext, pageIds: ReadonlySet<string>): Promise<void> {
  const kept: string[] = [];
  let removed = false;
  for await (const { line, text } of readArchiveLines(context)) {
    if (line !== null && mentions(line, pageIds)) removed = true;
    else if (line !== null || ![...pageIds].some((id) => text.includes(id))) kept.push(`${text}\n`);
    else removed = true;
  }
  if (removed) await writeAtomically(context.files, context.layout.archive, kept.join(''));
}

function mentions(line: ArchiveLine, pageIds: ReadonlySet<string>): boolean {
  switch (line.kind) {
    case 'page':
      return pageIds.has(line.page.id);
    case 'fact':
      return line.fact.page_ids.some((id) => pageIds.has(id));
    case 'segment':
      return false;
    default:
      return line satisfies never;
  }
}
