import type { Files } from '../../../lib/io/files.js';
import { isGone, ownIdentity, randomToken } from '../../../lib/io/process-identity.js';
import { Standstill } from '../../../lib/io/standstill.js';
import { MemoryError } from '../../../model/errors.js';
import { type Layout, parseLockName } from '../layout.js';
import { isObject } from '../log/journal-format.js';
import { WaitingLine } from './waiting-line.js';

export interface LockTimes {
  /** How long a transaction waits for the lock before it fails with STORE_BUSY. */
  readonly lockWaitMs: number;
  /** The lock of an owner that may be alive is taken over when its token has not changed for this long. */
  readonly takeOverAfterMs: number;
}

export interface HeldLock {
  readonly epoch: number;
  /** Above 0: the lock was taken over, so the epoch must be sealed first. */
  readonly level: number;
  release(): Promise<void>;
}

/** The time between two checks of a busy lock counts for at most this long, see Standstill. */
const gapMsMax = 100;
/** When the process released the lock less than this long ago, it first checks whether others wait. */
const courtesyMs = 50;

/**
 * The lock of one user across processes: a file created with O_EXCL, with one name for each epoch of the log.
 * The lock is never removed from its owner. A process takes it over when the owner's process has ended or the
 * lock's token has stopped changing: it creates the lock of the next level and seals the epoch. An owner that
 * resumes finds the epoch sealed. See docs/durability.md.
 */
export class UserLock {
  readonly #files: Files;
  readonly #layout: Layout;
  readonly #times: LockTimes;
  readonly #line: WaitingLine;
  #releasedAt = Number.NEGATIVE_INFINITY;

  constructor(files: Files, layout: Layout, times: LockTimes) {
    this.#files = files;
    this.#layout = layout;
    this.#times = times;
    this.#line = new WaitingLine(files, layout.queue);
  }

  /** The time, on the monotonic clock in milliseconds, until which a transaction that starts now may wait. */
  deadline(): number {
    return performance.now() + this.#times.lockWaitMs;
  }

  /**
   * Waits for the lock of an epoch. Null when the epoch has ended (`isOver` returned true). Throws STORE_BUSY
   * at the deadline.
   */
  async acquire(epoch: number, deadline: number, isOver: () => Promise<boolean>): Promise<HeldLock | null> {
    const recently = performance.now() - this.#releasedAt < courtesyMs;
    if (!(recently && (await this.#line.othersWait()))) {
      const held = await this.take(epoch, 0);
      if (held !== null) return held;
    }
    const place = await this.#line.enter();
    const standstill = new Standstill(gapMsMax);
    try {
      for (let checks = 1; ; checks += 1) {
        if (await isOver()) return null;
        const owner = await this.#owner(epoch);
        if (await place.isNext(owner === null)) {
          const held =
            owner === null ? await this.take(epoch, 0) : await this.#takeOver(epoch, owner, standstill);
          if (held !== null) return held;
        }
        if (performance.now() > deadline) throw this.#busy(owner?.text);
        const pauseMs = Math.min(8, checks) * (0.5 + Math.random());
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    } finally {
      await place.leave();
    }
  }

  async #takeOver(epoch: number, owner: Owner, standstill: Standstill): Promise<HeldLock | null> {
    const stillMs = standstill.observe(`${owner.level} ${owner.text}`);
    if (!ownerIsGone(owner.text) && stillMs < this.#times.takeOverAfterMs) return null;
    return this.take(epoch, owner.level + 1);
  }

  /** Only the lock of the highest level counts. */
  async #owner(epoch: number): Promise<Owner | null> {
    const levels = (await this.#files.list(this.#layout.root))
      .map(parseLockName)
      .filter((lock) => lock?.epoch === epoch)
      .map((lock) => lock?.level ?? 0);
    if (levels.length === 0) return null;
    const level = Math.max(...levels);
    const text = await this.#files.claimedBy(this.#layout.lock(epoch, level));
    return text === null ? null : { level, text };
  }

  /** Takes the lock if it is free. */
  async take(epoch: number, level: number): Promise<HeldLock | null> {
    const path = this.#layout.lock(epoch, level);
    const note = JSON.stringify({ token: randomToken(), ...ownIdentity() });
    if (!(await this.#files.claim(path, note))) return null;
    return {
      epoch,
      level,
      release: async () => {
        this.#releasedAt = performance.now();
        // A lock that cannot be removed will be taken over by the next process.
        await this.#files.remove(path).catch(() => undefined);
      },
    };
  }

  #busy(owner: string | undefined): MemoryError {
    const pid = owner === undefined ? null : parseOwner(owner)?.pid;
    const who = pid === null || pid === undefined ? 'another process' : `process ${pid}`;
    return new MemoryError(
      'STORE_BUSY',
      `${this.#layout.shown} was in use by ${who} for ${this.#times.lockWaitMs} ms. Nothing was stored; try again, and if this continues, stop other servers on this folder.`,
    );
  }
}

interface Owner {
  readonly level: number;
  readonly text: string;
}

function ownerIsGone(text: string): boolean {
  const owner = parseOwner(text);
  return owner !== null && isGone(owner);
}

function parseOwner(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    const { pid, host, started } = value;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof started !== 'string') return null;
    return { pid, host, started };
  } catch {
    return null;
  }
}
