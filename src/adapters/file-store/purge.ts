import type { Segment } from '../../model/segment.js';
import type { ArchiveEntry, PurgeResult } from '../../ports/memory-store.js';
import { removeClosedEpochs } from './after-rotation.js';
import { purgeArchive } from './archive.js';
import type { StoreContext } from './context.js';
import { removeOldVersions } from './segment-files.js';
import type { UserLog } from './user-log.js';
import { loadVectors, saveVectors } from './vectors.js';

/**
 * Removes every copy of what is forgotten but those a person made and those that cannot be read, which it names.
 * With the lock held and the state up to date.
 */
export async function purge(
  context: StoreContext,
  log: UserLog,
  edit: ((entry: ArchiveEntry) => ArchiveEntry | null) | null,
): Promise<PurgeResult> {
  const { files, layout } = context;
  const archived =
    edit === null ? { segments: 0, pages: 0, remaining: [] } : await purgeArchive(context, edit);
  await log.rotate();
  const { replica } = log;
  await removeClosedEpochs(context, replica.position.epoch, 0);
  const segments = new Map<string, Segment>(
    [...replica.state.segments].map(([id, segment]) => [id, segment]),
  );
  for (const name of await files.list(layout.midTerm)) {
    const segment = segments.get(name);
    if (segment === undefined) {
      await files.removeFolder(`${layout.midTerm}/${name}`);
      continue;
    }
    const { id } = segment.head;
    const saved = replica.saved.get(id);
    await removeOldVersions(context, id, saved === undefined ? [] : [saved]);
    await dropVectors(context, segment);
  }
  const aside = (await files.list(layout.root)).filter((name) => name.includes('.corrupt-'));
  return {
    ...archived,
    remaining: [...archived.remaining, ...aside.map((name) => `${layout.shown}/${name}`)],
  };
}

/** Vectors of pages that are not in the segment any more, and that of a summary that is another now. */
async function dropVectors({ files, layout }: StoreContext, segment: Segment): Promise<void> {
  const { id, summary } = segment.head;
  const { vectors } = await loadVectors(files, layout.segmentFolder(id));
  if (vectors === null) return;
  const present = new Set<string>(segment.pages.map((page) => page.id));
  const pages = new Map([...vectors.pages].filter(([pageId]) => present.has(pageId)));
  const isOld = vectors.summary !== null && vectors.summary.text !== summary;
  if (pages.size === vectors.pages.size && !isOld) return;
  await saveVectors(files, layout.segmentFolder(id), {
    ...vectors,
    pages,
    summary: isOld ? null : vectors.summary,
  });
}
