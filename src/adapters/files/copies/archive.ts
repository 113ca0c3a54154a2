import { writeAll } from '../../../lib/io/file-access.js';
import { codeOf, type OpenFile } from '../../../lib/io/files.js';
import type { PageId } from '../../../model/ids.js';
import type { Departed } from '../../../model/transaction.js';
import { hasPage, knownFacts, type UserState } from '../../../model/user-state.js';
import type { ArchiveEntry } from '../../../ports/store.js';
import { instantOf, type StoreContext } from '../context.js';
import { isOlder, type Version } from '../layout.js';
import {
  type ArchiveLine,
  encodeArchiveLine,
  endLastLine,
  type FoundLine,
  identify,
  parseArchiveLine,
  readArchiveLines,
} from './archive-lines.js';

/** Appends what left the state; durable when it resolves. What the log then does not confirm is not read. */
export async function appendToArchive(
  context: StoreContext,
  generation: number,
  departed: readonly { readonly departed: Departed; readonly position: Version }[],
): Promise<void> {
  const at = instantOf(context.clock);
  const lines = departed.flatMap(({ departed: { segments, facts }, position: { epoch, seq } }) => [
    ...segments.map(({ head, pages }) => ({ kind: 'segment' as const, at, epoch, seq, head, pages })),
    ...facts.map((fact) => ({ kind: 'fact' as const, at, epoch, seq, fact })),
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

/**
 * What the archive holds, each entry once. A crash may leave lines of things that did not leave the state after
 * all, and the same one again from the next try; a process that was suspended may write such a line after that of
 * the eviction that counts. So the line of the latest transaction counts, and of those of one the last.
 */
export async function* readArchive(file: OpenFile, state: () => UserState): AsyncGenerator<ArchiveEntry> {
  const size = await file.size();
  const newest = new NewestLines();
  for await (const found of readArchiveLines(file, 0, size)) newest.see(found);
  for await (const found of readArchiveLines(file, 0, size)) {
    if (!newest.counts(found)) continue;
    const line = parseArchiveLine(found.text);
    if (line !== null && !isInState(line, state())) yield entryOf(line);
  }
}

/** Which of these pages are neither in the state nor gone, but in the archive. */
export async function archivedAmong(
  context: StoreContext,
  generation: number,
  state: UserState,
  ids: readonly PageId[],
): Promise<ReadonlySet<string>> {
  const sought = new Set<string>(ids.filter((id) => !hasPage(state, id)));
  const found = new Set<string>();
  const file = sought.size === 0 ? null : await openArchive(context, generation);
  if (file === null) return found;
  try {
    for await (const entry of readArchive(file, () => state)) {
      if (entry.kind === 'fact') continue;
      for (const { id } of entry.pages) if (sought.has(id)) found.add(id);
    }
  } finally {
    await file.close();
  }
  return found;
}

/** Finds out which line of each entry counts. */
export class NewestLines {
  readonly #newest = new Map<string, { readonly version: Version; readonly start: number }>();
  #counting: ReadonlySet<number> | null = null;

  /** To be told of every line, in order, before any is asked for. */
  see({ text, start }: FoundLine): void {
    const identity = identify(text);
    if (identity === null) return;
    const { id, version } = identity;
    const former = this.#newest.get(id);
    if (former === undefined || !isOlder(version, former.version)) this.#newest.set(id, { version, start });
  }

  counts({ start }: FoundLine): boolean {
    this.#counting ??= new Set([...this.#newest.values()].map((newest) => newest.start));
    return this.#counting.has(start);
  }
}

/** Whether what the line tells of is in the tiers: then it was not evicted. */
export function isInState(line: ArchiveLine, state: UserState): boolean {
  if (line.kind === 'segment') return state.segments.has(line.head.id);
  const { assistant_id: assistantId, id } = line.fact;
  return knownFacts(state, assistantId)?.some((fact) => fact.id === id) === true;
}

export function entryOf(line: ArchiveLine): ArchiveEntry {
  return line.kind === 'segment'
    ? { kind: 'segment', head: line.head, pages: line.pages }
    : { kind: 'fact', fact: line.fact };
}

export function lineOf(entry: ArchiveEntry, { at, epoch, seq }: ArchiveLine): ArchiveLine {
  return entry.kind === 'segment'
    ? { kind: 'segment', at, epoch, seq, head: entry.head, pages: [...entry.pages] }
    : { kind: 'fact', at, epoch, seq, fact: entry.fact };
}
