import { Buffer } from 'node:buffer';
import { writeAll } from '../../../lib/io/file-access.js';
import { codeOf, type OpenFile } from '../../../lib/io/files.js';
import { instantOf, type StoreContext } from '../context.js';
import { writeChangedSegments } from '../copies/segment-files.js';
import type { HeldLock, UserLock } from '../lock/user-lock.js';
import type { Replica } from '../replica.js';
import { type Epoch, listEpochs, listNumbers } from './journal-files.js';
import { encodeHeader, headerOf } from './journal-format.js';

export interface Rotation {
  readonly context: StoreContext;
  readonly replica: Replica;
  readonly lock: UserLock;
  /** The archive of the next epoch, if it changes. */
  readonly archive?: number | undefined;
  /**
   * Called when nothing can be appended any more. Returns true when it found changes of the state, `give up`
   * when the replica cannot continue.
   */
  readonly readOn: () => Promise<boolean | 'give up'>;
}

/** An epoch that has begun, with its lock. */
export interface Begun {
  readonly epoch: Epoch;
  readonly held: HeldLock;
}

/**
 * Closes the replica's epoch and begins the next one with the replica's state. Null when another process was
 * first; the replica then has to follow it. The caller holds a lock of the present epoch and receives that of
 * the next. All steps that may fail for lack of space come before the old log is sealed.
 */
export async function rotate(rotation: Rotation): Promise<Begun | null> {
  const { context, replica, readOn } = rotation;
  const { files, layout } = context;
  const from = replica.position.epoch;
  const { epoch, file, held } = await claim(rotation);
  let committed = false;
  let live = false;
  try {
    let header = await writeHeader(rotation, epoch, file);
    await seal(context, from);
    if (await isOvertaken(context, from, epoch)) return null;
    for (let more = await readOn(); more !== false; more = await readOn()) {
      if (more === 'give up') return null;
      header = await writeHeader(rotation, epoch, file);
    }
    committed = true;
    await writeAll(file, Buffer.from('\n'), header.headerLength - 1);
    await file.sync();
    await files.syncFolder(layout.root);
    if ((await files.status(layout.journal(epoch))) === null) return null;
    replica.adopt(header);
    live = true;
    return { epoch: header, held };
  } finally {
    await file.close();
    // After the line feed was written, other processes may already write to the epoch.
    if (!committed) await files.remove(layout.journal(epoch)).catch(() => undefined);
    if (!live) await held.release();
  }
}

/** Claims the next number. A log without a complete first line is only a claim and does not count. */
async function claim({ context: { files, layout }, lock, replica }: Rotation) {
  const numbers = await listNumbers(files, layout);
  for (let epoch = Math.max(numbers.at(-1) ?? 0, replica.epochFloor) + 1; ; epoch += 1) {
    const held = await lock.take(epoch, 0);
    if (held === null) continue;
    try {
      return { epoch, held, file: await files.open(layout.journal(epoch), 'create') };
    } catch (error) {
      await held.release();
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Writes the header without its line feed, and the files it names. All of it is durable. */
async function writeHeader(
  { context, replica, archive }: Rotation,
  epoch: number,
  file: OpenFile,
): Promise<Epoch> {
  await writeChangedSegments(context, replica, async (job) => job());
  const { position } = replica;
  const header = headerOf(
    replica.state,
    {
      user_id: context.userId,
      epoch,
      seq: position.seq,
      at: instantOf(context.clock),
      previous: position.epoch === 0 ? null : { epoch: position.epoch, length: position.offset },
      retired: [...replica.retired],
      archive: archive ?? replica.archive,
      archive_bytes: await durableArchiveBytes(context, replica, archive ?? replica.archive),
    },
    replica.saved,
  );
  const { line, check } = await encodeHeader(header);
  const data = Buffer.from(line);
  await file.truncate(0);
  await writeAll(file, data, 0);
  await file.sync();
  return { epoch, header, check, headerLength: data.length + 1 };
}

/**
 * Syncs the archive and returns its length. Data that a former owner appended late may not be durable yet.
 */
async function durableArchiveBytes(
  { files, layout }: StoreContext,
  replica: Replica,
  generation: number,
): Promise<number> {
  const path = layout.archive(generation);
  const size = (await files.status(path))?.size ?? 0;
  if (size === 0 || (generation === replica.archive && size === replica.archiveBytes)) return size;
  const file = await files.open(path, 'update');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

/**
 * Seals the log: further appends do not count. A process that appended before either has acknowledged already or
 * finds the log sealed before it acknowledges.
 */
async function seal({ files, layout }: StoreContext, epoch: number): Promise<void> {
  if (epoch === 0) return;
  try {
    await files.rename(layout.journal(epoch), layout.sealed(epoch));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Seals the claims below this process's own, so that none of them can become an epoch unnoticed. Returns
 * whether one already is an epoch.
 */
async function isOvertaken(context: StoreContext, from: number, own: number): Promise<boolean> {
  for (const number of await listNumbers(context.files, context.layout)) {
    if (number > from && number < own) await seal(context, number);
  }
  const { current } = await listEpochs(context.files, context.layout, from);
  return current !== null;
}
