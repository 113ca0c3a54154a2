import { readRange } from '../../lib/file-access.js';
import type { Operation } from '../../model/operation.js';
import { segmentOf } from '../../model/segment.js';
import type { UserState } from '../../model/user-state.js';
import type { StoreContext } from './context.js';
import type { SegmentFile } from './copies.js';
import { type Epoch, listEpochs, readStretch, startOf, withJournal } from './journal-files.js';
import { decodeRecord, type Header, stateOf } from './journal-format.js';
import { DamagedFile } from './json-file.js';
import { Replica } from './replica.js';
import { readSegment } from './segment-files.js';

/** Segment files read at the same time. */
const readAtOnce = 16;

export interface Loaded {
  readonly replica: Replica;
  /** Whether the files need a checkpoint to be whole again. */
  readonly needsRotation: boolean;
}

/** Reads everything. Null when the user has no log at all. */
export async function loadReplica(context: StoreContext): Promise<Loaded | null> {
  for (;;) {
    const { current } = await listEpochs(context.files, context.layout);
    if (current === null) return null;
    const loaded = await loadEpoch(context, current);
    if (loaded !== 'overtaken') return loaded;
  }
}

async function loadEpoch(context: StoreContext, epoch: Epoch): Promise<Loaded | 'overtaken'> {
  const files = await readSegments(context, epoch.header);
  const state = stateOf(epoch.header);
  let needsRotation = false;
  for (const [index, entry] of epoch.header.segments.entries()) {
    const file = files[index];
    if (file === undefined || file === null) {
      if (await isOvertaken(context, epoch)) return 'overtaken';
      context.notice('error', `${context.layout.shown}/mid_term/${entry.id} cannot be read`);
      needsRotation = true;
      continue;
    }
    fillSegment(state, file, entry);
  }
  const replica = new Replica(state, startOf(epoch), epoch.headerLength);
  replica.adopt(epoch);
  const stretch = await readStretch(context.files, context.layout, replica.position);
  if (stretch === null) return 'overtaken';
  for (const record of stretch.records) {
    try {
      replica.applyRecord(record);
    } catch {
      return { replica, needsRotation: await salvage(context, replica) };
    }
  }
  if (stretch.broken) needsRotation = (await salvage(context, replica)) || needsRotation;
  return { replica, needsRotation };
}

function fillSegment(state: UserState, file: SegmentFile, entry: Header['segments'][number]): void {
  const { n_visit, last_visit_at } = entry;
  state.segments.set(entry.id, segmentOf({ ...file.head, n_visit, last_visit_at }, file.pages));
  for (const page of file.pages) state.segmentOfPage.set(page.id, entry.id);
}

async function readSegments(context: StoreContext, header: Header): Promise<(SegmentFile | null)[]> {
  const found: (SegmentFile | null)[] = header.segments.map(() => null);
  let next = 0;
  const reader = async () => {
    for (let index = next++; index < header.segments.length; index = next++) {
      const entry = header.segments[index];
      if (entry === undefined) return;
      try {
        found[index] = await readSegment(context, entry.id, entry);
      } catch (error) {
        if (!(error instanceof DamagedFile)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: readAtOnce }, reader));
  return found;
}

async function isOvertaken(context: StoreContext, epoch: Epoch): Promise<boolean> {
  const { current } = await listEpochs(context.files, context.layout);
  return current !== null && current.epoch > epoch.epoch;
}

/** Applies what can be read behind damage, operation by operation. Returns whether there was any damage. */
async function salvage(context: StoreContext, replica: Replica): Promise<boolean> {
  const { position } = replica;
  const data = await withJournal(context.files, context.layout, position.epoch, async (file) =>
    readRange(file, position.offset, (await file.size()) - position.offset),
  );
  if (data === null) return false;
  let start = 0;
  let { seq } = position;
  const lost = { lines: 0, operations: 0 };
  for (let feed = data.indexOf(10); feed !== -1; feed = data.indexOf(10, start)) {
    const record = decodeRecord(data.toString('utf8', start, feed), feed + 1 - start);
    start = feed + 1;
    if (record === null) lost.lines += 1;
    // A lower number is of another history: it was never acknowledged.
    if (record === null || record.seq <= seq) continue;
    seq = record.seq;
    for (const operation of record.operations) if (!fits(replica, operation)) lost.operations += 1;
  }
  replica.position = { ...position, offset: position.offset + start, seq };
  if (lost.lines + lost.operations > 0) {
    context.notice(
      'error',
      `${context.layout.shown}/journal.${position.epoch}.jsonl is damaged: ${lost.lines} lines could not be read and ${lost.operations} later changes did not fit any more.`,
    );
  }
  return true;
}

function fits(replica: Replica, operation: Operation): boolean {
  try {
    replica.apply([operation]);
    return true;
  } catch {
    return false;
  }
}
