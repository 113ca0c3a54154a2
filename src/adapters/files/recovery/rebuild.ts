import { isGeneratedId, type SegmentId } from '../../../model/ids.js';
import { traitKey } from '../../../model/profile.js';
import { segmentOf } from '../../../model/segment.js';
import { putTombstones } from '../../../model/tombstones.js';
import { emptyState, setShortTerm } from '../../../model/user-state.js';
import type { StoreContext } from '../context.js';
import { openArchive } from '../copies/archive.js';
import { parseArchiveLine, readArchiveLines } from '../copies/archive-lines.js';
import type { SegmentFile } from '../copies/copies.js';
import { isOlder, parseArchiveName, parseSegmentName, type Version } from '../layout.js';
import { Replica } from '../replica.js';
import { everyCopy, type FoundCopies } from './check-copies.js';
import { newestIntact } from './recover-segment.js';

/**
 * Rebuilds the state from the other files when the log is missing or ends before them: segments from their
 * newest files, the rest from the copies, on top of what the log still gave. Each page ends up in one place:
 * a segment takes precedence over short-term memory, and both over the archive.
 */
export async function rebuild(
  context: StoreContext,
  base: Replica | null,
  copies: FoundCopies,
): Promise<Replica> {
  const from: Version = base?.position ?? { epoch: 0, seq: 0 };
  const state = base?.state ?? emptyState();
  const archive = await newestArchive(context);
  let newest: Version = from;
  const see = (version: Version) => {
    if (isOlder(newest, version)) newest = version;
  };

  for (const file of await segmentFiles(context)) {
    see(file);
    const evicted = archive.segments.get(file.head.id);
    if (!isOlder(from, file) || (evicted !== undefined && !isOlder(evicted, file))) continue;
    for (const { id } of state.segments.get(file.head.id)?.pages ?? []) state.segmentOfPage.delete(id);
    const pages = file.pages.filter((page) => !state.segmentOfPage.has(page.id));
    state.segments.set(file.head.id, segmentOf(file.head, pages));
    for (const page of pages) state.segmentOfPage.set(page.id, file.head.id);
  }

  const { shortTerm, longTerm, assistants } = copies;
  if (shortTerm?.value && isOlder(from, shortTerm.value)) {
    const { pages, last_migrated, troubles, archived } = shortTerm.value;
    setShortTerm(state, [...state.shortTerm, ...pages.filter((page) => !state.shortTermById.has(page.id))]);
    state.lastMigrated = last_migrated;
    for (const trouble of troubles) state.troubles.set(trouble.job, trouble);
    state.archivedSegments = archived.segments;
    state.archivedPages = archived.pages;
  }
  setShortTerm(
    state,
    state.shortTerm.filter((page) => !state.segmentOfPage.has(page.id) && !archive.pages.has(page.id)),
  );
  if (longTerm?.value && isOlder(from, longTerm.value)) {
    state.profile.clear();
    for (const entry of longTerm.value.tombstones ?? []) putTombstones(state.tombstones, entry);
    const noted = new Set(state.losses.map(({ message }) => message));
    state.losses.push(...(longTerm.value.losses ?? []).filter(({ message }) => !noted.has(message)));
    for (const trait of longTerm.value.profile) state.profile.set(traitKey(trait), trait);
    state.userKnowledge.splice(0, state.userKnowledge.length, ...longTerm.value.knowledge);
    state.changes.splice(0, state.changes.length, ...(longTerm.value.changes ?? []));
  }
  for (const { value } of assistants) {
    if (value && isOlder(from, value)) state.assistantKnowledge.set(value.assistant_id, value.knowledge);
  }
  for (const { value } of everyCopy(copies)) if (value !== null) see(value);

  const position = { epoch: 0, offset: 0, check: '', ...base?.position, seq: newest.seq };
  const replica = new Replica(state, position, base?.headerLength ?? 0);
  replica.epochFloor = newest.epoch;
  replica.archive = archive.generation;
  for (const id of state.segments.keys()) replica.markChanged(id);
  for (const id of state.assistantKnowledge.keys()) replica.changedAssistants.add(id);
  return replica;
}

/** The newest intact file of every segment folder, in the order the segments were opened. */
async function segmentFiles(context: StoreContext): Promise<SegmentFile[]> {
  const found: SegmentFile[] = [];
  for (const name of (await context.files.list(context.layout.midTerm)).sort()) {
    if (!isSegmentId(name)) continue;
    const file = await newestIntact(context, name);
    if (file !== null) found.push(file);
  }
  return found;
}

function isSegmentId(name: string): name is SegmentId {
  return isGeneratedId(name, 'sg');
}

/**
 * The content of the newest archive file: ids of pages, and ids of segments with the latest eviction of each.
 */
async function newestArchive(context: StoreContext) {
  const names = await context.files.list(context.layout.root);
  const generation = Math.max(0, ...names.map((name) => parseArchiveName(name) ?? 0));
  const segments = new Map<string, Version>();
  const pages = new Set<string>();
  const file = await openArchive(context, generation);
  if (file === null) return { generation, segments, pages };
  try {
    for await (const { data } of readArchiveLines(file)) {
      const line = await parseArchiveLine(data);
      if (line?.kind !== 'segment') continue;
      const former = segments.get(line.head.id);
      const version = { epoch: line.epoch, seq: line.seq };
      if (former === undefined || isOlder(former, version)) segments.set(line.head.id, version);
      for (const page of line.pages) pages.add(page.id);
    }
  } finally {
    await file.close();
  }
  return { generation, segments, pages };
}

/** Whether there is anything to rebuild from. */
export async function hasTraces(context: StoreContext, copies: FoundCopies): Promise<boolean> {
  // A copy that the disk cannot read proves nothing, not even that it exists.
  if (everyCopy(copies).some(({ unreadable }) => unreadable === undefined)) return true;
  const folders = await context.files.list(context.layout.midTerm);
  for (const name of folders) {
    if (!isSegmentId(name)) continue;
    const names = await context.files.list(context.layout.segmentFolder(name));
    if (names.some((file) => parseSegmentName(file) !== null)) return true;
  }
  return false;
}
