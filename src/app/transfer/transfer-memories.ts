import { checkFree, copyMemory } from '../../engine/transfer/copy-memory.js';
import { contentOf, differenceOf } from '../../engine/transfer/memory-content.js';
import { MemoryError } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Store } from '../../ports/store.js';

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
  const { source, target, dryRun, onProgress, signal } = options;
  const known = await source.listUsers();
  const users = options.users ?? known;
  const unknown = users.find((user) => !known.includes(user));
  if (unknown !== undefined) {
    throw new MemoryError(
      'NOT_FOUND',
      `There is no memory of ${unknown} in the source. Nothing was changed.`,
    );
  }
  const there = new Set(await target?.listUsers());
  const results: (Transferred & { readonly position: string })[] = [];
  const waiting = [...users];
  const takeNext = async () => {
    for (let user = waiting.shift(); user !== undefined; user = waiting.shift()) {
      if (signal?.aborted === true) throw interrupted();
      const onPages = (pages: number) => onProgress?.(user, pages, results.length, users.length);
      onPages(0);
      results.push(await one(user, onPages));
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: atOnce }, () =>
      takeNext().catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      }),
    ),
  );
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  const places = new Map(users.map((user, place) => [user, place]));
  results.sort((a, b) => (places.get(a.userId) ?? 0) - (places.get(b.userId) ?? 0));
  return Promise.all(
    results.map(async ({ position, ...result }) => {
      const isBehind = result.outcome !== 'failed' && (await source.positionOf(result.userId)) !== position;
      return isBehind ? { ...result, outcome: 'changed' as const } : result;
    }),
  );

  async function one(userId: UserId, onPages: (pages: number) => void) {
    const from = await source.open(userId);
    try {
      if (!dryRun) return await copied(userId, from, onPages);
      const wanted = await contentOf(from);
      const told = { userId, pages: wanted.pages, facts: wanted.facts, problem: null };
      if (target === null || !there.has(userId)) {
        return { ...told, outcome: 'copied' as const, position: wanted.position };
      }
      const to = await target.open(userId);
      try {
        const found = await contentOf(to);
        checkFree(to, found, wanted);
        const outcome = differenceOf(wanted, found) === null ? ('same' as const) : ('copied' as const);
        return { ...told, outcome, position: wanted.position };
      } finally {
        await to.close();
      }
    } catch (error) {
      if (!(error instanceof MemoryError) || isOfAll(error)) throw error;
      const { message: problem } = error;
      return { userId, outcome: 'failed' as const, pages: 0, facts: 0, problem, position: '' };
    } finally {
      await from.close();
    }
  }

  async function copied(
    userId: UserId,
    from: Awaited<ReturnType<Store['open']>>,
    onPages: (pages: number) => void,
  ) {
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
}

/** Whether the next memory would fail for the same reason. */
function isOfAll({ code }: MemoryError): boolean {
  return code === 'CANCELLED' || code === 'STORE_IO' || code === 'STORE_NEWER';
}

function interrupted(): MemoryError {
  return new MemoryError('CANCELLED', 'The transfer was interrupted. Run it again to continue it.');
}
