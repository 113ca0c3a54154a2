import type { SegmentId } from '../../model/ids.js';
import type { StoreContext } from './context.js';
import { copiesOf } from './copies.js';
import { listNumbers } from './journal-files.js';
import type { Header } from './journal-format.js';
import { writeJsonFile } from './json-file.js';
import { parseLockName, type Version } from './layout.js';
import type { Replica } from './replica.js';
import { removeOldVersions, removeSegment } from './segment-files.js';

/** Closed epochs are kept up to this size, for processes that slept and for recovery; at least one always. */
const closedBytesMax = 4 * 1024 * 1024;

/** What is to be tidied up once an epoch has begun; collected before it begins. */
export interface Leftovers {
  readonly rewritten: readonly { readonly id: SegmentId; readonly former: Version | undefined }[];
  readonly retired: readonly SegmentId[];
  readonly assistants: ReadonlySet<string>;
}

export function leftoversOf(replica: Replica): Leftovers {
  return {
    rewritten: [...replica.state.segments.keys()]
      .map((id) => ({ id, former: replica.manifest.get(id), saved: replica.saved.get(id) }))
      .filter(
        ({ id, former, saved }) =>
          replica.changed.has(id) ||
          former === undefined ||
          former.seq !== saved?.seq ||
          former.epoch !== saved.epoch,
      )
      .map(({ id, former }) => ({ id, former })),
    retired: replica.retiredBefore.filter((id) => !replica.state.segments.has(id)),
    assistants: new Set(replica.changedAssistants),
  };
}

/** Writes the copies people and tools read. */
export async function writeCopies(
  context: StoreContext,
  header: Header,
  assistants: ReadonlySet<string> | 'all',
): Promise<void> {
  const { files, layout } = context;
  const copies = copiesOf(header);
  await writeJsonFile(files, layout.shortTerm, copies.shortTerm);
  await writeJsonFile(files, layout.longTerm, copies.longTerm);
  for (const copy of copies.assistants) {
    if (assistants !== 'all' && !assistants.has(copy.assistant_id)) continue;
    await files.makeFolder(layout.assistants);
    await writeJsonFile(files, layout.assistant(copy.assistant_id), copy);
  }
}

/** Removes what neither the present nor the last epoch needs. Under the lock. */
export async function tidyUp(context: StoreContext, replica: Replica, leftovers: Leftovers): Promise<void> {
  const { files, layout } = context;
  for (const { id, former } of leftovers.rewritten) {
    const saved = replica.saved.get(id);
    if (saved !== undefined) await removeOldVersions(context, id, saved, former);
  }
  const present = replica.position.epoch;
  for (const id of leftovers.retired) await removeSegment(context, id, present);
  await removeClosedEpochs(context, present, closedBytesMax);
  for (const name of await files.list(layout.root)) {
    const lock = parseLockName(name);
    if (lock !== null && lock.epoch < present) await files.remove(layout.lock(lock.epoch, lock.level));
  }
}

/** Keeps the newest closed epochs up to a size, and one in any case unless the size is 0. */
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
