import { basename } from 'node:path';
import { isEmptyMemory } from '../../engine/transfer/clear-memory.js';
import { nodeFiles } from '../../lib/io/files.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Reporter } from '../../ports/reporter.js';
import type { StoredMemory } from '../../ports/store.js';
import { isDatedAhead, listBackups, makeBackup, pruneBackups } from './backups.js';
import { digestOf, type Pace } from './transfer-files.js';

/** How often a server checks whether a backup is due, and how soon after its start. */
const checkEveryMs = 60 * 60 * 1000;
const firstCheckMs = 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;
/** Pause between pieces of about a millisecond of work, so that requests are not delayed. */
const pauseMs = 3;

export interface DailyBackupsOptions {
  readonly folder: string;
  /** How many backups are kept; 0: none are made. */
  readonly keep: number;
  readonly clock: Clock;
  readonly report: Reporter;
}

export interface DailyBackups {
  /** Makes a backup unless there is one of the last 24 hours. Never throws. */
  run(): Promise<void>;
  /** Aborts the backup in progress. */
  close(): Promise<void>;
}

/** Makes daily backups of an open memory, starting a minute from now. */
export function startDailyBackups(store: StoredMemory, options: DailyBackupsOptions): DailyBackups {
  const closing = new AbortController();
  const pace = async () => {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (closing.signal.aborted) throw new MemoryError('CANCELLED', 'The memory is closing.');
  };
  let running: Promise<void> | null = null;
  const run = () => {
    running ??= makeIfDue(store, options, pace)
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        const isLoss = error instanceof MemoryError && error.code === 'STORE_CORRUPT';
        options.report(
          isLoss ? 'error' : 'warning',
          `The daily backup failed and will be tried again in an hour: ${messageOf(error)}`,
        );
      })
      .finally(() => {
        running = null;
      });
    return running;
  };
  if (options.keep === 0) return { run: async () => undefined, close: async () => undefined };
  let timer = setTimeout(function again() {
    void run();
    timer = setTimeout(again, checkEveryMs).unref();
  }, firstCheckMs).unref();
  return {
    run,
    async close() {
      clearTimeout(timer);
      closing.abort();
      await running;
    },
  };
}

async function makeIfDue(store: StoredMemory, options: DailyBackupsOptions, pace: Pace): Promise<void> {
  const { folder, keep, clock, report } = options;
  if (await isEmptyMemory(store)) return;
  const isDue = async () => {
    const all = await listBackups(folder, store.userId);
    const [newest] = all.filter((backup) => !isDatedAhead(backup, clock.now()));
    return newest === undefined || clock.now() - newest.madeAtMs >= dayMs;
  };
  if (!(await isDue())) return;
  // One process at a time. The others find the backup at their next check.
  const lease = await store.claimWork();
  if (lease === null) return;
  try {
    if (!(await isDue())) return;
    const all = await listBackups(folder, store.userId);
    const ahead = all.filter((backup) => isDatedAhead(backup, clock.now()));
    if (ahead.length > 0) {
      const names = ahead.slice(0, 3).map(({ path }) => basename(path));
      report(
        'warning',
        `${ahead.length} backups are dated in the future (${names.join(', ')}): the clock was wrong when they were made. They are neither counted nor deleted; delete or rename them yourself.`,
      );
    }
    const before = all.find((backup) => backup.kind === 'daily' && !ahead.includes(backup));
    const made = await makeBackup(store, { folder, kind: 'daily', clock, pace });
    report('debug', `A daily backup was made: ${made.path}`);
    // If nothing has changed, the new backup is not kept, so that copies of the same state do not displace
    // older ones.
    if (before !== undefined && (await digestOf(before.path, pace).catch(() => '')) === made.digest) {
      await nodeFiles.remove(before.path);
    }
    await pruneBackups(folder, store.userId, 'daily', { keep, clock });
  } finally {
    await lease.release();
  }
}
