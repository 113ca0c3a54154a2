import { join } from 'node:path';
import type { OpenFile } from '../../lib/io/files.js';
import { codeOf } from '../../lib/io/files.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import type { UserState } from '../../model/user-state.js';
import type { ArchiveEdit, Lease, PurgeResult, SegmentVectors, UserStore } from '../../ports/memory-store.js';
import type { ArchiveEntry, StoreChange, StoreNotice } from '../../ports/store.js';
import { heldVectors } from '../in-memory/held-vectors.js';
import type { StoreContext } from './context.js';
import { openArchive, readArchive } from './copies/archive.js';
import { removeUnused, writeChangedSegments } from './copies/segment-files.js';
import { loadVectors, removeVectors, saveVectors } from './copies/vectors.js';
import { asStoreErrors } from './io-errors.js';
import { MigrationLease } from './lock/lease.js';
import { positionAt } from './lock/log-position.js';
import { removeClosedEpochs } from './log/after-rotation.js';
import { GroupCommit } from './log/group-commit.js';
import { UserLog } from './log/user-log.js';
import { purge } from './purge.js';
import { withoutChanges } from './without-changes.js';

/**
 * A log that has grown by this much, and by more than twice its first line, is closed, and a new one begins.
 */
const journalBytesMax = 512 * 1024;

/** How often the folder of an existing segment may disappear while its vectors are saved. */
const folderLossesMax = 3;

type Shared = Omit<StoreContext, 'notice' | 'tell'>;

/** Opens the memory of one user on files. Throws STORE_…. */
export async function openUserStore(shared: Shared): Promise<UserStore> {
  const store = new FileUserStore(shared);
  await store.open();
  return store;
}

/** Opens the memory of one user read-only: every change fails. Null when there is none. */
export async function openUserStoreReadOnly(shared: Shared): Promise<UserStore | null> {
  const store = new FileUserStore({ ...shared, files: withoutChanges(shared.files) });
  return (await store.read()) ? store : null;
}

/** The memory of one user on files, as this process sees it. */
class FileUserStore implements UserStore {
  readonly notices: StoreNotice[] = [];
  readonly #listeners = new Set<(change: StoreChange) => void>();
  readonly #context: StoreContext;
  readonly #log: UserLog;
  readonly #lane = new WriteLane();
  readonly #commits: GroupCommit;
  /** Whether a drain is queued in the lane but has not begun. */
  #drainIsDue = false;
  readonly #lease: MigrationLease;
  /** One checkpoint at a time. A call during a checkpoint waits for the next one. */
  readonly #checkpoints = new WriteLane();
  #waiting: Promise<void> | null = null;
  #timer: { readonly timeout: NodeJS.Timeout; readonly isDue: boolean } | null = null;
  #closing: Promise<void> | null = null;

  constructor(shared: Shared) {
    this.#context = {
      ...shared,
      notice: (level, message) => void this.notices.push({ level, message }),
      tell: (change) => this.#tell(change),
    };
    this.#log = new UserLog(this.#context);
    this.#commits = new GroupCommit(this.#context, this.#log);
    this.#lease = new MigrationLease(this.#context);
  }

  /** Reads the memory or creates one. Must be awaited before anything else. */
  async open(): Promise<void> {
    await asStoreErrors('open the memory', this.#root, () => this.#log.open());
  }

  /** Reads the memory without changing anything. False when there is none. */
  async read(): Promise<boolean> {
    return asStoreErrors('open the memory', this.#root, () => this.#log.read());
  }

  get userId() {
    return this.#context.userId;
  }

  get state() {
    return this.#log.replica.state;
  }

  get position() {
    const { epoch, offset } = this.#log.replica.position;
    return positionAt(epoch, offset);
  }

  get seq() {
    return this.#log.replica.position.seq;
  }

  refresh(): Promise<void> {
    return this.#inLane('read the memory', async () => void (await this.#log.refresh()));
  }

  async transact(decide: (state: UserState) => readonly Operation[]): Promise<readonly Operation[]> {
    this.#checkOpen();
    const done = this.#commits.enqueue(decide);
    this.#drainSoon();
    const operations = await asStoreErrors('store a change', this.#root, () => done);
    await this.#afterCommit(operations);
    return operations;
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async tryLease(): Promise<Lease | null> {
    this.#checkOpen();
    return asStoreErrors('take the migration lease', this.#root, () => this.#lease.tryTake());
  }

  async loadVectors(segmentId: SegmentId): Promise<SegmentVectors | null> {
    this.#checkOpen();
    if (!this.state.segments.has(segmentId)) return null;
    const { files, layout, notice } = this.#context;
    return asStoreErrors('read vectors', this.#root, async () => {
      const { vectors, damaged } = await loadVectors(files, layout.segmentFolder(segmentId));
      if (damaged !== null) {
        const where = `${layout.shown}/mid_term/${segmentId}/index.pb`;
        notice('info', `${where} ${damaged}; the vectors are computed again.`);
      }
      return vectors;
    });
  }

  async saveVectors(segmentId: SegmentId, vectors: SegmentVectors): Promise<void> {
    this.#checkOpen();
    const { files, layout } = this.#context;
    const folder = layout.segmentFolder(segmentId);
    let segment = this.state.segments.get(segmentId);
    if (segment === undefined) return;
    let held = vectors;
    for (let losses = 0; segment !== undefined; ) {
      held = heldVectors(segment, held);
      const isSaved = await this.#saveVectors(folder, held, losses < folderLossesMax);
      if (!isSaved) losses += 1;
      // Another process may have forgotten pages of the segment meanwhile. If it does so later, it will find
      // this file.
      await this.#inLane('save vectors', () => this.#log.refresh());
      segment = this.state.segments.get(segmentId);
      if (isSaved && segment !== undefined && heldVectors(segment, held) === held) return;
    }
    // The other files belong to a checkpoint; the operation that removed the segment may turn out not to
    // count.
    await asStoreErrors('save vectors', this.#root, () => removeVectors(files, folder));
  }

  /**
   * Returns false when the folder is missing and `mayBeGone` is true. The folder is missing once another
   * process has removed the segment.
   */
  async #saveVectors(folder: string, vectors: SegmentVectors, mayBeGone: boolean): Promise<boolean> {
    return asStoreErrors('save vectors', this.#root, async () => {
      try {
        await saveVectors(this.#context.files, folder, vectors);
        return true;
      } catch (error) {
        if (mayBeGone && codeOf(error) === 'ENOENT') return false;
        throw error;
      }
    });
  }

  async *readArchive(): AsyncGenerator<ArchiveEntry> {
    const file = await this.#inLane('read the archive', () => this.#openArchive());
    if (file === null) return;
    try {
      const entries = readArchive(file, () => this.state);
      for (;;) {
        const next = await asStoreErrors('read the archive', this.#root, () => entries.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // A failure is harmless, because the file was only read.
      await file.close().catch(() => undefined);
    }
  }

  async purge(edit: ArchiveEdit | null): Promise<PurgeResult> {
    this.#checkOpen();
    return asStoreErrors('forget', this.#root, () =>
      purge(this.#context, this.#log, edit, {
        alone: (job) => this.#lane.run(job),
        checkpoint: () => this.#bringUpToDate(),
      }),
    );
  }

  async makeRoom(): Promise<void> {
    const { files, layout } = this.#context;
    await this.#inLane('make room', async () => {
      for (const id of await files.list(layout.midTerm)) await removeVectors(files, join(layout.midTerm, id));
      await removeClosedEpochs(this.#context, this.#log.replica.position.epoch, 0);
    });
  }

  async checkpoint(): Promise<void> {
    this.#checkOpen();
    await asStoreErrors('write a checkpoint', this.#root, () => this.#bringUpToDate());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #root(): string {
    return this.#context.layout.root;
  }

  async #inLane<T>(doing: string, job: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    return this.#lane.run(() => asStoreErrors(doing, this.#root, job));
  }

  /** One run that has not begun is enough: it serves everything in the line by then, and no read waits behind idle ones. */
  #drainSoon(): void {
    if (this.#drainIsDue) return;
    this.#drainIsDue = true;
    void this.#lane.run(() => {
      this.#drainIsDue = false;
      return this.#commits.drain();
    });
  }

  #checkOpen(): void {
    if (this.#closing === null) return;
    throw new MemoryError('STORE_CLOSED', `The memory of ${this.userId} was closed. Open it again.`);
  }

  #tell(change: StoreChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        const message = `A listener of the store failed: ${messageOf(error)}`;
        this.notices.push({ level: 'warning', message });
      }
    }
  }

  async #openArchive(): Promise<OpenFile | null> {
    for (;;) {
      await this.#log.refresh();
      const { archive } = this.#log.replica;
      const opened = await openArchive(this.#context, archive);
      if (opened !== null) return opened;
      // A purge may have replaced the file a moment ago.
      await this.#log.refresh();
      if (this.#log.replica.archive === archive) return null;
    }
  }

  #bringUpToDate(): Promise<void> {
    this.#waiting ??= this.#checkpoints.run(() => {
      this.#waiting = null;
      return this.#rotateIfBehind();
    });
    return this.#waiting;
  }

  async #rotateIfBehind(): Promise<void> {
    const log = this.#log;
    const written = await writeChangedSegments(this.#context, log.replica, (job) =>
      this.#lane.run(async () => job()),
    );
    await this.#lane.run(() =>
      log.own(async () => {
        if (log.replica.isBehind) await log.rotate();
        await removeUnused(this.#context, log.replica, written);
      }),
    );
    await log.settled();
  }

  /** Waits for a checkpoint only where pages are not held: until it is written, they are. */
  async #afterCommit(operations: readonly Operation[]): Promise<void> {
    if (this.#closing !== null || operations.length === 0) return;
    const { position, headerLength } = this.#log.replica;
    const grown = position.offset - headerLength;
    if (grown > journalBytesMax && grown > 2 * headerLength) {
      if (this.#context.shelvesPages) await this.#checkpointOrNotice();
      else if (this.#waiting === null) this.#schedule(0);
    } else if (operations.some(({ op }) => op !== 'page_added' && op !== 'segment_visited')) {
      this.#schedule(this.#context.times.checkpointAfterMs);
    }
  }

  async #checkpointOrNotice(): Promise<void> {
    const { layout, notice } = this.#context;
    await this.#bringUpToDate().catch((error: unknown) => {
      notice('warning', `${layout.shown}: the files are older than the log (${messageOf(error)}).`);
    });
  }

  /** Schedules a checkpoint after this idle time. Later commits do not postpone it. */
  #schedule(afterMs: number): void {
    if (this.#timer?.isDue === true) return;
    if (this.#timer !== null) clearTimeout(this.#timer.timeout);
    const timeout = setTimeout(() => {
      this.#timer = null;
      void this.#checkpointOrNotice();
    }, afterMs);
    timeout.unref();
    this.#timer = { timeout, isDue: afterMs === 0 };
  }

  async #close(): Promise<void> {
    await this.#lane.idle();
    // What is not in the files is in the log, from which the next process that opens the memory reads it.
    await this.#bringUpToDate().catch(() => undefined);
    if (this.#timer !== null) clearTimeout(this.#timer.timeout);
    await this.#lease.release();
    await this.#log.close();
    this.#listeners.clear();
  }
}
