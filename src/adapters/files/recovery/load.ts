import { segmentOf } from '../../../model/segment.js';
import { pagesTotal, type UserState } from '../../../model/user-state.js';
import { instantOf, type StoreContext } from '../context.js';
import type { SegmentFile } from '../copies/copies.js';
import { DamagedFile } from '../copies/json-file.js';
import { readSegment, shelve } from '../copies/segment-files.js';
import { archiveName } from '../layout.js';
import { type Mark, readMark } from '../log/high-water-mark.js';
import { type Epoch, listEpochs, readStretch, startOf } from '../log/journal-files.js';
import { type Header, schemaVersion, stateOf } from '../log/journal-format.js';
import { Replica } from '../replica.js';
import { everyCopy, type FoundCopies, findCopies } from './check-copies.js';
import { hasTraces, rebuild } from './rebuild.js';
import { recoverSegment } from './recover-segment.js';
import { salvage } from './salvage.js';
import { setAside } from './set-aside.js';

/** Number of segment files read at the same time. */
const readAtOnce = 16;

export interface Loaded {
  readonly replica: Replica;
  /** Whether the files need a checkpoint to be complete again. */
  readonly needsRotation: boolean;
}

/**
 * Reads everything and repairs damage. Losses are recorded in the state and reported until a person accepts
 * them. Null when the user has no memory yet.
 */
export async function loadReplica(context: StoreContext): Promise<Loaded | null> {
  for (;;) {
    const lost: string[] = [];
    const notice: StoreContext['notice'] = (level, message) => {
      if (level === 'error') lost.push(message);
      context.notice(level, message);
    };
    const loaded = await loadOnce({ ...context, notice });
    if (loaded === 'overtaken') continue;
    if (loaded === null) return null;
    const at = instantOf(context.clock);
    loaded.replica.state.losses.push(...lost.map((message) => ({ at, message })));
    return { ...loaded, needsRotation: loaded.needsRotation || lost.length > 0 };
  }
}

async function loadOnce(context: StoreContext): Promise<Loaded | 'overtaken' | null> {
  // Read before the log. So a copy or a mark that is ahead of the log means that part of the log is missing.
  const copies = await findCopies(context);
  const mark = await readMark(context.files, context.layout);
  const { current, damaged } = await listEpochs(context.files, context.layout);
  const base = current === null ? null : await loadEpoch(context, current);
  if (base === 'overtaken') return 'overtaken';
  const begun = base?.replica ?? null;
  const behind = everyCopy(copies).some(({ value }) => (value?.epoch ?? 0) > (current?.epoch ?? 0));
  const hasLeft = mark !== null || damaged.length > 0 || (await hasTraces(context, copies));
  if (current === null && !hasLeft) return null;
  const isMissing = current === null || behind;
  if (isMissing && (await isOvertaken(context, current))) return 'overtaken';
  let needsRotation = base?.needsRotation ?? true;
  let replica = begun;
  if (isMissing || replica === null) {
    replica = await rebuild(context, begun, copies);
    needsRotation = true;
  }
  for (const epoch of [...damaged].reverse()) {
    await salvage(context, replica, epoch, 0);
    replica.salvaged.add(epoch);
    needsRotation = true;
  }
  if (isMissing || isAhead(mark, current, replica)) {
    if (!isMissing && (await isOvertaken(context, current))) return 'overtaken';
    tellOfLoss(context, current, isMissing, isAhead(mark, current, replica) ? mark : null, replica);
    needsRotation = true;
  }
  if (mark !== null) replica.epochFloor = Math.max(replica.epochFloor, mark.epoch);
  if (current !== null && !(await checkArchive(context, current, replica))) {
    if (await isOvertaken(context, current)) return 'overtaken';
    tellOfArchive(context, replica);
  }
  if (needsRotation) {
    // Higher than every number in use, so that nothing written later looks older than existing data.
    replica.position = { ...replica.position, seq: replica.position.seq + 1 };
  }
  if (await repairCopies(context, replica, copies)) needsRotation = true;
  return { replica, needsRotation };
}

/**
 * Whether something acknowledged is missing from the log. An epoch that began after a repair has recorded the
 * loss.
 */
function isAhead(mark: Mark | null, current: Epoch | null, replica: Replica): mark is Mark {
  return mark !== null && mark.epoch >= (current?.epoch ?? 0) && mark.seq > replica.position.seq;
}

function tellOfLoss(
  { notice, layout }: StoreContext,
  current: Epoch | null,
  isMissing: boolean,
  mark: Mark | null,
  { state, position }: Replica,
): void {
  const what =
    current === null
      ? 'the commit log (journal.<n>.jsonl) is missing or unreadable. The memory was rebuilt from short_term.json, mid_term, long_term_user.json and assistants; anything stored after they were written is lost.'
      : isMissing
        ? `the commit log after journal.${current.epoch} is missing. The memory was rebuilt from the rest of the log and from newer files; anything stored since is lost.`
        : `the end of the commit log journal.${current.epoch} is missing.`;
  const extent =
    mark === null
      ? ''
      : ` The memory had ${mark.seq} changes and ${mark.pages} pages; now it has ${position.seq} changes and ${pagesTotal(state)} pages.`;
  notice('error', `${layout.shown}: ${what}${extent} Restore a backup if something is missing.`);
}

/**
 * Checks that the archive is not shorter than it was. Its content is not read, because that takes time in
 * proportion to its size.
 */
async function checkArchive(
  { files, layout }: StoreContext,
  current: Epoch,
  replica: Replica,
): Promise<boolean> {
  const size = (await files.status(layout.archive(replica.archive)))?.size ?? 0;
  if (replica.archive !== current.header.archive) return true;
  const { archive_bytes: bytes, archived } = current.header;
  const evicted = bytes === undefined ? 0 : archived.pages;
  return size >= (bytes ?? 0) && (size > 0 || replica.state.archivedPages <= evicted);
}

function tellOfArchive({ notice, layout }: StoreContext, { archive, state }: Replica): void {
  notice(
    'error',
    `${layout.shown}/${archiveName(archive)} is missing, or shorter than it was. It held ${state.archivedPages} evicted pages; the missing ones are lost. Restore a backup to get them back.`,
  );
}

async function loadEpoch(context: StoreContext, epoch: Epoch): Promise<Loaded | 'overtaken'> {
  const state = stateOf(epoch.header);
  const replica = new Replica(state, startOf(epoch), epoch.headerLength);
  replica.adopt(epoch);
  let needsRotation = false;
  const recovered: Header['segments'] = [];
  for await (const { entry, read } of segmentFiles(context, epoch.header)) {
    let file = read;
    if (file !== null && !(file instanceof DamagedFile) && file.pages.length !== entry.pages) {
      file = new DamagedFile(`holds ${file.pages.length} pages instead of ${entry.pages}`, file);
    }
    if (file === null || file instanceof DamagedFile) {
      if (await isOvertaken(context, epoch)) return 'overtaken';
      file = await recoverSegment(context, entry, epoch.header, file);
      recovered.push(entry);
    }
    fillSegment(state, file, entry);
    if (context.shelvesPages && !recovered.includes(entry)) shelve(context, replica, entry.id);
  }
  for (const { id } of recovered) replica.markChanged(id);
  needsRotation = recovered.length > 0 || epoch.header.schema_version < schemaVersion;
  const stretch = await readStretch(context.files, context.layout, replica.position);
  if (stretch === null) return 'overtaken';
  let isBroken = stretch.broken;
  for (const record of stretch.records) {
    try {
      replica.applyRecord(record);
    } catch {
      isBroken = true;
      break;
    }
  }
  if (isBroken) {
    const { offset } = replica.position;
    const { end } = await salvage(context, replica, epoch.epoch, offset);
    replica.position = { ...replica.position, offset: end };
    replica.salvaged.add(epoch.epoch);
    needsRotation = true;
  }
  return { replica, needsRotation };
}

function fillSegment(state: UserState, file: SegmentFile, entry: Header['segments'][number]): void {
  const { n_visit, last_visit_at } = entry;
  state.segments.set(entry.id, segmentOf({ ...file.head, n_visit, last_visit_at }, file.pages));
  for (const page of file.pages) state.segmentOfPage.set(page.id, entry.id);
}

/** Reads the files of a checkpoint's segments, in its order. */
async function* segmentFiles(context: StoreContext, { segments }: Header) {
  for (let from = 0; from < segments.length; from += readAtOnce) {
    const entries = segments.slice(from, from + readAtOnce);
    const found = await Promise.all(
      entries.map((entry) =>
        readSegment(context, entry.id, entry).catch((error: unknown) => {
          if (error instanceof DamagedFile) return error;
          throw error;
        }),
      ),
    );
    for (const [index, entry] of entries.entries()) yield { entry, read: found[index] ?? null };
  }
}

async function isOvertaken(context: StoreContext, epoch: Epoch | null): Promise<boolean> {
  const { current } = await listEpochs(context.files, context.layout, epoch?.epoch);
  return current !== null;
}

/** Moves damaged copies aside and rewrites missing ones. Returns whether there were any. */
async function repairCopies(context: StoreContext, replica: Replica, copies: FoundCopies): Promise<boolean> {
  let any = false;
  for (const { path, shown, problem, unreadable } of everyCopy(copies)) {
    if (problem === null) continue;
    any = true;
    // A damaged file may hold unique data, so it is kept. A file that is only unreadable is not kept, because
    // it would remain after its content is forgotten.
    const kept = unreadable === 'file' ? '' : ` ${await setAside(context, path)}.`;
    context.notice('warning', `${shown} ${problem}.${kept} A new one is written from the commit log.`);
  }
  const present = new Set(
    copies.assistants.filter(({ problem }) => problem === null).map(({ value }) => value?.assistant_id),
  );
  for (const id of replica.state.assistantKnowledge.keys()) {
    if (present.has(id)) continue;
    replica.changedAssistants.add(id);
    any = true;
  }
  return any || copies.shortTerm === null || copies.longTerm === null;
}
