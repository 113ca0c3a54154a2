import type { AssistantId, SegmentId } from '../../model/ids.js';
import { type Operation, pagesNamed, segmentNamed } from '../../model/operation.js';
import { type AppliedTransaction, applyTransaction } from '../../model/transaction.js';
import type { UserState } from '../../model/user-state.js';
import type { Version } from './layout.js';
import { type Epoch, startOf } from './log/journal-files.js';
import type { JournalRecord, Position } from './log/journal-format.js';

/** This process's copy of a user's state, its position in the log, and the files that are behind it. */
export class Replica {
  readonly state: UserState;
  position: Position;
  /** Length of the present epoch's header in bytes. */
  headerLength: number;
  /** The file that holds each segment, if there is one. */
  readonly saved = new Map<SegmentId, Version>();
  /** The same, as recorded in the present epoch's header. */
  readonly manifest = new Map<SegmentId, Version>();
  /** Segments whose file is out of date. The number changes with every change. */
  readonly changed = new Map<SegmentId, number>();
  /** Segments removed since the epoch began, and those removed in the epoch before. */
  readonly retired = new Set<SegmentId>();
  retiredBefore: readonly SegmentId[] = [];
  /** Epochs below this one are in use, even when their logs no longer exist. */
  epochFloor = 0;
  /** Epochs with a damaged log whose readable part is in the state. */
  readonly salvaged = new Set<number>();
  /** The generation of the archive. */
  archive = 0;
  /** Minimum length of the archive when the epoch began. */
  archiveBytes = 0;
  readonly changedAssistants = new Set<AssistantId>();
  /** Whether anything changed since the epoch began. */
  get isBehind(): boolean {
    return this.position.offset > this.headerLength;
  }
  #changes = 0;

  constructor(state: UserState, position: Position, headerLength: number) {
    this.state = state;
    this.position = position;
    this.headerLength = headerLength;
  }

  /** Applies a transaction, or throws and changes nothing. The position stays. */
  apply(operations: readonly Operation[]): AppliedTransaction {
    // Also looked up before, because a forgotten page cannot be found afterwards.
    const before = operations.map((operation) => this.#segmentsOf(operation));
    const applied = applyTransaction(this.state, operations);
    for (const [i, operation] of operations.entries()) {
      this.#mark(operation, [...(before[i] ?? []), ...this.#segmentsOf(operation)]);
    }
    const undo = () => {
      applied.undo();
      for (const { head } of applied.departed.segments) this.#markBack(head.id);
      for (const operation of operations) {
        if (operation.op === 'segment_removed') this.#markBack(operation.segment_id);
      }
    };
    return { departed: applied.departed, undo };
  }

  /** Applies a transaction of the log and moves the position behind it. */
  applyRecord(record: JournalRecord): void {
    this.apply(record.operations);
    const { epoch, offset } = this.position;
    this.position = { epoch, offset: offset + record.length, seq: record.seq, check: record.check };
  }

  /** Switches to an epoch that begins with exactly this state. */
  adopt(epoch: Epoch): void {
    this.position = startOf(epoch);
    this.headerLength = epoch.headerLength;
    this.saved.clear();
    for (const { id, epoch: written, seq } of epoch.header.segments)
      this.saved.set(id, { epoch: written, seq });
    this.changed.clear();
    this.changedAssistants.clear();
    this.retired.clear();
    this.salvaged.clear();
    this.retiredBefore = epoch.header.retired;
    this.archive = epoch.header.archive;
    this.archiveBytes = epoch.header.archive_bytes ?? 0;
  }

  /** The version of files written from the present state. */
  get version(): Version {
    return { epoch: Math.max(this.position.epoch, this.epochFloor), seq: this.position.seq };
  }

  /** Records that the file of that version holds the segment, unless the segment changed since `change`. */
  noteSaved(id: SegmentId, version: Version, change: number): void {
    if (this.changed.get(id) !== change) return;
    this.changed.delete(id);
    this.saved.set(id, version);
  }

  markChanged(id: SegmentId): void {
    this.#changes += 1;
    this.changed.set(id, this.#changes);
  }

  #markBack(id: SegmentId): void {
    this.retired.delete(id);
    if (this.state.segments.has(id)) this.markChanged(id);
  }

  /** The segments that an operation affects. */
  #segmentsOf(operation: Operation): SegmentId[] {
    const named = segmentNamed(operation);
    const holding = pagesNamed(operation).flatMap((id) => this.state.segmentOfPage.get(id) ?? []);
    return named === null ? holding : [named, ...holding];
  }

  #mark(operation: Operation, segments: readonly SegmentId[]): void {
    switch (operation.op) {
      case 'segment_visited':
        // Visits are stored in the header.
        return;
      case 'segment_archived':
      case 'segment_removed':
        this.changed.delete(operation.segment_id);
        this.saved.delete(operation.segment_id);
        this.retired.add(operation.segment_id);
        return;
      case 'fact_put':
        if (operation.fact.assistant_id !== null) this.changedAssistants.add(operation.fact.assistant_id);
        return;
      case 'fact_removed':
        if (operation.assistant_id !== null) this.changedAssistants.add(operation.assistant_id);
        return;
      default:
        for (const id of segments) this.#markBack(id);
    }
  }
}
