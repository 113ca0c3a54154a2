import type { StoreContext } from '../context.js';
import type { Replica } from '../replica.js';
import { type Epoch, listEpochs, readEpoch, readStretch } from './journal-files.js';

/**
 * A process that was suspended reads back through at most this many closed epochs. Beyond that, it reads
 * everything again.
 */
const epochsBackMax = 64;

export interface Followed {
  /**
   * `current`: up to date, and the log may be appended to. `torn`: up to date, but the log ends with bytes
   * that do not count. `sealed`: up to date, but the next epoch has not begun. `lost`: everything must be
   * read again.
   */
  readonly outcome: 'current' | 'torn' | 'sealed' | 'lost';
  /** Ids of the new transactions. */
  readonly ids: readonly string[];
}

/**
 * Brings the replica up to date with the disk and notifies subscribers. Costs one status call when there is
 * nothing new.
 */
export async function follow(context: StoreContext, replica: Replica): Promise<Followed> {
  const { files, layout } = context;
  const { epoch, offset } = replica.position;
  const status = await files.status(layout.journal(epoch));
  if (status !== null) {
    if (status.size === offset) return { outcome: 'current', ids: [] };
    if (status.size < offset) return { outcome: 'lost', ids: [] };
    return advance(context, replica);
  }
  const { current, damaged } = await listEpochs(files, layout);
  if (damaged.some((number) => number > epoch && !replica.salvaged.has(number)))
    return { outcome: 'lost', ids: [] };
  if (current === null || current.epoch < epoch) return { outcome: 'lost', ids: [] };
  if (current.epoch === epoch) {
    const { outcome, ids } = await advance(context, replica);
    return { outcome: outcome === 'lost' ? 'lost' : 'sealed', ids };
  }
  return bridge(context, replica, current);
}

/** Reads the closed epochs between the replica's and the current one. */
async function bridge(context: StoreContext, replica: Replica, current: Epoch): Promise<Followed> {
  const chain = [current];
  for (let first = current; first.header.previous?.epoch !== replica.position.epoch; ) {
    const { previous } = first.header;
    if (previous === null || previous.epoch < replica.position.epoch) return { outcome: 'lost', ids: [] };
    const before =
      chain.length < epochsBackMax ? await readEpoch(context.files, context.layout, previous.epoch) : null;
    if (before === null || before === 'damaged') return { outcome: 'lost', ids: [] };
    chain.unshift(before);
    first = before;
  }
  const ids: string[] = [];
  for (const next of chain) {
    const length = next.header.previous?.length ?? 0;
    if (length < replica.position.offset) return { outcome: 'lost', ids };
    const closed = await advance(context, replica, length);
    ids.push(...closed.ids);
    const { offset, seq } = replica.position;
    if (closed.outcome === 'lost' || offset !== length || seq !== next.header.seq)
      return { outcome: 'lost', ids };
    replica.adopt(next);
  }
  const last = await advance(context, replica);
  // The log may have been sealed while it was read. The next call will notice.
  return { outcome: last.outcome, ids: [...ids, ...last.ids] };
}

/** Applies the rest of the present epoch, up to `end`, whether the log is sealed or not. */
export async function advance(context: StoreContext, replica: Replica, end?: number): Promise<Followed> {
  const stretch = await readStretch(context.files, context.layout, replica.position, end);
  if (stretch === null) return { outcome: 'lost', ids: [] };
  const ids: string[] = [];
  for (const record of stretch.records) {
    try {
      replica.applyRecord(record);
    } catch {
      return { outcome: 'lost', ids };
    }
    context.tell({ kind: 'operations', operations: record.operations });
    ids.push(record.id);
  }
  if (stretch.broken) return { outcome: 'lost', ids };
  return { outcome: stretch.torn > 0 ? 'torn' : 'current', ids };
}
