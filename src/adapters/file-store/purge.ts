import { join } from 'node:path';
import type { ArchiveEntry, PurgeResult } from '../../ports/memory-store.js';
import { removeClosedEpochs } from './after-rotation.js';
import { editArchive } from './archive.js';
import type { StoreContext } from './context.js';
import { removeOldVersions } from './segment-files.js';
import type { UserLog } from './user-log.js';

/** Removes every former copy of what was forgotten but those a person made or has to look at. */
export async function purge(
  context: StoreContext,
  log: UserLog,
  edit: ((entry: ArchiveEntry) => ArchiveEntry | null) | null,
): Promise<PurgeResult> {
  for (;;) {
    const done = await log.own(async () => {
      const { segments, pages, damagedLines } =
        edit === null
          ? { segments: 0, pages: 0, damagedLines: 0 }
          : await editArchive(context, log.replica.state, edit);
      if (!(await log.rotate())) return null;
      await removeFormer(context, log);
      const remaining = await keptAside(context);
      const archive = `${context.layout.shown}/archive.jsonl (${damagedLines} damaged lines)`;
      return { segments, pages, remaining: damagedLines > 0 ? [archive, ...remaining] : remaining };
    });
    if (done !== null) return done;
  }
}

async function removeFormer(context: StoreContext, { replica }: UserLog): Promise<void> {
  const { files, layout } = context;
  await removeClosedEpochs(context, replica.position.epoch, 0);
  const folders = new Set(await files.list(layout.midTerm));
  for (const id of replica.state.segments.keys()) {
    if (!folders.delete(id)) continue;
    const saved = replica.saved.get(id);
    await removeOldVersions(context, id, saved === undefined ? [] : [saved]);
  }
  for (const name of folders) await files.removeFolder(join(layout.midTerm, name));
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
