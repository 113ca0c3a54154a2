import type { PostgresStore } from '../../adapters/postgres/postgres-store.js';
import { checkEveryMs } from '../../engine/settings.js';
import { toAssistantId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Config } from '../config/config.js';
import { createEngineFactory, type EngineFactory } from '../create-engine.js';
import { postgresMemories } from '../postgres-memories.js';
import { doDueWork } from './due-work.js';
import { EnginePool } from './engine-pool.js';

const minuteMs = 60_000;
/** How long a call waits for a memory when the maximum number is open and busy. */
const roomWaitMs = 10_000;

export interface OpenedPool {
  readonly pool: EnginePool;
  /**
   * Processes work that has waited in the database for `graceMs`, until the signal is aborted. On files no
   * user is ever due.
   */
  work(signal: AbortSignal, graceMs: number): Promise<void>;
  /** Loads what the first call would wait for. */
  warm(): Promise<void>;
  /** The database of all memories; null on files. */
  readonly database: PostgresStore | null;
}

/** The memories of all users in the configured store. Does no I/O yet. Throws CONFIG_INVALID. */
export async function openPool(
  config: Config,
  report: Reporter,
  reread: () => Config | null,
): Promise<OpenedPool> {
  const database = config.store === 'postgres' ? await postgresMemories(config, report) : null;
  const factory: EngineFactory = createEngineFactory(config, report, {
    analysisThread: true,
    reread,
    store: database === null ? undefined : async () => database,
  });
  const pool = new EnginePool({
    open: (userId) => factory.open(userId),
    positionOf: (userId) => factory.positionOf(userId),
    watch: config.store === 'files' ? undefined : (listener) => factory.watch(listener),
    checkEveryMs,
    assistantId: toAssistantId(config.assistant_id),
    openUsersMax: config.max_open_users,
    idleMs: config.user_idle_minutes * minuteMs,
    roomWaitMs,
    report,
  });
  return {
    pool,
    database,
    warm: () => factory.warm(),
    async work(signal, graceMs) {
      if (config.store === 'files') return;
      const due = (nowMs: number, limit: number) => factory.due(nowMs, limit);
      const engineOf = pool.engineOf.bind(pool);
      await doDueWork({ due, engineOf, graceMs, checkEveryMs, report }, signal);
    },
  };
}
