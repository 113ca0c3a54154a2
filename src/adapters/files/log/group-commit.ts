import { randomToken } from '../../../lib/io/process-identity.js';
import { MemoryError, messageOf } from '../../../model/errors.js';
import type { PageId } from '../../../model/ids.js';
import type { Operation } from '../../../model/operation.js';
import type { Departed } from '../../../model/transaction.js';
import { hasPage, type UserState } from '../../../model/user-state.js';
import { instantOf, type StoreContext } from '../context.js';
import { appendToArchive, archivedAmong } from '../copies/archive.js';
import { diskForm, encodeRecord, type Position } from './journal-format.js';
import type { Appended } from './log-file.js';
import type { UserLog } from './user-log.js';

/** At most this much is written at once. The rest waits for the next lock. */
const batchBytesMax = 4 * 1024 * 1024;

type Decide = (state: UserState) => readonly Operation[];

interface Waiting {
  readonly decide: Decide;
  readonly resolve: (operations: readonly Operation[]) => void;
  readonly reject: (error: unknown) => void;
  /** The part that was written when the log was sealed. It may count. */
  doubtful: Doubtful | null;
}

interface Doubtful {
  readonly id: string;
  readonly operations: readonly Operation[];
}

/** A transaction that is applied but not yet written. */
interface Staged {
  readonly waiting: Waiting;
  readonly id: string;
  readonly line: string;
  readonly operations: readonly Operation[];
  readonly departed: Departed;
  readonly position: Position;
  undo(): void;
}

/**
 * Commits all waiting transactions under one lock and with one sync. They are applied in order, each entirely
 * or not at all, and each on the state that its predecessor left.
 */
export class GroupCommit {
  readonly #context: StoreContext;
  readonly #log: UserLog;
  #queue: Waiting[] = [];
  readonly #token = randomToken();
  #count = 0;

  constructor(context: StoreContext, log: UserLog) {
    this.#context = context;
    this.#log = log;
  }

  /** Queues a transaction. The caller must then run `drain`. */
  enqueue(decide: Decide): Promise<readonly Operation[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ decide, resolve, reject, doubtful: null });
    });
  }

  /**
   * Commits everything that is queued now. Later transactions need another run, so readers get their turn in
   * between, even when transactions arrive without a pause. Never throws: failures are reported to the
   * transactions.
   */
  async drain(): Promise<void> {
    const last = this.#queue.at(-1);
    while (last !== undefined && this.#queue.includes(last)) {
      if (this.#queue.every(({ doubtful }) => doubtful === null)) this.#log.foundIds.clear();
      try {
        await this.#log.own(async () => this.#commitQueue());
      } catch (error) {
        for (const waiting of this.#queue.splice(0)) {
          waiting.reject(waiting.doubtful === null ? error : this.#inDoubt(error));
        }
      }
    }
  }

  #inDoubt(error: unknown): MemoryError {
    return new MemoryError(
      error instanceof MemoryError ? error.code : 'STORE_IO',
      `Another process took over ${this.#context.layout.shown} while this was being stored, and it is unknown whether it was stored. Check before you try again. (${messageOf(error)})`,
      { cause: error },
    );
  }

  /** Requires the lock. Unfinished transactions stay in the queue. */
  async #commitQueue(): Promise<void> {
    const staged: Staged[] = [];
    const unwritten: (() => void)[] = [];
    let bytes = 0;
    let taken = 0;
    const archived = await this.#archivedMeanwhile();
    for (const waiting of this.#queue) {
      if (bytes > batchBytesMax) break;
      taken += 1;
      try {
        const next = this.#stage(waiting, staged.at(-1)?.position ?? this.#log.replica.position, archived);
        if (Array.isArray(next)) unwritten.push(() => waiting.resolve(next));
        else {
          staged.push(next);
          bytes += next.line.length;
        }
      } catch (error) {
        unwritten.push(() => waiting.reject(error));
      }
    }
    const written = await this.#write(staged);
    if (written.outcome !== 'stored') for (const { undo } of staged.reverse()) undo();
    if (written.outcome === 'fenced') {
      for (const { waiting, id, operations } of staged) waiting.doubtful = { id, operations };
      return;
    }
    this.#queue.splice(0, taken);
    if (written.outcome === 'failed') {
      await this.#log.voidRest();
      for (const { waiting } of staged) waiting.reject(written.error);
    }
    for (const settle of unwritten) settle();
    if (written.outcome !== 'stored' || staged.length === 0) return;
    this.#announce(staged);
    await this.#log.mark();
  }

  #announce(staged: readonly Staged[]): void {
    for (const { operations, position, waiting } of staged) {
      this.#log.replica.position = position;
      this.#context.tell({ kind: 'operations', operations });
      waiting.resolve(operations);
    }
  }

  /** Decides and applies a transaction. Returns an array when there is nothing to write. */
  #stage(waiting: Waiting, at: Position, archived: ReadonlySet<string>): Staged | Operation[] {
    const { replica } = this.#log;
    const { doubtful } = waiting;
    if (doubtful !== null && this.#counted(doubtful, archived)) return [...doubtful.operations];
    const { text, operations } = diskForm(waiting.decide(replica.state));
    if (operations.length === 0) return [];
    const { departed, undo } = replica.apply(operations);
    this.#count += 1;
    const id = `${this.#token}-${this.#count}`;
    const seq = at.seq + 1;
    const record = { seq, id, prev: at.check, at: instantOf(this.#context.clock) };
    const { line, check } = encodeRecord(record, text);
    const position = { epoch: at.epoch, offset: at.offset + Buffer.byteLength(line), seq, check };
    return { waiting, id, line, operations, departed, position, undo };
  }

  /**
   * Whether a transaction that was written before the log was sealed counts. When that log no longer exists,
   * the presence of its pages decides.
   */
  #counted({ id, operations }: Doubtful, archived: ReadonlySet<string>): boolean {
    if (this.#log.foundIds.has(id)) return true;
    const { state } = this.#log.replica;
    return pagesOf(operations).some((page) => archived.has(page) || hasPage(state, page));
  }

  /** Pages of doubtful transactions that other processes have already migrated and evicted. */
  async #archivedMeanwhile(): Promise<ReadonlySet<string>> {
    const { replica, foundIds } = this.#log;
    const pages = this.#queue.flatMap(({ doubtful }) =>
      doubtful === null || foundIds.has(doubtful.id) ? [] : pagesOf(doubtful.operations),
    );
    return archivedAmong(this.#context, replica.archive, replica.state, pages);
  }

  async #write(staged: readonly Staged[]): Promise<Appended> {
    if (staged.length === 0) return { outcome: 'stored' };
    try {
      await appendToArchive(this.#context, this.#log.replica.archive, staged);
      return await this.#log.append(staged.map(({ line }) => line).join(''));
    } catch (error) {
      return { outcome: 'failed', whole: false, error };
    }
  }
}

function pagesOf(operations: readonly Operation[]): PageId[] {
  return operations.flatMap((operation) => (operation.op === 'page_added' ? [operation.page.id] : []));
}
