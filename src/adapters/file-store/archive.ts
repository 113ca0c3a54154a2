import { z } from 'zod';
import { openLine, sealLine } from '../../lib/checksum.js';
import { readRange, writeAll } from '../../lib/file-access.js';
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
export async function appendToArchive(
  context: StoreContext,
  generation: number,
  departed: readonly Departed[],
): Promise<void> {
  const at = instantOf(context.clock);
  const lines: ArchiveLine[] = departed.flatMap(({ segments, facts }) => [
    ...segments.map(({ head, pages }) => ({ kind: 'segment' as const, at, head, pages })),
    ...facts.map((fact) => ({ kind: 'fact' as const, at, fact })),
  ]);
  if (lines.length === 0) return;
  const { files, layout } = context;
  const file = await files.open(layout.archive(generation), 'append');
  try {
    const feed = await endLastLine(file);
    await writeAll(file, Buffer.from(feed + lines.map(encodeArchiveLine).join('')));
    await file.sync();
    // Its name may be new, too.
    await files.syncFolder(layout.root);
  } finally {
    await file.close();
  }
}

/**
 * A crash or a full disk may have left half a line, which counts for nothing and is cut off. Returns what has to
 * be written first: a line feed after a line that only misses that.
 */
async function endLastLine(file: OpenFile): Promise<string> {
  const size = await file.size();
  let tail = Buffer.alloc(0);
  for (let start = size; start > 0 && !tail.includes(10); ) {
    const from = Math.max(0, start - chunkBytes);
    tail = Buffer.concat([await readRange(file, from, start - from), tail]);
    start = from;
  }
  const rest = tail.subarray(tail.lastIndexOf(10) + 1);
  if (rest.length === 0) return '';
  if (wholeLine.test(rest.toString('latin1', Math.max(0, rest.length - 64)))) return '\n';
  await file.truncate(size - rest.length);
  return '';
}

/** How a line ends of which nothing is missing, even if something in it is damaged. */
const wholeLine = /"check":"[^"]*"\}?.?$/;

function encodeArchiveLine(line: ArchiveLine): string {
  return `${sealLine(JSON.stringify(line)).line}\n`;
}

/** Every whole line of an archive in order, null for a damaged one. */
export async function* readArchiveLines(
  file: OpenFile,
): AsyncGenerator<{ line: ArchiveLine | null; text: string }> {
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
}

/** Null when there is no archive of that generation. */
export async function openArchive(
  { files, layout }: Pick<StoreContext, 'files' | 'layout'>,
  generation: number,
): Promise<OpenFile | null> {
  try {
    return await files.open(layout.archive(generation), 'read');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
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
export async function* readArchive(file: OpenFile, state: () => UserState): AsyncGenerator<ArchiveEntry> {
  const lastLine = new Map<string, number>();
  let count = 0;
  for await (const { line } of readArchiveLines(file)) {
    if (line !== null) lastLine.set(keyOf(line), count);
    count += 1;
  }
  count = 0;
  for await (const { line } of readArchiveLines(file)) {
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

/** What an edited archive would be, and what it has less. */
export interface EditedArchive {
  /** Null: nothing changes. */
  readonly text: string | null;
  readonly segments: number;
  readonly pages: number;
  /** Lines that cannot be read; they do not stay. */
  readonly damaged: readonly string[];
}

/** Applies `edit` to what the archive holds; lines that do not count any more go, and so do damaged ones. */
export async function editArchive(
  file: OpenFile,
  state: UserState,
  edit: (entry: ArchiveEntry) => ArchiveEntry | null,
): Promise<EditedArchive> {
  const lines: { line: ArchiveLine | null; text: string }[] = [];
  for await (const read of readArchiveLines(file)) lines.push(read);
  const lastLine = new Map(lines.map(({ line }, index) => [line === null ? index : keyOf(line), index]));
  const kept: string[] = [];
  const gone = { segments: 0, pages: 0 };
  const damaged: string[] = [];
  for (const [index, { line, text }] of lines.entries()) {
    if (line === null) {
      if (text !== '') damaged.push(`${text}\n`);
      continue;
    }
    if (lastLine.get(keyOf(line)) !== index || isInState(line, state)) continue;
    const edited = edit(entryOf(line));
    if (edited !== null) kept.push(encodeArchiveLine(lineOf(edited, line.at)));
    if (edited === null && line.kind === 'segment') gone.segments += 1;
    if (line.kind === 'segment') gone.pages += line.pages.length - pagesIn(edited);
  }
  const text = kept.join('');
  const isSame = text === lines.map((line) => `${line.text}\n`).join('');
  return { text: isSame ? null : text, ...gone, damaged };
}

function pagesIn(entry: ArchiveEntry | null): number {
  return entry?.kind === 'segment' ? entry.pages.length : 0;
}
