import { Listeners } from '../../lib/io/listeners.js';
import type { SegmentId } from '../../model/ids.js';
import { partOf, segmentNamed } from '../../model/operation.js';
import type { StoreChange, StoredMemory } from '../../ports/store.js';
import type { MemoryChange } from '../memory-engine.js';

const gatherMs = 250;

/** Collects the store's changes and reports them at most four times a second. */
export interface ChangeFeed {
  onChange(listener: (change: MemoryChange) => void): () => void;
  /** Reports what was collected, then stops. */
  close(): void;
}

export function createChangeFeed(store: StoredMemory): ChangeFeed {
  const listeners = new Listeners<MemoryChange>();
  let pending = nothing();
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    timer = undefined;
    const change = pending;
    pending = nothing();
    listeners.tell(change);
  };

  const cancel = store.subscribe((change) => {
    if (listeners.isEmpty) return;
    note(pending, change);
    timer ??= setTimeout(tell, gatherMs).unref();
  });

  return {
    onChange: (listener) => listeners.add(listener),
    close() {
      cancel();
      if (timer !== undefined) {
        clearTimeout(timer);
        tell();
      }
      listeners.clear();
    },
  };
}

type Pending = { -readonly [K in keyof MemoryChange]: MemoryChange[K] } & { segments: Set<SegmentId> };

function nothing(): Pending {
  return { shortTerm: false, segments: new Set(), segmentsListed: false, longTerm: false };
}

function note(pending: Pending, change: StoreChange): void {
  if (change.kind === 'reloaded') {
    Object.assign(pending, { shortTerm: true, segmentsListed: true, longTerm: true, anything: true });
    return;
  }
  for (const operation of change.operations) {
    const segment = segmentNamed(operation);
    if (segment !== null) pending.segments.add(segment);
    const part = partOf[operation.op];
    if (part === 'short_term') pending.shortTerm = true;
    if (part === 'segment_list') pending.segmentsListed = true;
    if (part === 'long_term') pending.longTerm = true;
  }
}
