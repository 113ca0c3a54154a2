import { applyOperation, type Undo } from './apply-operation.js';
import type { SegmentId } from './ids.js';
import type { Fact } from './knowledge.js';
import type { Operation } from './operation.js';
import type { Segment } from './segment.js';
import { knownFacts, type UserState } from './user-state.js';

/** What a transaction removed from the state but not from the memory. It belongs in the archive. */
export interface Departed {
  readonly segments: Segment[];
  readonly facts: Fact[];
}

export interface AppliedTransaction {
  readonly departed: Departed;
  /** Undoes the transaction. Call it only while no later operation has been applied. */
  readonly undo: Undo;
}

/**
 * Applies all operations or none. When one does not fit, the earlier ones are undone, the state is unchanged,
 * and STORE_CORRUPT is thrown (see applyOperation).
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

/**
 * Restores the order of segments. Undoing an operation puts a removed segment at the end, and segments opened
 * since the order was recorded no longer exist.
 */
function reorder(segments: Map<SegmentId, Segment>, order: readonly SegmentId[]): void {
  for (const id of order) {
    const segment = segments.get(id);
    if (segment === undefined) continue;
    segments.delete(id);
    segments.set(id, segment);
  }
}
