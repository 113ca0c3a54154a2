import { join } from 'node:path';
import { writeAtomically } from '../../lib/io/file-access.js';
import type { ArchiveEntry, PurgeResult } from '../../ports/memory-store.js';
import { asideName, type StoreContext } from './context.js';
import { type EditedArchive, editArchive, openArchive } from './copies/archive.js';
import { removeOldVersions, removeSegment } from './copies/segment-files.js';
import { parseArchiveName } from './layout.js';
import { removeClosedEpochs } from './log/after-rotation.js';
import type { UserLog } from './log/user-log.js';
import type { Replica } from './replica.js';

/** Removes every former copy of what was forgotten but those a person made or has to look at. */
export async function purge(
  context: StoreContext,
  log: UserLog,
  edit: ((entry: ArchiveEntry) => ArchiveEntry | null) | null,
): Promise<PurgeResult> {
  for (;;) {
    const done = await log.own(async () => {
      const { replica } = log;
      const former = replica.archive;
      const { text, segments, pages, damaged } = await edited(context, replica, edit);
      // A new file that the next epoch names: so archive and log change in the same instant.
      const archive = text === null ? former : replica.position.epoch;
      if (damaged.length > 0) {
        const aside = asideName(context.layout.archive(former), context.clock);
        await writeAtomically(context.files, aside, damaged.join(''));
      }
      if (text !== null) await writeAtomically(context.files, context.layout.archive(archive), text);
      if (!(await log.rotate({ archive }))) return null;
      await log.settled();
      await removeFormer(context, log);
      const remaining = await keptAside(context);
      return { segments, pages, remaining };
    });
    if (done !== null) return done;
  }
}

async function edited(
  context: StoreContext,
  { archive, state }: Replica,
  edit: ((entry: ArchiveEntry) => ArchiveEntry | null) | null,
): Promise<EditedArchive> {
  const file = edit === null ? null : await openArchive(context, archive);
  if (file === null || edit === null) return { text: null, segments: 0, pages: 0, damaged: [] };
  try {
    return await editArchive(file, state, edit);
  } finally {
    await file.close();
  }
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
 * Removes files that were being written, of any age: one who was killed may have left what was forgotten in them. One
 * who is alive is told that his file is gone, and writes it again with his next checkpoint.
 */
async function removeUnfinished({ files, layout }: StoreContext): Promise<void> {
  const segments = (await files.list(layout.midTerm)).map((id) => join(layout.midTerm, id));
  for (const folder of [layout.root, layout.assistants, ...segments]) {
    for (const name of await files.list(folder)) {
      if (name.endsWith('.tmp')) await files.remove(join(folder, name));
    }
  }
}

/** Damaged files that were kept aside, as paths below the data folder. */
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
