import { z } from 'zod';
import { openLine, sealLine } from '../../lib/checksum.js';
import { readRange, writeAll, writeAtomically } from '../../lib/file-access.js';
import { codeOf, type OpenFile } from '../../lib/files.js';
import { type Fact, factSchema } from '../../model/knowledge.js';
import { instantSchema, type Page, pageSchema } from '../../model/page.js';
import { segmentHeadSchema } from '../../model/segment.js';
import type { Departed } from '../../model/transaction.js';
import type { ArchiveEntry, PurgeResult } from '../../ports/memory-store.js';
import { instantOf, type StoreContext } from './context.js';
import { isObject } from './journal-format.js';

const archiveLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('segment'),
    at: instantSchema,
    head: segmentHeadSchema,
    pages: z.array(pageSchema),
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
    for (const { head, pages } of segments) lines.push({ kind: 'segment', at, head, pages });
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

/** What is archived, each page and fact once, without those that are in the state after all. */
export async function* readArchiveEntries(
  context: StoreContext,
  isStored: (of: Page | Fact) => boolean,
): AsyncGenerator<ArchiveEntry> {
  const seen = new Set<string>();
  const isNew = (of: Page | Fact) => {
    if (seen.has(of.id) || isStored(of)) return false;
    seen.add(of.id);
    return true;
  };
  for await (const { line } of readArchiveLines(context)) {
    if (line?.kind === 'fact' && isNew(line.fact)) yield { kind: 'fact', fact: line.fact };
    if (line?.kind !== 'segment') continue;
    const pages = line.pages.filter(isNew);
    if (pages.length > 0) yield { kind: 'segment', head: line.head, pages };
  }
}

/** Rewrites the archive as `edit` says, as a whole or not at all. Under the lock. */
export async function purgeArchive(
  context: StoreContext,
  edit: (entry: ArchiveEntry) => ArchiveEntry | null,
): Promise<PurgeResult> {
  const kept: string[] = [];
  const gone = { segments: 0, pages: 0 };
  let damagedLines = 0;
  for await (const { line, text } of readArchiveLines(context)) {
    if (line === null) {
      damagedLines += 1;
      kept.push(`${text}\n`);
      continue;
    }
    const { at, ...entry } = line;
    const edited = edit(entry);
    gone.pages += pagesIn(entry) - pagesIn(edited);
    if (edited === null && entry.kind === 'segment') gone.segments += 1;
    if (edited !== null) kept.push(`${sealLine(JSON.stringify({ at, ...edited })).line}\n`);
  }
  if (kept.length > 0 || gone.pages > 0) {
    await writeAtomically(context.files, context.layout.archive, kept.join(''));
  }
  const shown = `${context.layout.shown}/archive.jsonl (${damagedLines} damaged lines)`;
  return { ...gone, remaining: damagedLines === 0 ? [] : [shown] };
}

function pagesIn(entry: ArchiveEntry | null): number {
  return entry?.kind === 'segment' ? entry.pages.length : 0;
}
