import { messageOf } from '../../../model/errors.js';
import type { UserStore } from '../../../ports/memory-store.js';
import type { StoreNotice } from '../../../ports/store.js';
import type { StoreContext } from '../context.js';
import { openArchive } from '../copies/archive.js';
import { parseArchiveLine, readArchiveLines } from '../copies/archive-lines.js';
import { inspectVectors, removeVectors } from '../copies/vectors.js';
import { parseArchiveName } from '../layout.js';

type Place = Pick<StoreContext, 'files' | 'layout'>;

/** Moves the damaged lines of the archive to a separate file. */
export async function repairArchive(place: Place, store: UserStore): Promise<StoreNotice[]> {
  const { files, layout } = place;
  const done: StoreNotice[] = [];
  for (const name of await files.list(layout.root)) {
    const generation = parseArchiveName(name);
    const damaged = generation === null ? 0 : await damagedLines(place, generation);
    if (damaged === 0) continue;
    const message = `${damaged} damaged lines of ${layout.shown}/${name} were moved to a file with ".corrupt-" in its name.`;
    done.push({ level: 'warning', message });
  }
  if (done.length > 0) await store.purge((entry) => entry);
  return done;
}

/** Number of unreadable lines of the archive. */
export async function damagedLines(
  place: Pick<Place, 'files' | 'layout'>,
  generation: number,
): Promise<number> {
  const file = await openArchive(place, generation);
  if (file === null) return 0;
  let damaged = 0;
  try {
    for await (const { data, isFinished } of readArchiveLines(file)) {
      if (isFinished && (await parseArchiveLine(data)) === null) damaged += 1;
    }
  } finally {
    await file.close();
  }
  return damaged;
}

/** Removes unusable indexes. Opening the memory computes the vectors again. */
export async function repairVectors({ files, layout }: Place, store: UserStore): Promise<StoreNotice[]> {
  const done: StoreNotice[] = [];
  for (const id of store.state.segments.keys()) {
    const folder = layout.segmentFolder(id);
    if ((await inspectVectors(files, folder)) === null) continue;
    const where = `${layout.shown}/mid_term/${id}/index.pb`;
    try {
      await removeVectors(files, folder);
      done.push({ level: 'info', message: `${where} was removed and will be rebuilt.` });
    } catch (error) {
      done.push({
        level: 'warning',
        message: `${where} could not be removed: ${messageOf(error)}. Delete it or move it away.`,
      });
    }
  }
  return done;
}
