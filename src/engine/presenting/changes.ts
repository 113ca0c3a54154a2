import type { SegmentId } from '../../model/ids.js';
import type { StoreChange, StoredMemory } from '../../ports/store.js';
import type { MemoryChange } from '../memory-engine.js';

const gatherMs = 250;

/** Gathers the store's changes and tells them at most four times a second. */
export interface ChangeFeed {
  onChange(listener: (change: MemoryChange) => void): () => void;
  /** Tells what was gathered, then nothing more. */
  close(): void;
}

export function createChangeFeed(store: StoredMemory): ChangeFeed {
  const listeners = new Set<(change: MemoryChange) => void>();
  let pending = nothing();
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    timer = undefined;
    const change = pending;
    pending = nothing();
    for (const listener of listeners) listener(change);
  };

  const cancel = store.subscribe((change) => {
    if (listeners.size === 0) return;
    note(pending, change);
    timer ??= setTimeout(tell, gatherMs).unref();
  });

  return {
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
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
    if ('segment_id' in operation && operation.segment_id !== null)
      pending.segments.add(operation.segment_id);
    switch (operation.op) {
      case 'page_added':
      case 'page_migrated':
      case 'page_forgotten':
      case 'page_summarised':
        pending.shortTerm = true;
        break;
      case 'segment_put':
        pending.segments.add(operation.head.id);
        pending.segmentsListed = true;
        break;
      case 'segment_archived':
      case 'segment_removed':
        pending.segmentsListed = true;
        break;
      case 'trait_put':
      case 'trait_removed':
      case 'fact_put':
      case 'fact_removed':
      case 'change_logged':
      case 'changes_blanked':
        pending.longTerm = true;
        break;
      case 'pages_analysed':
      case 'pages_read':
      case 'pages_noted':
      case 'archive_reduced':
      case 'segment_visited':
      case 'analysis_failed':
      case 'analysis_recovered':
      case 'tombstones_put':
      case 'loss_noted':
      case 'losses_accepted':
        break;
      default:
        operation satisfies never;
    }
  }
}
