import { segmentOf } from '../../../model/segment.js';
import type { UserState } from '../../../model/user-state.js';
import type { StoreContext } from '../context.js';
import type { SegmentFile } from '../copies/copies.js';
import { DamagedFile } from '../copies/json-file.js';
import { readSegment } from '../copies/segment-files.js';
import { type Epoch, listEpochs, readStretch, startOf } from '../log/journal-files.js';
import { type Header, schemaVersion, stateOf } from '../log/journal-format.js';
import { Replica } from '../replica.js';
import { everyCopy, type FoundCopies, findCopies } from './check-copies.js';
import { hasTraces, rebuild } from './rebuild.js';
import { recoverSegment } from './recover-segment.js';
import { salvage } from './salvage.js';
import { setAside } from './set-aside.js';

/** Segment files read at the same time. */
const readAtOnce = 16;

export interface Loaded {
  readonly replica: Replica;
  /** Whether the files need a checkpoint to be whole again. */
  readonly needsRotation: boolean;
}

/** Reads everything, repairing what is damaged. Null when there is nothing of this user yet. */
export async function loadReplica(context: StoreContext): Promise<Loaded | null> {
  for (;;) {
    // Before the log: so a copy that is newer than the log means that a part of the log is gone.
    const copies = await findCopies(context);
    const { current, damaged } = await listEpochs(context.files, context.layout);
    const base = current === null ? null : await loadEpoch(context, current);
    if (base === 'overtaken') continue;
    const begun = base?.replica ?? null;
    const behind = everyCopy(copies).some(({ value }) => (value?.epoch ?? 0) > (current?.epoch ?? 0));
    const isMissing = current === null && (damaged.length > 0 || (await hasTraces(context, copies)));
    if (current === null && !isMissing) return null;
    if ((behind || isMissing) && (await isOvertaken(context, current))) continue;
    let needsRotation = base?.needsRotation ?? true;
    let replica = begun;
    if (behind || isMissing || replica === null) {
      replica = await rebuild(context, begun, copies);
      tellOfLoss(context, current);
      needsRotation = true;
    }
    for (const epoch of [...damaged].reverse()) {
      await salvage(context, replica, epoch, 0);
      replica.salvaged.add(epoch);
      needsRotation = true;
    }
    if (needsRotation) {
      // Above every number in use, so that nothing written from now on looks older than what is there.
      replica.position = { ...replica.position, seq: replica.position.seq + 1 };
    }
    if (await repairCopies(context, replica, copies)) needsRotation = true;
    return { replica, needsRotation };
  }
}

function tellOfLoss({ notice, layout }: StoreContext, current: Epoch | null): void {
  notice(
    'error',
    current === null
      ? `${layout.shown}: the commit log (journal.<n>.jsonl) is missing or unreadable. The memory was put together from short_term.json, mid_term, long_term_user.json and assistants; what was stored after they were written is lost. Restore a backup if something is missing.`
      : `${layout.shown}: the commit log after journal.${current.epoch} is missing. The memory was put together from what is left of it and from newer files; what was stored since is lost. Restore a backup if something is missing.`,
  );
}

async function loadEpoch(context: StoreContext, epoch: Epoch): Promise<Loaded | 'overtaken'> {
  const read = await readSegments(context, epoch.header);
  const state = stateOf(epoch.header);
  let needsRotation = false;
  const recovered: Header['segments'] = [];
  for (const [index, entry] of epoch.header.segments.entries()) {
    let file = read[index] ?? null;
    if (file !== null && !(file instanceof DamagedFile) && file.pages.length !== entry.pages) {
      file = new DamagedFile(`holds ${file.pages.length} pages instead of ${entry.pages}`, file);
    }
    if (file === null || file instanceof DamagedFile) {
      if (await isOvertaken(context, epoch)) return 'overtaken';
      file = await recoverSegment(context, entry, epoch.header, file);
      recovered.push(entry);
    }
    fillSegment(state, file, entry);
  }
  const replica = new Replica(state, startOf(epoch), epoch.headerLength);
  replica.adopt(epoch);
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

async function readSegments(
  context: StoreContext,
  header: Header,
): Promise<(SegmentFile | DamagedFile | null)[]> {
  const found: (SegmentFile | DamagedFile | null)[] = header.segments.map(() => null);
  let next = 0;
  const reader = async () => {
    for (let index = next++; index < header.segments.length; index = next++) {
      const entry = header.segments[index];
      if (entry === undefined) return;
      found[index] = await readSegment(context, entry.id, entry).catch((error: unknown) => {
        if (error instanceof DamagedFile) return error;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: readAtOnce }, reader));
  return found;
}

async function isOvertaken(context: StoreContext, epoch: Epoch | null): Promise<boolean> {
  const { current } = await listEpochs(context.files, context.layout, epoch?.epoch);
  return current !== null;
}

/** Moves damaged copies aside and has the missing ones written again. Returns whether there were any. */
async function repairCopies(context: StoreContext, replica: Replica, copies: FoundCopies): Promise<boolean> {
  let any = false;
  for (const { path, shown, problem } of everyCopy(copies)) {
    if (problem === null) continue;
    any = true;
    context.notice(
      'warning',
      `${shown} ${problem}. ${await setAside(context, path)}; a new one is written from the commit log.`,
    );
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
