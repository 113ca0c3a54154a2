import { removeClosedEpochs } from './after-rotation.js';
import { purgeArchive } from './archive.js';
import type { StoreContext } from './context.js';
import { removeOldVersions } from './segment-files.js';
import type { UserLog } from './user-log.js';
import { loadVectors, saveVectors } from './vectors.js';

/** Removes every copy of forgotten pages but those a person made. With the lock held and the state up to date. */
export async function purge(
  context: StoreContext,
  log: UserLog,
  pageIds: ReadonlySet<string>,
): Promise<void> {
  if (pageIds.size === 0) return;
  const { files, layout } = context;
  await purgeArchive(context, pageIds);
  await log.rotate();
  const { replica } = log;
  await removeClosedEpochs(context, replica.position.epoch, 0);
  for (const name of await files.list(layout.midTerm)) {
    const segment = [...replica.state.segments.values()].find(({ head }) => head.id === name);
    if (segment === undefined) {
      await files.removeFolder(`${layout.midTerm}/${name}`);
      continue;
    }
    const { id } = segment.head;
    const saved = replica.saved.get(id);
    await removeOldVersions(context, id, saved === undefined ? [] : [saved]);
    const { vectors } = await loadVectors(files, layout.segmentFolder(id));
    if (vectors === null || ![...vectors.pages.keys()].some((pageId) => pageIds.has(pageId))) continue;
    const pages = new Map([...vectors.pages].filter(([pageId]) => !pageIds.has(pageId)));
    await saveVectors(files, layout.segmentFolder(id), { ...vectors, pages });
  }
}
