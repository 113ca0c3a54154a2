import type { MemoryEngine } from '../../engine/memory-engine.js';
import { Semaphore } from '../../lib/io/semaphore.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { AssistantId, UserId } from '../../model/ids.js';
import type { StatsResult } from '../../model/results.js';
import type { Reporter } from '../../ports/reporter.js';
import type { OpenedMemory } from '../create-engine.js';
import { type Following, followClosed } from './follow-closed.js';
import { pooledEngine, type UserSlot } from './pooled-engine.js';
import { PooledUser } from './pooled-user.js';

export interface EnginePoolOptions {
  readonly open: (userId: UserId) => Promise<OpenedMemory>;
  /** From the factory. */
  readonly positionOf: Following['positionOf'];
  readonly watch?: Following['watch'];
  /** How often to check closed memories that have listeners, when the store does not announce changes. */
  readonly checkEveryMs: number;
  readonly assistantId: AssistantId;
  readonly openUsersMax: number;
  /** An engine without calls and listeners is closed after this time. */
  readonly idleMs: number;
  /** How long a call waits for a slot when all engines are busy. */
  readonly roomWaitMs: number;
  readonly report: Reporter;
}

/** While analysis is pending, an idle engine stays open at most this many times as long. */
const patienceWithAnalysis = 12;
const sweepEveryMsMax = 60_000;

/** The memories of many users in one process: opened when needed, closed when idle, limited in number. */
export class EnginePool {
  readonly #options: EnginePoolOptions;
  readonly #users = new Map<UserId, PooledUser>();
  /**
   * Slots of users that are open or being opened. A closing user has already freed its slot, so no call
   * waits for it.
   */
  readonly #places: Semaphore;
  readonly #sweeping: NodeJS.Timeout;
  readonly #stopFollowing: () => void;
  #closed: Promise<void> | null = null;

  /** Opens nothing yet. */
  constructor(options: EnginePoolOptions) {
    this.#options = options;
    this.#places = new Semaphore(options.openUsersMax);
    const sweepEveryMs = Math.min(sweepEveryMsMax, Math.ceil(options.idleMs / 4));
    this.#sweeping = setInterval(() => void this.#sweep(), sweepEveryMs).unref();
    const users = { [Symbol.iterator]: () => this.#users.values() };
    this.#stopFollowing = followClosed(users, options);
  }

  /**
   * A user's memory. The first call opens it, also after it was closed to free capacity. Its `close` only
   * removes its listeners.
   */
  engineOf(userId: UserId): MemoryEngine {
    return pooledEngine(userId, this.#options.assistantId, this.#slotOf(userId), this.#options.report);
  }

  get openUsers(): number {
    return this.#places.taken;
  }

  /** Statistics of the open memories; opens none. */
  async stats(): Promise<StatsResult[]> {
    const found = await Promise.allSettled([...this.#users.values()].map((user) => user.statsIfOpen()));
    this.#makeRoomForWaiting();
    return found.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []));
  }

  /** Refuses further calls and closes all memories. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  #userOf(userId: UserId): PooledUser {
    let user = this.#users.get(userId);
    if (user === undefined) {
      user = new PooledUser(userId);
      this.#users.set(userId, user);
    }
    return user;
  }

  async #hold(userId: UserId) {
    if (this.#closed !== null) throw shuttingDown();
    const user = this.#userOf(userId);
    user.enter();
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      user.leave();
      this.#makeRoomForWaiting();
      this.#forgetUnused(user);
    };
    try {
      user.opening ??= this.#open(user);
      return { engine: await user.opening, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #open(user: PooledUser): Promise<OpenedMemory> {
    try {
      if (this.#places.full) this.#evictOne();
      user.leavePlace = await this.#takePlace();
      await user.closing;
      const engine = await this.#options.open(user.userId);
      user.opened(engine);
      return engine;
    } catch (error) {
      user.opening = null;
      user.leavePlace();
      throw error;
    }
  }

  /** Throws STORE_BUSY after the maximum wait. */
  async #takePlace(): Promise<() => void> {
    const wait = new AbortController();
    const { openUsersMax, roomWaitMs } = this.#options;
    const late = setTimeout(() => wait.abort(full(openUsersMax)), roomWaitMs);
    try {
      return await this.#places.take(wait.signal);
    } finally {
      clearTimeout(late);
    }
  }

  /** Closes the unused engine that was unused for longest, if there is one. */
  #evictOne(): void {
    let oldest: PooledUser | undefined;
    for (const user of this.#users.values()) {
      if (user.engine === null || !user.isIdle) continue;
      if (oldest === undefined || user.lastUsedMs < oldest.lastUsedMs) oldest = user;
    }
    if (oldest !== undefined) this.#close(oldest);
  }

  #makeRoomForWaiting(): void {
    if (this.#places.someoneWaits) this.#evictOne();
  }

  #close(user: PooledUser): void {
    const { engine } = user;
    if (engine === null) return;
    user.engine = null;
    user.opening = null;
    user.closing = engine
      .close()
      .catch((error: unknown) => this.#options.report('error', messageOf(error)))
      .then(() => user.closed(engine));
    this.#forgetUnused(user);
    user.leavePlace();
  }

  /** Only after closing, because until then the user's next opening must find it. */
  #forgetUnused(user: PooledUser): void {
    if (!user.isForgotten) return;
    const { closing } = user;
    void closing.then(() => {
      if (user.isForgotten && user.closing === closing) this.#users.delete(user.userId);
    });
  }

  async #sweep(): Promise<void> {
    const { idleMs } = this.#options;
    const nowMs = performance.now();
    const unused = (user: PooledUser) =>
      user.engine !== null && user.isIdle && user.listeners.isEmpty && nowMs - user.lastUsedMs >= idleMs;
    await Promise.all(
      [...this.#users.values()].filter(unused).map(async (user) => {
        const patient = nowMs - user.lastUsedMs < idleMs * patienceWithAnalysis;
        if (patient && (await user.hasWork())) return;
        if (unused(user)) this.#close(user);
      }),
    );
    this.#makeRoomForWaiting();
  }

  #slotOf(userId: UserId): UserSlot {
    return {
      hold: () => this.#hold(userId),
      use: async (run) => {
        const { engine, release } = await this.#hold(userId);
        try {
          return await run(engine);
        } finally {
          release();
        }
      },
      listen: (listener) => {
        const user = this.#userOf(userId);
        const cancel = user.listeners.add(listener);
        return () => {
          cancel();
          this.#forgetUnused(user);
        };
      },
    };
  }

  async #closeAll(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#stopFollowing();
    this.#places.refuseWaiting(shuttingDown());
    await Promise.all(
      [...this.#users.values()].map(async (user) => {
        await user.opening?.catch(() => undefined);
        this.#close(user);
        await user.closing;
      }),
    );
  }
}

function shuttingDown(): MemoryError {
  return new MemoryError('STORE_CLOSED', 'The server is shutting down. Start it again.');
}

function full(max: number): MemoryError {
  return new MemoryError(
    'STORE_BUSY',
    `All ${max} memories this server may hold open are in use. Nothing was done; try again, or raise max_open_users.`,
  );
}
