import { WriteLane } from '../../lib/io/write-lane.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { Operation } from '../../model/operation.js';
import type {
  ArchiveEntry,
  Lease,
  SegmentVectors,
  StoreChange,
  StoreNotice,
  UserStore,
} from '../../ports/memory-store.js';
import { heldVectors } from '../in-memory/held-vectors.js';
import type { StoreContext } from './context.js';
import { openArchive, readArchive } from './copies/archive.js';
import { removeUnused, writeChangedSegments } from './copies/segment-files.js';
import { loadVectors, removeVectors, saveVectors } from './copies/vectors.js';
import { asStoreErrors } from './io-errors.js';
import { MigrationLease } from './lock/lease.js';
import { positionAt } from './lock/look.js';
import { GroupCommit } from './log/group-commit.js';
import { UserLog } from './log/user-log.js';
import { purge } from './purge.js';
import { withoutChanges } from './without-changes.js';

/** A log that grew by this much, and by more than twice its first line, is closed and a new one begun. */
const journalBytesMax = 512 * 1024;

type Shared = Omit<StoreContext, 'notice' | 'tell'>;

/** Opens the memory of one user on files. */
export async function openUserStore(shared: Shared): Promise<UserStore> {
  const parts = partsOf(shared);
  await asStoreErrors('open the memory', shared.layout.root, () => parts.log.open());
  return userStoreOf(parts);
}

/** Opens the memory of one user to be looked at: whatever would change it fails. Null when there is none. */
export async function lookAtUserStore(shared: Shared): Promise<UserStore | null> {
  const parts = partsOf({ ...shared, files: withoutChanges(shared.files) });
  const isThere = await asStoreErrors('open the memory', shared.layout.root, () => parts.log.look());
  return isThere ? userStoreOf(parts) : null;
}

function partsOf(shared: Shared) {
  const notices: StoreNotice[] = [];
  const listeners = new Set<(change: StoreChange) => void>();
  const context: StoreContext = {
    ...shared,
    notice: (level, message) => void notices.push({ level, message }),
    tell: (change) => {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          notices.push({ level: 'warning', message: `A listener of the store failed: ${messageOf(error)}` });
        }
      }
    },
  };
  return { context, log: new UserLog(context), notices, listeners };
}

function userStoreOf({ context, log, notices, listeners }: ReturnType<typeof partsOf>): UserStore {
  const { files, layout, times } = context;
  const lane = new WriteLane();
  const commits = new GroupCommit(context, log);
  const lease = new MigrationLease(context);
  let timer: NodeJS.Timeout | null = null;
  let closing: Promise<void> | null = null;

  const inLane = async <T>(doing: string, job: () => Promise<T>): Promise<T> => {
    checkOpen();
    return lane.run(() => asStoreErrors(doing, layout.root, job));
  };
  const checkOpen = () => {
    if (closing === null) return;
    throw new MemoryError('STORE_CLOSED', `The memory of ${context.userId} was closed. Open it again.`);
  };

  const rotateIfBehind = async () => {
    const written = await writeChangedSegments(context, log.replica, (job) => lane.run(async () => job()));
    await lane.run(() =>
      log.own(async () => {
        if (log.replica.isBehind) await log.rotate();
        await removeUnused(context, log.replica, written);
      }),
    );
    await log.settled();
  };
  // One at a time; whoever asks while one is running is served by the next.
  const checkpoints = new WriteLane();
  let waiting: Promise<void> | null = null;
  const bringUpToDate = (): Promise<void> => {
    waiting ??= checkpoints.run(() => {
      waiting = null;
      return rotateIfBehind();
    });
    return waiting;
  };
  const schedule = (afterMs: number) => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      bringUpToDate().catch((error) => {
        context.notice('warning', `${layout.shown}: the files are behind the log (${messageOf(error)}).`);
      });
    }, afterMs);
    timer.unref();
  };
  const afterCommit = (operations: readonly Operation[]) => {
    if (closing !== null || operations.length === 0) return;
    const { position, headerLength } = log.replica;
    const grown = position.offset - headerLength;
    if (grown > journalBytesMax && grown > 2 * headerLength) {
      if (timer === null && waiting === null) schedule(0);
    } else if (operations.some(({ op }) => op !== 'page_added' && op !== 'segment_visited')) {
      schedule(times.checkpointAfterMs);
    }
  };

  return {
    userId: context.userId,
    get state() {
      return log.replica.state;
    },
    get position() {
      const { epoch, offset } = log.replica.position;
      return positionAt(epoch, offset);
    },
    notices,
    refresh: () => inLane('read the memory', async () => void (await log.refresh())),
    async transact(decide) {
      checkOpen();
      const done = commits.enqueue(decide);
      void lane.run(() => commits.drain());
      const operations = await asStoreErrors('store a change', layout.root, () => done);
      afterCommit(operations);
      return operations;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async tryLease(): Promise<Lease | null> {
      checkOpen();
      return asStoreErrors('take the migration lease', layout.root, () => lease.tryTake());
    },
    async loadVectors(segmentId): Promise<SegmentVectors | null> {
      checkOpen();
      const segment = log.replica.state.segments.get(segmentId);
      if (segment === undefined) return null;
      return asStoreErrors('read vectors', layout.root, async () => {
        const { vectors, damaged } = await loadVectors(files, layout.segmentFolder(segmentId));
        if (damaged !== null) {
          const where = `${layout.shown}/mid_term/${segmentId}/index.pb`;
          context.notice('info', `${where} ${damaged}; the vectors are computed again.`);
        }
        return vectors;
      });
    },
    async saveVectors(segmentId, vectors) {
      checkOpen();
      const segmentOf = () => log.replica.state.segments.get(segmentId);
      let segment = segmentOf();
      if (segment === undefined) return;
      let held = vectors;
      while (segment !== undefined) {
        held = heldVectors(segment, held);
        const saving = held;
        await asStoreErrors('save vectors', layout.root, () =>
          saveVectors(files, layout.segmentFolder(segmentId), saving),
        );
        // Another process may have forgotten something of it meanwhile. If it does so from now on, it finds this file.
        await inLane('save vectors', () => log.refresh());
        segment = segmentOf();
        if (segment !== undefined && heldVectors(segment, held) === held) return;
      }
      // Its other files are a checkpoint's: what took it away may turn out not to count.
      await asStoreErrors('save vectors', layout.root, () =>
        removeVectors(files, layout.segmentFolder(segmentId)),
      );
    },
    async *readArchive(): AsyncGenerator<ArchiveEntry> {
      const file = await inLane('read the archive', async () => {
        for (;;) {
          await log.refresh();
          const { archive } = log.replica;
          const opened = await openArchive(context, archive);
          if (opened !== null) return opened;
          // Forgetting may have put another file in its place a moment ago.
          await log.refresh();
          if (log.replica.archive === archive) return null;
        }
      });
      if (file === null) return;
      try {
        const entries = readArchive(file, () => log.replica.state);
        for (;;) {
          const next = await asStoreErrors('read the archive', layout.root, () => entries.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        // It was only read.
        await file.close().catch(() => undefined);
      }
    },
    purge: (edit) => inLane('forget', () => purge(context, log, edit)),
    async checkpoint() {
      checkOpen();
      await asStoreErrors('write a checkpoint', layout.root, bringUpToDate);
    },
    close() {
      closing ??= (async () => {
        await lane.idle();
        // What is not in the files is in the log; the next one who opens reads it from there.
        await bringUpToDate().catch(() => undefined);
        if (timer !== null) clearTimeout(timer);
        await lease.release();
        await log.close();
        listeners.clear();
      })();
      return closing;
    },
  };
}
