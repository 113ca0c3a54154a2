import { join } from 'node:path';
import { nodeFiles } from '../../../lib/io/files.js';
import type { UserId } from '../../../model/ids.js';
import { isPurging } from '../../../model/purge.js';
import type { UserState } from '../../../model/user-state.js';
import type { StoreNotice } from '../../../ports/store.js';
import { createSystemClock } from '../../system-clock.js';
import type { StoreContext } from '../context.js';
import { openArchive, readArchive } from '../copies/archive.js';
import { inspectVectors } from '../copies/vectors.js';
import { createFileStore } from '../file-store.js';
import { toStoreError } from '../io-errors.js';
import { archiveName, layoutOf } from '../layout.js';
import { listNumbers, readEpoch, readStretch, startOf } from '../log/journal-files.js';
import type { Replica } from '../replica.js';
import { withoutChanges } from '../without-changes.js';
import { loadReplica } from './load.js';
import { damagedLines, repairArchive, repairVectors } from './repair.js';

/** Between two steps of a running server, files may look damaged. They are checked again after this time. */
const lookAgainAfterMs = 200;

export interface Inspection {
  /** Defects, worst first. `warning`: repaired without loss. `error`: something is or may be lost. */
  readonly defects: readonly StoreNotice[];
  /** Harmless remarks: damaged files that were kept, or files left by a process that ended. */
  readonly remarks: readonly StoreNotice[];
}

/**
 * Checks every file of a user without changing anything, also while servers run. Throws STORE_NEWER and
 * STORE_IO. A user without a memory has no defects.
 */
export async function verifyMemory(dataDir: string, userId: UserId, files = nodeFiles): Promise<Inspection> {
  const defects: StoreNotice[] = [];
  const remarks: StoreNotice[] = [];
  const context: StoreContext = {
    // Repairs run in memory only, to report what they would do.
    files: withoutChanges(files),
    layout: layoutOf(dataDir, userId),
    userId,
    clock: createSystemClock(),
    times: { lockWaitMs: 0, takeOverAfterMs: 0, leaseTakeOverAfterMs: 0, checkpointAfterMs: 0 },
    shelvesPages: false,
    notice: (level, message) => void defects.push({ level, message }),
    tell: () => undefined,
  };
  try {
    const loaded = await loadReplica(context);
    if (loaded === null) return { defects, remarks };
    const { replica } = loaded;
    for (const { at, message } of replica.state.losses) {
      if (defects.some((defect) => defect.message === message)) continue;
      defects.push({ level: 'error', message: `${message} (Noticed on ${at}, and not accepted yet.)` });
    }
    checkState(context, replica.state);
    await checkClosedLogs(context, replica.position.epoch);
    await checkArchive(context, replica);
    await checkVectors(context, replica);
    await remarkOnLeftovers(context, remarks);
  } catch (error) {
    throw toStoreError(error, 'verify the memory', context.layout.root);
  }
  const worst = { error: 0, warning: 1, info: 2 };
  return { defects: defects.sort((a, b) => worst[a.level] - worst[b.level]), remarks };
}

/**
 * Repairs what verifyMemory finds, as far as possible. Safe while servers run. Damaged files are kept.
 * Returns what was done. Throws STORE_….
 */
export async function repairMemory(dataDir: string, userId: UserId): Promise<readonly StoreNotice[]> {
  const store = await createFileStore({ dataDir }).open(userId);
  const done: StoreNotice[] = [];
  try {
    await store.checkpoint();
    const context = { files: nodeFiles, layout: layoutOf(dataDir, userId) };
    done.push(...(await repairArchive(context, store)), ...(await repairVectors(context, store)));
  } finally {
    await store.close();
  }
  return [...store.notices, ...done];
}

/** Checks that each page is in exactly one place. */
function checkState({ layout, notice }: StoreContext, state: UserState): void {
  const seen = new Set<string>();
  const pages = [...state.shortTerm, ...[...state.segments.values()].flatMap((segment) => segment.pages)];
  for (const { id } of pages) {
    if (seen.has(id)) notice('error', `${layout.shown}: page ${id} is stored twice.`);
    seen.add(id);
  }
}

/** Checks the logs of closed epochs, which suspended processes and recovery need. */
async function checkClosedLogs({ files, layout, notice }: StoreContext, present: number): Promise<void> {
  const numbers = (await listNumbers(files, layout)).filter((number) => number < present);
  const lengths = new Map<number, number>();
  for (const number of [...numbers, present]) {
    const epoch = await readEpoch(files, layout, number);
    if (epoch === null || epoch === 'damaged') continue;
    const { previous } = epoch.header;
    if (previous !== null) lengths.set(previous.epoch, previous.length);
  }
  for (const number of numbers) {
    const where = `${layout.shown}/journal.${number}.sealed.jsonl`;
    const epoch = await readEpoch(files, layout, number);
    if (epoch === null) continue;
    const isRead =
      epoch !== 'damaged' ? await readStretch(files, layout, startOf(epoch), lengths.get(number)) : null;
    if (isRead !== null && !isRead.broken) continue;
    notice(
      'warning',
      `${where} is damaged. It is a closed log that is needed only for recovery; it will be deleted later.`,
    );
  }
}

async function checkArchive(context: StoreContext, { archive, state }: Replica): Promise<void> {
  const where = `${context.layout.shown}/${archiveName(archive)}`;
  const damaged = await damagedLines(context, archive);
  if (damaged > 0) {
    context.notice(
      'error',
      `${where} has ${damaged} damaged lines: the evicted pages in them cannot be read.`,
    );
  }
  for (let found = { archive, state }; ; ) {
    const held = await archivedPages(context, found);
    // A purge first removes pages and then updates the count.
    if (held >= found.state.archivedPages || isPurging(found.state.troubles)) return;
    await new Promise((resolve) => setTimeout(resolve, lookAgainAfterMs));
    const loaded = await loadReplica({ ...context, notice: () => undefined });
    const now = loaded?.replica ?? found;
    if (now.archive === found.archive && now.state.archivedPages === found.state.archivedPages) {
      const missing = found.state.archivedPages - held;
      context.notice(
        'error',
        `${where} is incomplete: ${missing} of the ${found.state.archivedPages} pages that were evicted into it are missing.`,
      );
      return;
    }
    found = now;
  }
}

/** Number of pages in evicted segments. */
async function archivedPages(
  context: StoreContext,
  { archive, state }: Pick<Replica, 'archive' | 'state'>,
): Promise<number> {
  const file = await openArchive(context, archive);
  if (file === null) return 0;
  let pages = 0;
  try {
    for await (const entry of readArchive(file, () => state)) {
      if (entry.kind === 'segment') pages += entry.pages.length;
    }
  } finally {
    await file.close();
  }
  return pages;
}

async function checkVectors({ files, layout, notice }: StoreContext, { state }: Replica): Promise<void> {
  for (const id of state.segments.keys()) {
    const problem = await inspectVectors(files, layout.segmentFolder(id));
    if (problem !== null) {
      notice(
        'warning',
        `${layout.shown}/mid_term/${id}/index.pb ${problem}. The vectors are computed again.`,
      );
    }
  }
}

async function remarkOnLeftovers({ files, layout }: StoreContext, remarks: StoreNotice[]): Promise<void> {
  const folders = ['', 'assistants', 'mid_term'].map((name) => ({ path: join(layout.root, name), name }));
  for (const id of await files.list(layout.midTerm))
    folders.push({ path: join(layout.midTerm, id), name: `mid_term/${id}` });
  for (const { path, name } of folders) {
    for (const file of await files.list(path).catch(() => [])) {
      const shown = [layout.shown, name, file].filter((part) => part !== '').join('/');
      if (file.includes('.corrupt-')) {
        remarks.push({
          level: 'info',
          message: `${shown} was kept aside because it was damaged. Delete it when you do not need it.`,
        });
      }
    }
  }
}
