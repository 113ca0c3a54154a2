import { z } from 'zod';
import { openLine, sealLine } from '../../lib/checksum.js';
import { readRange, writeAll, writeAtomically } from '../../lib/file-access.js';
import { codeOf, type OpenFile } from '../../lib/files.js';
import { factSchema } from '../../model/knowledge.js';
import { instantSchema, pageSchema } from '../../model/page.js';
import { segmentHeadSchema } from '../../model/segment.js';
import type { Departed } from '../../model/transaction.js';
import type { UserState } from '../../model/user-state.js';
import type { ArchiveEntry } from '../../ports/memory-store.js';
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
  const lines: ArchiveLine[] = departed.flatMap(({ segments, facts }) => [
    ...segments.map(({ head, pages }) => ({ kind: 'segment' as const, at, head, pages })),
    ...facts.map((fact) => ({ kind: 'fact' as const, at, fact })),
  ]);
  if (lines.length === 0) return;
  const { files, layout } = context;
  const file = await files.open(layout.archive, 'append');
  try {
    const size = await file.size();
    const last = size === 0 ? null : await readRange(file, size - 1, 1);
    // A crash or a full disk may have left half a line.
    const feed = last !== null && last[0] !== 10 ? '\n' : '';
    await writeAll(file, Buffer.from(feed + lines.map(encodeArchiveLine).join('')));
    await file.sync();
  } finally {
    await file.close();
  }
}

function encodeArchiveLine(line: ArchiveLine): string {
  return `${sealLine(JSON.stringify(line)).line}\n`;
}

/** Every whole line of the archive in order, null for a damaged one. */
export async function* readArchiveLines({
  files,
  layout,
}: Pick<StoreContext, 'files' | 'layout'>): AsyncGenerator<{ line: ArchiveLine | null; text: string }> {
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

/**
 * What the archive holds, each entry once. A crash may leave lines of things that did not leave the state after
 * all, and the same one again from the next try: the last line counts.
 */
export async function* readArchive(
  context: StoreContext,
  state: () => UserState,
): AsyncGenerator<ArchiveEntry> {
  const lastLine = new Map<string, number>();
  let count = 0;
  for await (const { line } of readArchiveLines(context)) {
    if (line !== null) lastLine.set(keyOf(line), count);
    count += 1;
  }
  count = 0;
  for await (const { line } of readArchiveLines(context)) {
    if (line !== null && lastLine.get(keyOf(line)) === count && !isInState(line, state()))
      yield entryOf(line);
    count += 1;
  }
}

function keyOf(line: ArchiveLine): string {
  return line.kind === 'segment' ? line.head.id : line.fact.id;
}

function isInState(line: ArchiveLine, state: UserState): boolean {
  if (line.kind === 'segment') return state.segments.has(line.head.id);
  const { assistant_id: assistantId, id } = line.fact;
  const facts = assistantId === null ? state.userKnowledge : state.assistantKnowledge.get(assistantId);
  return facts?.some((fact) => fact.id === id) === true;
}

function entryOf(line: ArchiveLine): ArchiveEntry {
  return line.kind === 'segment'
    ? { kind: 'segment', head: line.head, pages: line.pages }
    : { kind: 'fact', fact: line.fact };
}

function lineOf(entry: ArchiveEntry, at: string): ArchiveLine {
  return entry.kind === 'segment'
    ? { kind: 'segment', at, head: entry.head, pages: [...entry.pages] }
    : { kind: 'fact', at, fact: entry.fact };
}

/** Rewrites the archive as `edit` says, in one step; damaged lines stay and are counted. Under the lock. */
export async function editArchive(
  context: StoreContext,
  state: UserState,
  edit: (entry: ArchiveEntry) => ArchiveEntry | null,
): Promise<{ segments: number; pages: number; damagedLines: number }> {
  const gone = { segments: 0, pages: 0, damagedLines: 0 };
  const kept: string[] = [];
  let changed = false;
  const seen = new Set<string>();
  const texts: { line: ArchiveLine | null; text: string }[] = [];
  for await (const read of readArchiveLines(context)) texts.push(read);
  for (const { line, text } of texts.reverse()) {
    if (line === null) {
      gone.damagedLines += 1;
      kept.push(`${text}\n`);
      continue;
    }
    const counts = !seen.has(keyOf(line)) && !isInState(line, state);
    seen.add(keyOf(line));
    const edited = counts ? edit(entryOf(line)) : null;
    const next = edited === null ? null : encodeArchiveLine(lineOf(edited, line.at));
    if (next !== `${text}\n`) changed = true;
    if (next !== null) kept.push(next);
    if (counts && line.kind === 'segment') {
      if (edited === null) gone.segments += 1;
      gone.pages += line.pages.length - (edited?.kind === 'segment' ? edited.pages.length : 0);
    }
  }
  if (changed) await writeAtomically(context.files, context.layout.archive, kept.reverse().join(''));
  return gone;
}
