import { checkFree, copyMemory } from '../../engine/transfer/copy-memory.js';
import { contentOf, differenceOf } from '../../engine/transfer/memory-content.js';
import { MemoryError } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Store, StoredMemory } from '../../ports/store.js';

/** Number of memories copied at once: while one waits for the target, another is read. */
const atOnce = 4;

export interface TransferOptions {
  readonly source: Store;
  /** Null for a dry run when the target does not exist yet. */
  readonly target: Store | null;
  /** Absent: all users with a memory in the source. */
  readonly users?: readonly UserId[] | undefined;
  /** True: reports what would be done, and writes nothing. */
  readonly dryRun: boolean;
  /** `done`: number of finished users; `pages`: pages of this user so far. */
  readonly onProgress?: ((user: UserId, pages: number, done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Transferred {
  readonly userId: UserId;
  /**
   * `same`: the target already had everything. `failed`: the target has no permanent change, see `problem`.
   * `changed`: the copy is complete, but the source has changed since.
   */
  readonly outcome: 'copied' | 'same' | 'changed' | 'failed';
  readonly pages: number;
  readonly facts: number;
  /** Set only for `failed`. */
  readonly problem: string | null;
}

/**
 * Copies memories between stores of any kind. Each is read back and compared record by record. The source is
 * not written. Running it again continues an interrupted copy. A problem of one memory is reported and does
 * not stop the others. Throws NOT_FOUND, CANCELLED, and STORE_… when a store is not available.
 */
export async function transferMemories(options: TransferOptions): Promise<Transferred[]> {
  const { source, target } = options;
  const known = await source.listUsers();
  const users = options.users ?? known;
  const unknown = users.find((user) => !known.includes(user));
  if (unknown !== undefined) {
    throw new MemoryError(
      'NOT_FOUND',
      `There is no memory of ${unknown} in the source. Nothing was changed.`,
    );
  }
  return new Transfer(options, users, new Set(await target?.listUsers())).run();
}

/** A result, and the position of the source that it is about. */
type Result = Transferred & { readonly position: string };

class Transfer {
  readonly #options: TransferOptions;
  readonly #users: readonly UserId[];
  readonly #inTarget: ReadonlySet<UserId>;
  readonly #waiting: UserId[];
  readonly #results = new Map<UserId, Result>();

  constructor(options: TransferOptions, users: readonly UserId[], inTarget: ReadonlySet<UserId>) {
    this.#options = options;
    this.#users = users;
    this.#inTarget = inTarget;
    this.#waiting = [...users];
  }

  async run(): Promise<Transferred[]> {
    const ends = await Promise.allSettled(Array.from({ length: atOnce }, () => this.#takeAll()));
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    const results = this.#users.flatMap((user) => this.#results.get(user) ?? []);
    return Promise.all(results.map((result) => this.#compared(result)));
  }

  /** Takes one memory after another, until none waits or one fails for all. */
  async #takeAll(): Promise<void> {
    const { onProgress, signal } = this.#options;
    try {
      for (let user = this.#waiting.shift(); user !== undefined; user = this.#waiting.shift()) {
        if (signal?.aborted === true) throw interrupted();
        const userId = user;
        const onPages = (pages: number) =>
          onProgress?.(userId, pages, this.#results.size, this.#users.length);
        onPages(0);
        this.#results.set(userId, await this.#one(userId, onPages));
      }
    } catch (error) {
      this.#waiting.length = 0;
      throw error;
    }
  }

  async #one(userId: UserId, onPages: (pages: number) => void): Promise<Result> {
    const from = await this.#options.source.open(userId);
    try {
      return await (this.#options.dryRun ? this.#tried(userId, from) : this.#copied(userId, from, onPages));
    } catch (error) {
      if (!(error instanceof MemoryError) || isOfAll(error)) throw error;
      const { message: problem } = error;
      return { userId, outcome: 'failed', pages: 0, facts: 0, problem, position: '' };
    } finally {
      await from.close();
    }
  }

  /** What copying would do. */
  async #tried(userId: UserId, from: StoredMemory): Promise<Result> {
    const { target } = this.#options;
    const wanted = await contentOf(from);
    const { pages, facts, position } = wanted;
    const told = { userId, pages, facts, problem: null, position };
    if (target === null || !this.#inTarget.has(userId)) return { ...told, outcome: 'copied' };
    const to = await target.open(userId);
    try {
      const found = await contentOf(to);
      checkFree(to, found, wanted);
      return { ...told, outcome: differenceOf(wanted, found) === null ? 'same' : 'copied' };
    } finally {
      await to.close();
    }
  }

  async #copied(userId: UserId, from: StoredMemory, onPages: (pages: number) => void): Promise<Result> {
    const { target, signal } = this.#options;
    if (target === null) throw new Error('there is no target');
    const to = await target.open(userId);
    try {
      const { outcome, content } = await copyMemory(from, to, { onPages, signal });
      const { pages, facts, position } = content;
      return { userId, outcome, pages, facts, problem: null, position };
    } finally {
      await to.close();
    }
  }

  /** The result, or `changed` if the source has changed since it was read. */
  async #compared({ position, ...result }: Result): Promise<Transferred> {
    if (result.outcome === 'failed') return result;
    const now = await this.#options.source.positionOf(result.userId);
    return now === position ? result : { ...result, outcome: 'changed' };
  }
}

/** Whether the next memory would fail for the same reason. */
function isOfAll({ code }: MemoryError): boolean {
  return code === 'CANCELLED' || code === 'STORE_IO' || code === 'STORE_NEWER';
}

function interrupted(): MemoryError {
  return new MemoryError('CANCELLED', 'The transfer was interrupted. Run it again to continue it.');
}
