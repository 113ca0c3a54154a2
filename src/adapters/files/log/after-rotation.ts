import { join } from 'node:path';
import type { SegmentId } from '../../../model/ids.js';
import type { StoreContext } from '../context.js';
import { copiesOf } from '../copies/copies.js';
import { writeJsonCopy } from '../copies/json-file.js';
import { isAbandoned, isPartOfSegment, removeOldVersions, removeSegment } from '../copies/segment-files.js';
import { parseArchiveName, parseLockName, type Version } from '../layout.js';
import type { Replica } from '../replica.js';
import { type Epoch, listEpochs, listNumbers } from './journal-files.js';

/**
 * Closed epochs are kept up to this size for suspended processes and for recovery; at least one is always
 * kept.
 */
const closedBytesMax = 4 * 1024 * 1024;

/** Files that the next epoch no longer needs. */
export interface Leftovers {
  readonly rewritten: readonly { readonly id: SegmentId; readonly former: Version | undefined }[];
  readonly retired: readonly SegmentId[];
  readonly assistants: ReadonlySet<string>;
}

export function leftoversOf(replica: Replica): Leftovers {
  const isRewritten = (id: SegmentId) => {
    const [former, saved] = [replica.manifest.get(id), replica.saved.get(id)];
    return replica.changed.has(id) || former?.seq !== saved?.seq || former?.epoch !== saved?.epoch;
  };
  return {
    rewritten: [...replica.state.segments.keys()]
      .filter(isRewritten)
      .map((id) => ({ id, former: replica.manifest.get(id) })),
    retired: replica.retiredBefore.filter((id) => !replica.state.segments.has(id)),
    assistants: new Set(replica.changedAssistants),
  };
}

/**
 * Writes the copies that people and tools read. If another epoch began meanwhile, its copies may have been
 * overwritten, so they are written again.
 */
export async function writeCopies(
  context: StoreContext,
  begun: Epoch,
  changedAssistants: ReadonlySet<string>,
): Promise<void> {
  const { files, layout } = context;
  let epoch: Epoch | null = begun;
  let assistants: ReadonlySet<string> | null = changedAssistants;
  while (epoch !== null) {
    const copies = copiesOf(epoch.header);
    const failures: unknown[] = [];
    const write = async (path: string, copy: unknown) => {
      await writeJsonCopy(files, path, copy).catch((error: unknown) => failures.push(error));
    };
    await write(layout.shortTerm, copies.shortTerm);
    await write(layout.longTerm, copies.longTerm);
    for (const copy of copies.assistants) {
      if (assistants?.has(copy.assistant_id) === false) continue;
      await files.makeFolder(layout.assistants).catch((error: unknown) => failures.push(error));
      await write(layout.assistant(copy.assistant_id), copy);
    }
    // A failed copy must not prevent the others from being written.
    if (failures.length > 0) throw failures[0];
    if ((await files.status(layout.journal(epoch.epoch))) !== null) return;
    epoch = (await listEpochs(files, layout, epoch.epoch)).current;
    assistants = null;
  }
}

/** Removes files that neither this epoch nor the previous one needs. Newer files stay. */
export async function tidyUp(context: StoreContext, { header }: Epoch, leftovers: Leftovers): Promise<void> {
  const { files, layout } = context;
  const saved = new Map(header.segments.map((entry) => [entry.id, entry]));
  for (const { id, former } of leftovers.rewritten) {
    const present = saved.get(id);
    if (present !== undefined) await removeOldVersions(context, id, present, former);
  }
  for (const id of leftovers.retired) await removeSegment(context, id, header.epoch);
  await removeStraySegments(context, header);
  await removeClosedEpochs(context, header.epoch, closedBytesMax);
  for (const name of await files.list(layout.root)) {
    const lock = parseLockName(name);
    if (lock !== null && lock.epoch < header.epoch) await files.remove(layout.lock(lock.epoch, lock.level));
    const path = join(layout.root, name);
    if (name.endsWith('.tmp') && (await isAbandoned(context, path))) await files.remove(path);
    // Left by a purge that failed, or by a suspended process that found the archive replaced.
    const archive = parseArchiveName(name);
    if (archive !== null && archive !== header.archive && archive < header.epoch) await files.remove(path);
  }
}

/**
 * Removes segments that neither this epoch nor the previous one knows, because the process that retired them
 * was killed before it could tidy up. A folder that changed recently may belong to a new segment and stays.
 * So do damaged files that were kept.
 */
async function removeStraySegments(context: StoreContext, header: Epoch['header']): Promise<void> {
  const { files, layout } = context;
  const needed = new Set<string>([...header.segments.map(({ id }) => id), ...header.retired]);
  for (const id of await files.list(layout.midTerm)) {
    const folder = join(layout.midTerm, id);
    if (needed.has(id) || !(await isAbandoned(context, folder))) continue;
    if ((await files.list(folder)).every(isPartOfSegment)) await removeSegment(context, id, header.epoch);
  }
}

/** Keeps the newest closed epochs up to a size, and at least one unless the size is 0. */
export async function removeClosedEpochs(
  { files, layout }: StoreContext,
  present: number,
  bytesMax: number,
): Promise<void> {
  const numbers = await listNumbers(files, layout);
  let bytes = 0;
  let kept = 0;
  for (const epoch of numbers.filter((number) => number < present).reverse()) {
    const status = (await files.status(layout.sealed(epoch))) ?? (await files.status(layout.journal(epoch)));
    bytes += status?.size ?? 0;
    if (bytesMax > 0 && (kept === 0 || bytes <= bytesMax)) {
      kept += 1;
      continue;
    }
    await files.remove(layout.sealed(epoch));
    await files.remove(layout.journal(epoch));
  }
}
