import { makeFolderDurably } from '../../../lib/io/file-access.js';
import { noteLockWait } from '../../../lib/io/lock-waits.js';
import { WriteLane } from '../../../lib/io/write-lane.js';
import { MemoryError, messageOf } from '../../../model/errors.js';
import { emptyState, pagesTotal } from '../../../model/user-state.js';
import type { StoreContext } from '../context.js';
import { type HeldLock, UserLock } from '../lock/user-lock.js';
import { loadReplica } from '../recovery/load.js';
import { setAside } from '../recovery/set-aside.js';
import { Replica } from '../replica.js';
import { leftoversOf, tidyUp, writeCopies } from './after-rotation.js';
import { advance, type Followed, follow } from './follow.js';
import { HighWaterMark } from './high-water-mark.js';
import { listEpochs } from './journal-files.js';
import { type Appended, LogFile } from './log-file.js';
import { rotate } from './rotation.js';

/** How often the lock is taken again after the log has continued in another epoch. */
const roundsMax = 100;

/**
 * The log of one user as this process sees it: the replica, the lock, and the file to append to. Methods that
 * change the replica must not overlap; the store runs them in its lane.
 */
export class UserLog {
  readonly #context: StoreContext;
  readonly #lock: UserLock;
  readonly #file: LogFile;
  readonly #mark: HighWaterMark;
  #replica = nothingYet();
  /** The range of failed records that may still be in the file and must not count. */
  #voidFrom: {
    readonly epoch: number;
    readonly offset: number;
    readonly end: number;
    readonly whole: boolean;
  } | null = null;
  #needsRotation = false;
  /** Transactions found on disk since the set was cleared. */
  readonly foundIds = new Set<string>();
  #held: HeldLock[] = [];
  readonly #after = new WriteLane();

  constructor(context: StoreContext) {
    this.#context = context;
    this.#file = new LogFile(context.files, context.layout);
    this.#mark = new HighWaterMark(context.files, context.layout);
    this.#lock = new UserLock(context.files, context.layout, context.times);
  }

  get replica(): Replica {
    return this.#replica;
  }

  /** Reads the memory or creates one. */
  async open(): Promise<void> {
    const { files, layout, notice } = this.#context;
    if (!(await this.#load())) {
      // Syncs the entry of the user in `users`, and that of `users` in the data folder.
      await makeFolderDurably(files, layout.root, 2);
      await this.own(async () => undefined);
    } else if (this.#needsRotation) {
      await this.own(async () => undefined).catch((error) => {
        notice('warning', `${layout.shown}: the repair could not be stored yet (${messageOf(error)}).`);
      });
    }
  }

  /** Reads the memory without repairing it. False when there is none. */
  async read(): Promise<boolean> {
    return this.#load();
  }

  async refresh(): Promise<Followed['outcome']> {
    const doubtful = await this.#doubtful();
    if (doubtful !== null) return doubtful;
    const { epoch } = this.#replica.position;
    const { outcome, ids } = await follow(this.#context, this.#replica);
    for (const id of ids) this.foundIds.add(id);
    if (this.#replica.position.epoch !== epoch) this.#needsRotation = false;
    if (outcome === 'lost') await this.#reload();
    return outcome;
  }

  /** Whether the bytes after the present offset must not be read, see voidRest. */
  async #doubtful(): Promise<'torn' | 'sealed' | null> {
    const from = this.#voidFrom;
    if (from === null) return null;
    const { epoch, offset } = this.#replica.position;
    const { files, layout } = this.#context;
    if (from.epoch === epoch && from.offset === offset) {
      const open = await files.status(layout.journal(epoch));
      const status = open ?? (await files.status(layout.sealed(epoch)));
      // If other processes have written after it, they have read it. Then it counts, because their
      // acknowledged transactions depend on it.
      if (status === null || status.size <= from.end) {
        if (open !== null) return 'torn';
        if (!(await this.#isOver(epoch))) return 'sealed';
      }
    }
    this.#voidFrom = null;
    return null;
  }

  async #reload(): Promise<void> {
    if (!(await this.#load())) {
      const { shown } = this.#context.layout;
      throw new MemoryError(
        'STORE_IO',
        `${shown} does not exist any more. If the data folder was moved or unmounted, restore it; otherwise restart.`,
      );
    }
    this.#context.tell({ kind: 'reloaded' });
  }

  async #load(): Promise<boolean> {
    const loaded = await loadReplica(this.#context);
    if (loaded === null) return false;
    this.#replica = loaded.replica;
    this.#needsRotation = loaded.needsRotation;
    return true;
  }

  /** Runs the job with the lock held and the replica up to date. */
  async own<T>(job: () => Promise<T>, deadline = this.#lock.deadline()): Promise<T> {
    for (let round = 0; round < roundsMax; round += 1) {
      const { epoch } = this.#replica.position;
      const askedAt = performance.now();
      const held = await this.#lock
        .acquire(epoch, deadline, () => this.#isOver(epoch))
        .finally(() => noteLockWait(performance.now() - askedAt));
      if (held === null) {
        await this.refresh();
        continue;
      }
      this.#held = [held];
      try {
        if (await this.#isReady(epoch, held.level)) return await job();
      } finally {
        for (const lock of this.#held.splice(0)) await lock.release();
      }
    }
    throw new MemoryError(
      'STORE_BUSY',
      `${this.#context.layout.shown} kept changing under this process. Nothing was stored; try again.`,
    );
  }

  async #isOver(epoch: number): Promise<boolean> {
    const { files, layout } = this.#context;
    if (epoch > 0 && (await files.status(layout.journal(epoch))) !== null) return false;
    const { current, numbers } = await listEpochs(files, layout, epoch);
    return current !== null || (epoch > 0 && !numbers.includes(epoch));
  }

  /**
   * With the lock of the epoch held: whether the log may be appended to. If not, begins the next epoch if
   * possible.
   */
  async #isReady(epoch: number, level: number): Promise<boolean> {
    if (epoch === 0) {
      if (!(await this.#isOver(0))) return this.rotate();
      await this.refresh();
      return false;
    }
    const outcome = await this.refresh();
    if (this.#replica.position.epoch !== epoch || outcome === 'lost') return false;
    if (outcome === 'current' && level === 0 && !this.#needsRotation) return true;
    return this.rotate();
  }

  /**
   * Begins the next epoch. The caller holds the lock, and afterwards holds that of the new epoch. False when
   * another process was first and the caller cannot continue.
   */
  async rotate(options: { archive?: number } = {}): Promise<boolean> {
    const replica = this.#replica;
    const leftovers = leftoversOf(replica);
    const damaged = [...replica.salvaged];
    let lostTrack = false;
    const readOn = async () => {
      if (this.#voidFrom !== null || replica.position.epoch === 0) return false;
      const { outcome, ids } = await advance(this.#context, replica);
      for (const id of ids) this.foundIds.add(id);
      lostTrack = outcome === 'lost';
      return lostTrack ? 'give up' : ids.length > 0;
    };
    const { archive } = options;
    const begun = await rotate({ context: this.#context, replica, lock: this.#lock, archive, readOn });
    if (lostTrack) await this.#reload();
    if (begun === null) return false;
    this.#held.push(begun.held);
    this.#voidFrom = null;
    this.#needsRotation = false;
    await this.#file.close();
    await this.mark();
    for (const epoch of damaged) {
      await setAside(this.#context, this.#context.layout.sealed(epoch));
      await setAside(this.#context, this.#context.layout.journal(epoch));
    }
    this.#afterwards(() => writeCopies(this.#context, begun.epoch, leftovers.assistants));
    this.#afterwards(() => tidyUp(this.#context, begun.epoch, leftovers));
    return true;
  }

  /**
   * Runs work that the memory does not depend on, after the lock was released. A failure is reported, and the
   * work waits for the next time.
   */
  #afterwards(job: () => Promise<void>): void {
    const { layout, notice } = this.#context;
    this.#after.run(job).catch((error) => {
      notice('warning', `${layout.shown}: the files beside the log are out of date (${messageOf(error)}).`);
    });
  }

  /** Resolves when the copies are written and unneeded files are removed. */
  settled(): Promise<void> {
    return this.#after.idle();
  }

  /**
   * Appends lines and makes them durable. Requires the lock. `fenced`: the log was sealed meanwhile, so the
   * caller must check whether the lines count. `failed`: the caller must undo what it applied and call
   * voidRest.
   */
  async append(lines: string): Promise<Appended> {
    const { epoch, offset } = this.#replica.position;
    const data = Buffer.from(lines);
    const appended = await this.#file.append(epoch, offset, data);
    if (appended.outcome === 'failed') {
      this.#voidFrom = { epoch, offset, end: offset + data.length, whole: appended.whole };
    }
    return appended;
  }

  /** With the lock held: records how far the log has come, after that state was made durable. */
  async mark(): Promise<void> {
    const { position, state } = this.#replica;
    await this.#mark.write({ epoch: position.epoch, seq: position.seq, pages: pagesTotal(state) });
  }

  /**
   * With the lock held: makes sure that the remains of a failed append do not count. A full disk leaves an
   * incomplete line, which can be cut off. Other processes may have read a complete record, so the epoch is
   * closed before it. When neither works, the next transaction tries again, unless other processes have
   * continued the log by then.
   */
  async voidRest(): Promise<void> {
    if (this.#voidFrom === null) return;
    const cut = async () => this.#cutRest();
    const close = async () => this.rotate();
    for (const way of this.#voidFrom.whole ? [close, cut] : [cut, close]) {
      if (await way().catch(() => false)) return;
    }
  }

  async #cutRest(): Promise<boolean> {
    const { epoch, offset } = this.#replica.position;
    if (!(await this.#file.cut(epoch, offset))) return false;
    this.#voidFrom = null;
    return true;
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#mark.close();
    await this.#file.close();
  }
}

function nothingYet(): Replica {
  return new Replica(emptyState(), { epoch: 0, offset: 0, seq: 0, check: '' }, 0);
}
