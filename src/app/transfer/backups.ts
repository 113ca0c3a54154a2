import { join, relative } from 'node:path';
import { encodeId } from '../../adapters/files/layout.js';
import { exportMemory } from '../../engine/transfer/export-memory.js';
import { type Files, nodeFiles } from '../../lib/io/files.js';
import { jsonIn } from '../../lib/text/json.js';
import { MemoryError } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import { type TransferHeader, transferEndSchema, transferHeaderSchema } from '../../model/transfer.js';
import type { Clock } from '../../ports/clock.js';
import type { StoredMemory } from '../../ports/store.js';
import { openTransfer, type Pace, verifyTransfer, writeTransfer } from './transfer-files.js';

/** Why a backup was made. Each kind is rotated separately. */
export type BackupKind = 'asked' | 'daily' | 'before-restore';

export interface Backup {
  readonly path: string;
  readonly kind: BackupKind;
  readonly madeAtMs: number;
}

export interface MadeBackup extends Backup {
  readonly bytes: number;
  readonly pages: number;
  /** Computed by `digestOf`. */
  readonly digest: string;
  /** Ids of everything in the backup. */
  readonly ids: ReadonlySet<string>;
}

export interface BackupOptions {
  readonly folder: string;
  readonly kind: BackupKind;
  readonly clock: Clock;
  readonly files?: Files | undefined;
  /** For a backup in the background. */
  readonly pace?: Pace | undefined;
  readonly onPage?: ((done: number, total: number) => void) | undefined;
}

/** The default folder of backups. */
export function backupsFolder(dataDir: string): string {
  return join(dataDir, 'backups');
}

/**
 * Writes everything of one user, as of one moment, to a compressed file, and reads it back to verify it.
 * Servers may keep running. Throws STORE_…; STORE_CORRUPT when the memory is incomplete (except before a
 * restore). After an error there is no file.
 */
export async function makeBackup(store: StoredMemory, options: BackupOptions): Promise<MadeBackup> {
  const { folder, kind, clock, files = nodeFiles, pace, onPage } = options;
  const madeAtMs = clock.now();
  const path = join(folder, fileNameOf(store.userId, kind, madeAtMs));
  await removeLeftovers(folder, store.userId, clock, files).catch(() => undefined);
  const memory = await exportMemory(store, madeAtMs, { evenIncomplete: kind === 'before-restore' });
  const ids = new Set<string>();
  let pages = 0;
  const written = await writeTransfer(path, noting(), { gzip: true, files, pace });
  try {
    await verifyTransfer(path, written, pace);
  } catch (error) {
    await files.remove(path).catch(() => undefined);
    throw error;
  }
  return { path, kind, madeAtMs, bytes: written.bytes, digest: written.digest, pages, ids };

  async function* noting() {
    for await (const line of memory.lines()) {
      if (line.kind === 'page') {
        ids.add(line.page.id);
        pages += 1;
        onPage?.(pages, memory.pagesTotal);
      } else if (line.kind === 'fact') ids.add(line.fact.id);
      yield line;
    }
  }
}

const suffixes: Readonly<Record<BackupKind, string>> = {
  asked: '',
  daily: '.daily',
  'before-restore': '.before-restore',
};

/** `<user>.2026-03-01T09-30-00-123Z.jsonl.gz`: sorts by time, and avoids names reserved by Windows. */
function fileNameOf(userId: UserId, kind: BackupKind, ms: number): string {
  return `${encodeId(userId)}.${new Date(ms).toISOString().replace(/[:.]/g, '-')}${suffixes[kind]}.jsonl.gz`;
}

const namePattern =
  /^(.+)\.(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)(\.daily|\.before-restore|)\.jsonl\.gz$/;
/** The name of a backup while it is written. */
const unfinishedPattern = /^(.+\.jsonl\.gz)\.[0-9a-f]{12}\.tmp$/;

/** The backups of a user in a folder, newest first. */
export async function listBackups(
  folder: string,
  userId: UserId,
  files: Files = nodeFiles,
): Promise<Backup[]> {
  const found: Backup[] = [];
  for (const name of await files.list(folder)) {
    const match = namePattern.exec(name);
    if (match === null || match[1] !== encodeId(userId)) continue;
    const [, , hour, minute, second, rest, suffix] = match;
    const kind = (['asked', 'daily', 'before-restore'] as const).find((one) => suffixes[one] === suffix);
    const madeAtMs = Date.parse(`${hour}:${minute}:${second}.${rest}`);
    if (kind !== undefined && !Number.isNaN(madeAtMs))
      found.push({ path: join(folder, name), kind, madeAtMs });
  }
  return found.sort((a, b) => b.madeAtMs - a.madeAtMs);
}

/** Whether the backup is dated in the future because the clock was wrong; its date is then meaningless. */
export function isDatedAhead(backup: Backup, nowMs: number): boolean {
  return backup.madeAtMs > nowMs + aheadMs;
}

/** Clocks of machines that share a folder differ by less than this. */
const aheadMs = 60 * 60 * 1000;

const leftoverMs = 24 * 60 * 60 * 1000;

/** Deletes unfinished backups of processes that were killed at least a day ago. */
async function removeLeftovers(folder: string, userId: UserId, clock: Clock, files: Files): Promise<void> {
  for (const path of await listUnfinished(folder, userId, files)) {
    const status = await files.status(path);
    if (status !== null && clock.now() - status.modifiedMs > leftoverMs) await files.remove(path);
  }
}

async function listUnfinished(folder: string, userId: UserId, files: Files): Promise<string[]> {
  const names = await files.list(folder);
  const isOfUser = (name: string) => {
    const finished = unfinishedPattern.exec(name)?.[1];
    return finished !== undefined && namePattern.exec(finished)?.[1] === encodeId(userId);
  };
  return names.filter(isOfUser).map((name) => join(folder, name));
}

/**
 * Deletes the user's unfinished backups of any age in the default folder, because they may contain forgotten
 * content. A process that is writing one fails and must start again. Returns files that could not be deleted.
 */
export async function dropUnfinishedBackups(
  dataDir: string,
  userId: UserId,
  files: Files = nodeFiles,
): Promise<void> {
  for (const path of await listUnfinished(backupsFolder(dataDir), userId, files)) {
    await files.remove(path).catch(() => undefined);
  }
}

export interface PruneOptions {
  /** How many backups stay. */
  readonly keep: number;
  readonly clock: Clock;
  readonly files?: Files | undefined;
}

/**
 * Deletes backups of one kind except the newest `keep`, and returns the paths of the deleted ones. The last
 * complete backup always stays. So does the last complete backup of a memory that had more transactions than
 * those kept, because that memory may have been lost and started again. Backups dated in the future are
 * neither counted nor deleted.
 */
export async function pruneBackups(
  folder: string,
  userId: UserId,
  kind: BackupKind,
  { keep, clock, files = nodeFiles }: PruneOptions,
): Promise<string[]> {
  const nowMs = clock.now();
  const all = (await listBackups(folder, userId, files)).filter(
    (backup) => backup.kind === kind && !isDatedAhead(backup, nowMs),
  );
  const old = all.slice(keep);
  if (old.length === 0) return [];
  const kept = await newestWhole(all.slice(0, keep));
  const last = await newestWhole(old, kept?.seq ?? -1);
  const leaving = old.filter(({ path }) => path !== last?.path);
  for (const { path } of leaving) await files.remove(path);
  return leaving.map(({ path }) => path);
}

/**
 * The first of these backups that is readable to its end, has no losses, and belongs to a memory with more
 * than `seq` transactions.
 */
async function newestWhole(
  backups: readonly Backup[],
  seq = -1,
): Promise<{ readonly path: string; readonly seq: number } | null> {
  for (const { path } of backups) {
    const header = await headerOfWhole(path).catch((error: unknown) => {
      if (error instanceof MemoryError) return null;
      throw error;
    });
    if (header === null || (header.losses ?? 0) > 0) continue;
    const reached = header.seq ?? 0;
    if (reached > seq) return { path, seq: reached };
  }
  return null;
}

/** The first line of a backup that is readable up to its end line; otherwise null. */
async function headerOfWhole(path: string): Promise<TransferHeader | null> {
  let first: Uint8Array | undefined;
  let last: Uint8Array | undefined;
  let lines = 0;
  for await (const line of (await openTransfer(path)).lines()) {
    first ??= line;
    last = line;
    lines += 1;
  }
  const header = transferHeaderSchema.safeParse(jsonOf(first));
  const end = transferEndSchema.safeParse(jsonOf(last));
  return header.success && end.success && end.data.lines === lines - 1 ? header.data : null;
}

function jsonOf(line: Uint8Array | undefined): unknown {
  return jsonIn(Buffer.from(line ?? []).toString('utf8'));
}

const idPattern = /"((?:pg|fc)_[0-9a-z]{21})"/g;

/**
 * The user's backups that contain one of these pages or facts, as paths relative to the data folder.
 * Unfinished and unreadable ones count as containing it. Only the default folder is searched.
 */
export async function backupsHolding(
  dataDir: string,
  userId: UserId,
  ids: ReadonlySet<string>,
): Promise<string[]> {
  const holding: string[] = [];
  const folder = backupsFolder(dataDir);
  for (const { path } of await listBackups(folder, userId)) {
    if (await holds(path, ids)) holding.push(relative(dataDir, path));
  }
  for (const path of await listUnfinished(folder, userId, nodeFiles)) holding.push(relative(dataDir, path));
  return holding;
}

async function holds(path: string, ids: ReadonlySet<string>): Promise<boolean> {
  try {
    for await (const line of (await openTransfer(path)).lines()) {
      for (const match of Buffer.from(line).toString('utf8').matchAll(idPattern)) {
        if (ids.has(match[1] ?? '')) return true;
      }
    }
    return false;
  } catch (error) {
    if (error instanceof MemoryError && error.code === 'NOT_FOUND') return false;
    return true;
  }
}
