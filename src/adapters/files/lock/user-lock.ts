import type { Files } from '../../../lib/io/files.js';
import { isGone, ownIdentity, randomToken } from '../../../lib/io/process-identity.js';
import { Standstill } from '../../../lib/io/standstill.js';
import { MemoryError } from '../../../model/errors.js';
import { type Layout, parseLockName } from '../layout.js';
import { isObject } from '../log/journal-format.js';
import { WaitingLine } from './waiting-line.js';

export interface LockTimes {
  /** How long a transaction waits for its turn before it fails with STORE_BUSY. */
  readonly lockWaitMs: number;
  /** How long an owner who may be alive has to stand still before his lock is taken over. */
  readonly takeOverAfterMs: number;
}

export interface HeldLock {
  readonly epoch: number;
  /** Above 0: taken over, so the epoch has to be sealed before anything else. */
  readonly level: number;
  release(): Promise<void>;
}

/** A look at a busy lock counts for at most this long, see Standstill. */
const lookMsMax = 100;
/** After a release this soon the process looks whether others wait before it takes the lock again. */
const courtesyMs = 50;

/**
 * The lock of one user across processes: a file made with O_EXCL, one name per epoch of the log. It is never
 * taken away from its owner. Who finds the owner gone or standing still makes the lock of the next level and
 * seals the epoch; an owner who wakes up finds it sealed. See docs/durability.md.
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

  /** Milliseconds of the monotonic clock until which a transaction beginning now may wait. */
  deadline(): number {
    return performance.now() + this.#times.lockWaitMs;
  }

  /**
   * Waits for the lock of an epoch. Null: the epoch is over (`isOver` said so). Throws STORE_BUSY at the
   * deadline.
   */
  async acquire(epoch: number, deadline: number, isOver: () => Promise<boolean>): Promise<HeldLock | null> {
    const recently = performance.now() - this.#releasedAt < courtesyMs;
    if (!(recently && (await this.#line.othersWait()))) {
      const held = await this.take(epoch, 0);
      if (held !== null) return held;
    }
    const place = await this.#line.enter();
    const standstill = new Standstill(lookMsMax);
    try {
      for (let looks = 1; ; looks += 1) {
        if (await isOver()) return null;
        const owner = await this.#owner(epoch);
        if (await place.isNext(owner === null)) {
          const held =
            owner === null ? await this.take(epoch, 0) : await this.#takeOver(epoch, owner, standstill);
          if (held !== null) return held;
        }
        if (performance.now() > deadline) throw this.#busy(owner?.text);
        const pauseMs = Math.min(8, looks) * (0.5 + Math.random());
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    } finally {
      await place.leave();
    }
  }

  async #takeOver(epoch: number, owner: Owner, standstill: Standstill): Promise<HeldLock | null> {
    const stillMs = standstill.look(`${owner.level} ${owner.text}`);
    if (!ownerIsGone(owner.text) && stillMs < this.#times.takeOverAfterMs) return null;
    return this.take(epoch, owner.level + 1);
  }

  /** The lock of the highest level is the one that counts. */
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

  /** Takes the lock if nobody has it. */
  async take(epoch: number, level: number): Promise<HeldLock | null> {
    const path = this.#layout.lock(epoch, level);
    const note = JSON.stringify({ token: randomToken(), ...ownIdentity() });
    if (!(await this.#files.claim(path, note))) return null;
    return {
      epoch,
      level,
      release: async () => {
        this.#releasedAt = performance.now();
        // A lock that cannot be removed is taken over by the next one.
        await this.#files.remove(path).catch(() => undefined);
      },
    };
  }

  #busy(owner: string | undefined): MemoryError {
    const pid = owner === undefined ? null : parseOwner(owner)?.pid;
    const who = pid === null || pid === undefined ? 'another process' : `process ${pid}`;
    return new MemoryError(
      'STORE_BUSY',
      `${this.#layout.shown} was in use by ${who} for ${this.#times.lockWaitMs} ms. Nothing was stored; try again, and stop other servers on this folder if it stays so.`,
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
