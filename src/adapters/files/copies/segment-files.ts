import { dirname, join } from 'node:path';
import { MemoryError, messageOf } from '../../../model/errors.js';
import type { SegmentId } from '../../../model/ids.js';
import type { Page } from '../../../model/page.js';
import type { Segment } from '../../../model/segment.js';
import type { StoreContext } from '../context.js';
import { isOlder, parseSegmentName, type Version } from '../layout.js';
import { refuseNewer, schemaVersion } from '../log/journal-format.js';
import type { Replica } from '../replica.js';
import { isShapedLike, type SegmentFile, segmentFileSchema } from './copies.js';
import { DamagedFile, readJsonFile, readJsonFileNow, writeJsonFile } from './json-file.js';
import { indexName } from './vectors.js';

const writtenAtOnce = 8;
/** An unfinished file that has not changed for this long was left by a process that has ended. */
const abandonedAfterMs = 15 * 60_000;

/** Null when there is no such file. Throws DamagedFile, STORE_NEWER. */
export async function readSegment(
  { files, layout }: StoreContext,
  id: SegmentId,
  version: Version,
): Promise<SegmentFile | null> {
  const path = layout.segment(id, version);
  const where = `${layout.shown}/mid_term/${id}`;
  let value: unknown;
  try {
    value = await readJsonFile(files, path);
  } catch (error) {
    if (error instanceof DamagedFile) refuseNewer(error.value, where);
    throw error;
  }
  if (value === null) return null;
  refuseNewer(value, where);
  return checked(value, id);
}

function checked(value: unknown, id: SegmentId): SegmentFile {
  if (isShapedLike(segmentFileSchema, value) && value.head.id === id) return value;
  throw new DamagedFile('does not have the fields of a segment', value);
}

/**
 * Drops the pages of a segment from memory when its file holds them. The first use of `pages` reads them back
 * synchronously, as the reducer needs, and they stay in memory. Reading throws STORE_IO; a process that falls too
 * far behind others then reads everything again.
 */
export function shelve(context: StoreContext, replica: Replica, id: SegmentId): void {
  const segment = replica.state.segments.get(id);
  if (segment === undefined || replica.changed.has(id)) return;
  const hold = (value: Page[]) => {
    Object.defineProperty(segment, 'pages', { value, writable: true, enumerable: true, configurable: true });
  };
  Object.defineProperty(segment, 'pages', {
    get() {
      hold(shelvedPages(context, replica, id));
      return segment.pages;
    },
    set: hold,
    enumerable: true,
    configurable: true,
  });
}

function shelvedPages({ files, layout }: StoreContext, replica: Replica, id: SegmentId): Page[] {
  try {
    const version = replica.saved.get(id);
    if (version === undefined) throw new DamagedFile('has no file', null);
    return checked(readJsonFileNow(files, layout.segment(id, version)), id).pages;
  } catch (error) {
    const where = `${layout.shown}/mid_term/${id}`;
    throw new MemoryError('STORE_IO', `${where} cannot be read again: ${messageOf(error)}. Try again.`, {
      cause: error,
    });
  }
}

/** A file that was written without holding the lock. */
export interface WrittenSegment {
  readonly id: SegmentId;
  readonly version: Version;
}

/**
 * Writes the files of changed segments. New versions are stored beside the old ones, so a former lock owner
 * that resumes cannot replace anything. `between` is awaited between batches. It must resolve only when
 * everything in the state is durable.
 */
export async function writeChangedSegments(
  context: StoreContext,
  replica: Replica,
  between: <T>(job: () => T) => Promise<T>,
): Promise<WrittenSegment[]> {
  const written: WrittenSegment[] = [];
  for (;;) {
    const batch = await between(() => {
      const { version } = replica;
      return [...replica.changed].slice(0, writtenAtOnce).map(([id, change]) => {
        const { head, pages } = replica.state.segments.get(id) ?? ({ head: null, pages: [] } as const);
        return { id, change, version, head, pages: [...pages] };
      });
    });
    if (batch.length === 0) return written;
    written.push(...batch);
    await Promise.all(
      batch.map(async ({ version, head, pages }) => {
        if (head !== null) await writeSegment(context, { head, pages }, version);
      }),
    );
    // Makes the segments' folders durable, because they may be new.
    if (batch.some(({ head }) => head !== null)) await context.files.syncFolder(context.layout.midTerm);
    for (const { id, change, version } of batch) {
      replica.noteSaved(id, version, change);
      if (context.shelvesPages) shelve(context, replica, id);
    }
  }
}

async function writeSegment(
  { files, layout }: StoreContext,
  segment: Pick<Segment, 'head' | 'pages'>,
  version: Version,
): Promise<void> {
  const { epoch, seq } = version;
  const path = layout.segment(segment.head.id, version);
  const { head, pages } = segment;
  const value: SegmentFile = { schema_version: schemaVersion, epoch, seq, head, pages };
  await files.makeFolder(dirname(path));
  await writeJsonFile(files, path, value);
}

/** With the lock held: removes files that no checkpoint names because another process was first. */
export async function removeUnused(
  { files, layout }: StoreContext,
  replica: Replica,
  written: readonly WrittenSegment[],
): Promise<void> {
  for (const { id, version } of written) {
    const named = replica.saved.get(id);
    if (named?.epoch === version.epoch && named.seq === version.seq) continue;
    await files.remove(layout.segment(id, version));
  }
}

/**
 * Removes versions of a segment's file that are older than the one this checkpoint names, except `former`.
 * Also removes unfinished files of processes that were killed.
 */
export async function removeOldVersions(
  context: StoreContext,
  id: SegmentId,
  present: Version,
  former?: Version,
): Promise<void> {
  const { files, layout } = context;
  for (const name of await files.list(layout.segmentFolder(id))) {
    const path = join(layout.segmentFolder(id), name);
    if (name.endsWith('.tmp') && (await isAbandoned(context, path))) await files.remove(path);
    const version = parseSegmentName(name);
    if (version === null || !isOlder(version, present)) continue;
    if (former === undefined || isOlder(version, former) || isOlder(former, version)) {
      await files.remove(layout.segment(id, version));
    }
  }
}

/**
 * Removes all files of a segment that has been in no checkpoint since `epoch`. A segment that came back with
 * the same id has newer files, which stay, even when this process is suspended in the middle.
 */
export async function removeSegment(
  { files, layout }: StoreContext,
  id: string,
  epoch: number,
): Promise<void> {
  const folder = join(layout.midTerm, id);
  const names = await files.list(folder);
  const isNewer = (name: string) => (parseSegmentName(name)?.epoch ?? 0) >= epoch;
  if (names.some(isNewer)) return;
  for (const name of names) await files.remove(join(folder, name));
  await files.removeFolder(folder);
}

/** Whether the file belongs to the segment, finished or not, and is not a damaged file that was kept. */
export function isPartOfSegment(name: string): boolean {
  return parseSegmentName(name) !== null || name === indexName || name.endsWith('.tmp');
}

export async function isAbandoned({ files, clock }: StoreContext, path: string): Promise<boolean> {
  const status = await files.status(path);
  return status !== null && status.modifiedMs < clock.now() - abandonedAfterMs;
}
