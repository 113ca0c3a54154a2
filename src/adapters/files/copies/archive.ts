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

/**
 * Appends what left the state; durable when it resolves. Readers ignore lines that the log does not confirm.
 */
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
  const encoded: string[] = [];
  for (const line of lines) encoded.push(await encodeArchiveLine(line));
  const { files, layout } = context;
  const file = await files.open(layout.archive(generation), 'append');
  try {
    const feed = await endLastLine(file);
    await writeAll(file, Buffer.from(feed + encoded.join('')));
    await file.sync();
    // Makes the file's name durable, because the file may be new.
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
 * The content of the archive, each entry once. A crash may leave lines of entries that did not leave the
 * state after all, and the next try writes the same entry again. A process that was suspended may write such
 * a line after the line of the eviction that counts. So the line of the latest transaction counts; among
 * lines of one transaction, the last.
 */
export async function* readArchive(file: OpenFile, state: () => UserState): AsyncGenerator<ArchiveEntry> {
  const size = await file.size();
  const newest = new NewestLines();
  for await (const found of readArchiveLines(file, 0, size)) await newest.see(found);
  for await (const found of readArchiveLines(file, 0, size)) {
    if (!newest.counts(found)) continue;
    const line = await parseArchiveLine(found.data);
    if (line !== null && !isInState(line, state())) yield entryOf(line);
  }
}

/** Those of these pages that are in the archive and neither in the state nor forgotten. */
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

/** Determines which line of each entry counts. */
export class NewestLines {
  readonly #newest = new Map<string, { readonly version: Version; readonly start: number }>();
  #counting: ReadonlySet<number> | null = null;

  /** Must be called for every line, in order, before any result is read. */
  async see({ data, start }: FoundLine): Promise<void> {
    const identity = await identify(data);
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

/** Whether the entry of the line is still in the tiers; then it was not evicted. */
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
