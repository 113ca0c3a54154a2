import { join } from 'node:path';
import { codeOf } from '../../lib/io/files.js';
import { MemoryError } from '../../model/errors.js';
import type { ArchiveEdit, PurgeResult } from '../../ports/memory-store.js';
import type { StoreContext } from './context.js';
import { ArchiveRewrite } from './copies/archive-rewrite.js';
import { removeOldVersions, removeSegment } from './copies/segment-files.js';
import { parseArchiveName } from './layout.js';
import { removeClosedEpochs } from './log/after-rotation.js';
import type { UserLog } from './log/user-log.js';

/**
 * How often the archive is rewritten from its beginning, because another process rewrote it at the same time.
 */
const rewritesMax = 5;
/** The rest of the archive must be shorter than this to be processed with the lock held. */
const tailBytesMax = 1024 * 1024;
/** How often the process continues with a new end of the archive, or a new epoch of the log. */
const roundsMax = 100;

export interface PurgeMeans {
  /** Runs a job alone, so that the replica does not change meanwhile. */
  alone<T>(job: () => Promise<T>): Promise<T>;
  /** Writes the changes, so that little remains to be done with the lock held. */
  checkpoint(): Promise<void>;
}

/**
 * Removes every old copy of forgotten content, except copies that a person made or has to examine. The new
 * archive is prepared without the lock. With the lock, only lines appended meanwhile are processed. Throws
 * STORE_BUSY when other processes are always first.
 */
export async function purge(
  context: StoreContext,
  log: UserLog,
  edit: ArchiveEdit | null,
  means: PurgeMeans,
): Promise<PurgeResult> {
  for (let rewrites = 0; rewrites < rewritesMax; rewrites += 1) {
    await means.alone(() => log.refresh());
    const { archive } = log.replica;
    const rewrite = edit === null ? null : new ArchiveRewrite(context, archive, edit);
    try {
      const done = await purgeOnce(context, log, rewrite, archive, means);
      if (done !== null) return done;
    } catch (error) {
      // Another purge removed the new archive before it was renamed.
      if (rewrite === null || codeOf(error) !== 'ENOENT') throw error;
    } finally {
      await rewrite?.close();
    }
  }
  throw new MemoryError(
    'STORE_BUSY',
    `Other processes kept removing data of ${context.layout.shown} at the same time. The memory no longer contains the forgotten data. Old files still do; the next process that opens the memory cleans them.`,
  );
}

/** Null when another process has replaced the archive. */
async function purgeOnce(
  context: StoreContext,
  log: UserLog,
  rewrite: ArchiveRewrite | null,
  former: number,
  { alone, checkpoint }: PurgeMeans,
): Promise<PurgeResult | null> {
  for (let rounds = 0; rounds < roundsMax; rounds += 1) {
    // A full disk must not prevent forgetting.
    await checkpoint().catch(() => undefined);
    if (rewrite !== null) {
      while ((await rewrite.advance(() => log.replica.state)) > tailBytesMax);
    }
    const done = await alone(() =>
      log.own(async () => {
        const { replica } = log;
        if (replica.archive !== former) return 'replaced';
        await rewrite?.settle(replica.state);
        // A new file that the next epoch names, so archive and log change in the same instant.
        const archive = rewrite?.isChanged === true ? replica.position.epoch : former;
        const path = context.layout.archive(archive);
        if (archive !== former) await rewrite?.moveTo(path);
        if (!(await log.rotate({ archive }))) {
          if (archive !== former) await rewrite?.takeBack(path);
          return 'overtaken';
        }
        await log.settled();
        await removeFormer(context, log);
        return { ...(rewrite?.gone ?? { segments: 0, pages: 0 }), remaining: await keptAside(context) };
      }),
    );
    if (done === 'replaced') return null;
    if (done !== 'overtaken') return done;
  }
  return null;
}

async function removeFormer(context: StoreContext, { replica }: UserLog): Promise<void> {
  const { files, layout } = context;
  await removeClosedEpochs(context, replica.position.epoch, 0);
  const folders = new Set(await files.list(layout.midTerm));
  for (const id of replica.state.segments.keys()) {
    if (!folders.delete(id)) continue;
    const saved = replica.saved.get(id);
    if (saved !== undefined) await removeOldVersions(context, id, saved);
  }
  for (const id of folders) await removeSegment(context, id, replica.position.epoch);
  await removeUnfinished(context);
  for (const name of await files.list(layout.root)) {
    const generation = parseArchiveName(name);
    if (generation !== null && generation < replica.archive) await files.remove(layout.archive(generation));
  }
}

/**
 * Removes unfinished files of any age, because a process that was killed may have left forgotten content in
 * them. A process that still writes one gets an error and writes the file again with its next checkpoint.
 */
async function removeUnfinished({ files, layout }: StoreContext): Promise<void> {
  const segments = (await files.list(layout.midTerm)).map((id) => join(layout.midTerm, id));
  for (const folder of [layout.root, layout.assistants, ...segments]) {
    for (const name of await files.list(folder)) {
      if (name.endsWith('.tmp')) await files.remove(join(folder, name));
    }
  }
}

/** Damaged files that were kept, as paths below the data folder. */
async function keptAside({ files, layout }: StoreContext): Promise<string[]> {
  const found: string[] = [];
  const search = async (folder: string, shown: string) => {
    for (const name of await files.list(folder)) {
      if (name.includes('.corrupt-')) found.push(`${shown}/${name}`);
    }
  };
  await search(layout.root, layout.shown);
  await search(layout.assistants, `${layout.shown}/assistants`);
  for (const name of await files.list(layout.midTerm)) {
    if (name.includes('.corrupt-')) found.push(`${layout.shown}/mid_term/${name}`);
    await search(join(layout.midTerm, name), `${layout.shown}/mid_term/${name}`).catch(() => undefined);
  }
  return found;
}
