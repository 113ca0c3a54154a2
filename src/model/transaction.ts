import { applyOperation, type Undo } from './apply-operation.js';
import type { SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { Operation } from './operation.js';
import type { Segment } from './segment.js';
import { knownFacts, type UserState } from './user-state.js';

/** What a transaction moved out of the state but not out of the memory: it belongs into the archive. */
export interface Departed {
  readonly segments: Segment[];
  readonly facts: Fact[];
}

export interface AppliedTransaction {
  readonly departed: Departed;
  /** Takes the transaction back. Only as long as nothing was applied after it. */
  readonly undo: Undo;
}

/**
 * Applies operations as a whole or not at all: when one does not fit (STORE_CORRUPT, as applyOperation), those
 * before it are taken back and the state is as it was.
 */
export function applyTransaction(state: UserState, operations: readonly Operation[]): AppliedTransaction {
  const undos: Undo[] = [];
  const departed: Departed = { segments: [], facts: [] };
  let order: readonly SegmentId[] | null = null;
  const undo = () => {
    for (const back of undos.splice(0).reverse()) back();
    if (order !== null) reorder(state.segments, order);
  };
  for (const operation of operations) {
    try {
      if (operation.op === 'segment_archived' || operation.op === 'segment_removed') {
        order ??= [...state.segments.keys()];
      }
      noteDeparted(state, operation, departed);
      undos.push(applyOperation(state, operation));
    } catch (error) {
      undo();
      throw error;
    }
  }
  return { departed, undo };
}

function noteDeparted(state: UserState, operation: Operation, departed: Departed): void {
  if (operation.op === 'segment_archived') {
    const segment = state.segments.get(operation.segment_id);
    if (segment !== undefined) departed.segments.push(segment);
  }
  if (operation.op === 'fact_removed' && operation.reason === 'capacity') {
    const fact = knownFacts(state, operation.assistant_id)?.find((known) => known.id === operation.fact_id);
    if (fact !== undefined) departed.facts.push(fact);
  }
}

/** Segments that were put back went to the end; those opened since the order was noted are gone again. */
function reorder(segments: Map<SegmentId, Segment>, order: readonly SegmentId[]): void {
  for (const id of order) {
    const segment = segments.get(id);
    if (segment === undefined) continue;
    segments.delete(id);
    segments.set(id, segment);
  }
}
