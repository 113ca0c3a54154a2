import type { MemoryEngine } from '../../engine/memory-engine.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { AssistantId, UserId } from '../../model/ids.js';
import type { StatsResult } from '../../model/results.js';
import type { Reporter } from '../../ports/reporter.js';
import { Places } from '../config/places.js';
import type { OpenedMemory } from '../create-engine.js';
import { followClosed } from './follow-closed.js';
import { pooledEngine, type UserSlot } from './pooled-engine.js';
import { PooledUser } from './pooled-user.js';

export interface EnginePoolOptions {
  readonly open: (userId: UserId) => Promise<OpenedMemory>;
  /** As of the factory. */
  readonly look: (userId: UserId) => Promise<string | null>;
  /** How often a memory that is watched and closed is looked at. */
  readonly lookEveryMs: number;
  readonly assistantId: AssistantId;
  readonly openUsersMax: number;
  /** An engine nobody uses or listens to is closed after this long. */
  readonly idleMs: number;
  /** How long a call waits for room when all engines are at work. */
  readonly roomWaitMs: number;
  readonly report: Reporter;
}

/** The memories of many users in one process: opened when needed, closed when idle, never more than allowed. */
export interface EnginePool {
  /**
   * A user's memory that is opened by its first call and again after it was closed for want of room. Its
   * `close` only cancels its listeners.
   */
  engineOf(userId: UserId): MemoryEngine;
  readonly openUsers: number;
  /** Figures of the memories that are open; none is opened for it. */
  stats(): Promise<StatsResult[]>;
  /** Refuses further calls and closes all memories. */
  close(): Promise<void>;
}

/** While analysis waits, an idle engine stays open at most so many times as long. */
const patienceWithAnalysis = 12;
const sweepEveryMsMax = 60_000;

/** Makes a pool. Nothing is opened yet. */
export function createEnginePool(options: EnginePoolOptions): EnginePool {
  const { openUsersMax, idleMs, roomWaitMs, report } = options;
  const users = new Map<UserId, PooledUser>();
  /** For users that are open or being opened; those being closed have left, so that nobody waits for them. */
  const places = new Places(openUsersMax, roomWaitMs);
  let closed: Promise<void> | null = null;
  const sweepEveryMs = Math.min(sweepEveryMsMax, Math.ceil(idleMs / 4));
  const sweeping = setInterval(() => void sweep(), sweepEveryMs).unref();
  const stopFollowing = followClosed(
    { [Symbol.iterator]: () => users.values() },
    options.look,
    options.lookEveryMs,
    report,
  );

  function userOf(userId: UserId): PooledUser {
    let user = users.get(userId);
    if (user === undefined) {
      user = new PooledUser(userId);
      users.set(userId, user);
    }
    return user;
  }

  async function hold(userId: UserId) {
    if (closed !== null) throw shuttingDown();
    const user = userOf(userId);
    user.enter();
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      user.leave();
      makeRoomForWaiting();
      forgetUnused(user);
    };
    try {
      user.opening ??= open(user);
      return { engine: await user.opening, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async function open(user: PooledUser): Promise<OpenedMemory> {
    let hasPlace = false;
    try {
      if (places.full) evictOne();
      await places.take(() => full(openUsersMax));
      hasPlace = true;
      await user.closing;
      const engine = await options.open(user.userId);
      user.opened(engine);
      return engine;
    } catch (error) {
      user.opening = null;
      if (hasPlace) places.leave();
      throw error;
    }
  }

  /** Closes the engine that was unused for longest, if one is unused. */
  function evictOne(): void {
    let oldest: PooledUser | undefined;
    for (const user of users.values()) {
      if (user.engine === null || !user.isIdle) continue;
      if (oldest === undefined || user.lastUsedMs < oldest.lastUsedMs) oldest = user;
    }
    if (oldest !== undefined) close(oldest);
  }

  function makeRoomForWaiting(): void {
    if (places.someoneWaits) evictOne();
  }

  function close(user: PooledUser): void {
    const { engine } = user;
    if (engine === null) return;
    user.engine = null;
    user.opening = null;
    user.closing = engine
      .close()
      .catch((error: unknown) => report('error', messageOf(error)))
      .then(() => user.closed(engine));
    forgetUnused(user);
    places.leave();
  }

  /** Once it is closed: until then the user's next opening has to find it. */
  function forgetUnused(user: PooledUser): void {
    if (!user.isForgotten) return;
    const { closing } = user;
    void closing.then(() => {
      if (user.isForgotten && user.closing === closing) users.delete(user.userId);
    });
  }

  async function sweep(): Promise<void> {
    const nowMs = performance.now();
    const unused = (user: PooledUser) =>
      user.engine !== null && user.isIdle && user.listeners.size === 0 && nowMs - user.lastUsedMs >= idleMs;
    await Promise.all(
      [...users.values()].filter(unused).map(async (user) => {
        const patient = nowMs - user.lastUsedMs < idleMs * patienceWithAnalysis;
        if (patient && (await user.hasWork())) return;
        if (unused(user)) close(user);
      }),
    );
    makeRoomForWaiting();
  }

  function slotOf(userId: UserId): UserSlot {
    return {
      hold: () => hold(userId),
      async use(run) {
        const { engine, release } = await hold(userId);
        try {
          return await run(engine);
        } finally {
          release();
        }
      },
      listen(listener) {
        const user = userOf(userId);
        user.listeners.add(listener);
        return () => {
          user.listeners.delete(listener);
          forgetUnused(user);
        };
      },
    };
  }

  async function closeAll(): Promise<void> {
    clearInterval(sweeping);
    stopFollowing();
    places.refuseWaiting(shuttingDown());
    await Promise.all(
      [...users.values()].map(async (user) => {
        await user.opening?.catch(() => undefined);
        close(user);
        await user.closing;
      }),
    );
  }

  return {
    engineOf: (userId) => pooledEngine(userId, options.assistantId, slotOf(userId), report),
    get openUsers() {
      return places.taken;
    },
    async stats() {
      const found = await Promise.allSettled([...users.values()].map((user) => user.look()));
      makeRoomForWaiting();
      return found.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []));
    },
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
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
