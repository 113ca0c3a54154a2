import type { PostgresStore } from '../../adapters/postgres/postgres-store.js';
import { lookEveryMs } from '../../engine/settings.js';
import { toAssistantId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Config } from '../config/config.js';
import { createEngineFactory, type EngineFactory } from '../create-engine.js';
import { postgresMemories } from '../postgres-memories.js';
import { doDueWork } from './due-work.js';
import { EnginePool } from './engine-pool.js';

const minuteMs = 60_000;
/** How long a call waits for a memory when as many as allowed are open and at work. */
const roomWaitMs = 10_000;

export interface OpenedPool {
  readonly pool: EnginePool;
  /** Works on what waits in the database until the signal ends it; on files nobody is due. */
  work(signal: AbortSignal): Promise<void>;
  /** The database that all of it is in; null on files. */
  readonly database: PostgresStore | null;
}

/** The memories of all users as the configuration wants them. Asks nobody yet. Throws CONFIG_INVALID. */
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
    look: (userId) => factory.look(userId),
    watch: config.store === 'files' ? undefined : (listener) => factory.watch(listener),
    lookEveryMs,
    assistantId: toAssistantId(config.assistant_id),
    openUsersMax: config.max_open_users,
    idleMs: config.user_idle_minutes * minuteMs,
    roomWaitMs,
    report,
  });
  return {
    pool,
    database,
    async work(signal) {
      if (config.store === 'files') return;
      const due = (nowMs: number, limit: number) => factory.due(nowMs, limit);
      const engineOf = pool.engineOf.bind(pool);
      await doDueWork({ due, engineOf, lookEveryMs, report }, signal);
    },
  };
}
