import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { BackupEntry, ImportOutcome, Operations } from '../api/operations.js';
import { findHistory, importHistory } from '../app/capture/import-history.js';
import { problemsInThread } from '../app/check-memories.js';
import { type Config, redactConfig } from '../app/config/config.js';
import { zoneOf } from '../app/config/time-zone.js';
import { openMemories } from '../app/create-engine.js';
import { openKnown } from '../app/known-memory.js';
import { type Backup, backupsFolder, listBackups, makeBackup } from '../app/transfer/backups.js';
import { restoreBackup } from '../app/transfer/restore.js';
import { exportTo, importFile } from '../app/transfer/transfer.js';
import { Redactor } from '../engine/redactor.js';
import { MemoryError } from '../model/errors.js';
import { toAssistantId, type UserId } from '../model/ids.js';
import { version } from './package-info.js';
import type { Settings } from './settings.js';
import { shownConfig } from './shown-config.js';

/** The result of a check is reused for this time, and for this many times the duration of the check. */
const checkedForMs = 60_000;
const checkedForTimes = 30;

type Memories = Awaited<ReturnType<typeof openMemories>>;

/** Operations of the browser pages on the server's settings and files. Import this module when they are served. */
export async function siteOperations({ config, log }: Settings): Promise<Operations> {
  return new SiteOperations(config, await openMemories(config, log));
}

class SiteOperations implements Operations {
  readonly version = version;
  readonly settings: Operations['settings'];
  readonly #config: Config;
  readonly #store: Memories['store'];
  readonly #clock: Memories['clock'];
  readonly #folder: string;
  readonly #checks = new Map<UserId, { untilMs: number; problems: Promise<readonly string[]> }>();

  constructor(config: Config, { store, clock }: Memories) {
    this.settings = shownConfig(config, redactConfig);
    this.#config = config;
    this.#store = store;
    this.#clock = clock;
    this.#folder = backupsFolder(config.data_storage_path);
  }

  problems(userId: UserId): Promise<readonly string[]> {
    // A check reads every file, and an open page asks after every change.
    const known = this.#checks.get(userId);
    return (known !== undefined && this.#clock.now() < known.untilMs ? known : this.#check(userId)).problems;
  }

  async backups(userId: UserId): Promise<readonly BackupEntry[]> {
    const found = await listBackups(this.#folder, userId);
    return found.sort((a, b) => b.madeAtMs - a.madeAtMs).map(entryOf);
  }

  async backUp(userId: UserId): Promise<BackupEntry> {
    const store = await openKnown(this.#store, userId);
    try {
      return entryOf(await makeBackup(store, { folder: this.#folder, kind: 'asked', clock: this.#clock }));
    } finally {
      await store.close();
    }
  }

  async restore(userId: UserId, name: string): Promise<{ pages: number; facts: number }> {
    const found = await listBackups(this.#folder, userId);
    const backup = found.find((one) => path.basename(one.path) === name);
    if (backup === undefined) {
      throw new MemoryError('NOT_FOUND', `There is no backup ${name} of this memory. Load the list again.`);
    }
    const options = { userId, replace: true, folder: this.#folder, clock: this.#clock };
    const { counts } = await restoreBackup(this.#store, backup.path, options);
    return { pages: counts.pages, facts: counts.facts };
  }

  async importFile(
    userId: UserId,
    file: string,
    { progress, signal }: Parameters<Operations['importFile']>[2],
  ): Promise<ImportOutcome> {
    const history = await findHistory(file, undefined);
    const store = await this.#store.open(userId);
    const redactor = new Redactor(this.#config.redact_secrets);
    try {
      if (history === null) {
        const outcome = await importFile(store, file, {
          dryRun: false,
          redactor,
          onProgress: (step, share) =>
            progress(share === undefined ? undefined : step === 'check' ? share / 2 : 0.5 + share / 2),
          signal,
        });
        const from = `${outcome.userId} (${outcome.exportedAt.slice(0, 10)})`;
        return { from, counts: outcome.counts, notes: [] };
      }
      const { counts, leftOut } = await importHistory(store, history, {
        assistantId: toAssistantId(this.#config.assistant_id),
        dryRun: false,
        nowMs: this.#clock.now(),
        timeZone: zoneOf(this.#config),
        redactor,
        signal,
        onProgress: progress,
      });
      const notes = [...leftOut].map(([reason, count]) => `${count} skipped: ${reason}`);
      return { from: history.history.title, counts, notes };
    } finally {
      await store.close();
    }
  }

  async exported(userId: UserId): Promise<NodeJS.ReadableStream> {
    const store = await openKnown(this.#store, userId);
    const lines = new PassThrough();
    exportTo(store, lines, { gzip: false, force: false, clock: this.#clock })
      .then(
        () => lines.end(),
        (error: unknown) => lines.destroy(error instanceof Error ? error : new Error(String(error))),
      )
      .finally(() => store.close());
    return lines;
  }

  #check(userId: UserId) {
    const begunMs = this.#clock.now();
    const checked = { untilMs: Number.POSITIVE_INFINITY, problems: Promise.resolve<readonly string[]>([]) };
    checked.problems = problemsInThread(this.#config.data_storage_path, userId).finally(() => {
      const tookMs = this.#clock.now() - begunMs;
      checked.untilMs = this.#clock.now() + Math.max(checkedForMs, tookMs * checkedForTimes);
    });
    checked.problems.catch(() => this.#checks.delete(userId));
    this.#checks.set(userId, checked);
    return checked;
  }
}

function entryOf({ path: file, kind, madeAtMs }: Backup): BackupEntry {
  return { name: path.basename(file), kind, made_at: new Date(madeAtMs).toISOString() };
}
