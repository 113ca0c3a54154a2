import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { verifyMemory } from '../../../../src/adapters/files/recovery/verify.js';
import type { Files } from '../../../../src/lib/io/files.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { Operation } from '../../../../src/model/operation.js';
import { applyTransaction } from '../../../../src/model/transaction.js';
import { emptyState, type UserState } from '../../../../src/model/user-state.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { type FaultyFiles, faultyFiles } from '../../../support/faulty-files.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { added, makeHead, makePage, migrated, put } from '../../../support/records.js';
import { archivedIds } from '../../../support/store-script.js';

const alice = toUserId('alice');
const times = { takeOverAfterMs: 15, leaseTakeOverAfterMs: 15, checkpointAfterMs: 1_000_000 };

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
let runs = 0;
beforeAll(async () => {
  root = await makeFolderInMemory();
});
afterAll(() => root.remove());

/** One step of a history. `pick` chooses among the existing items. */
type Deed =
  | {
      readonly kind: 'add' | 'migrate' | 'visit' | 'archive' | 'forget';
      readonly by: 0 | 1;
      readonly pick: number;
    }
  | { readonly kind: 'checkpoint' | 'purge' | 'restart' | 'look'; readonly by: 0 | 1 }
  /** The process stops at its n-th file operation from now on. */
  | { readonly kind: 'crash'; readonly by: 0 | 1; readonly after: number };

const by = fc.constantFrom<0 | 1>(0, 1);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('add' as const), by, pick: fc.nat(99) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('migrate' as const, 'visit' as const, 'archive' as const, 'forget' as const),
      by,
      pick: fc.nat(99),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('checkpoint' as const, 'purge' as const, 'restart' as const, 'look' as const),
      by,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('crash' as const), by, after: fc.nat(60) }) },
);

/** The change that a step makes, decided on the model. Null: the step does not apply. */
function operationsOf(state: UserState, { kind, pick }: { kind: string; pick: number }): Operation[] | null {
  const segments = [...state.segments.values()];
  const segment = segments[pick % Math.max(1, segments.length)];
  const pages = [...state.shortTerm, ...segments.flatMap((one) => one.pages)];
  const page = pages[pick % Math.max(1, pages.length)];
  switch (kind) {
    case 'add':
      return [added(makePage(`page ${pick}`))];
    case 'migrate': {
      const first = state.shortTerm[0];
      if (first === undefined) return null;
      const head = pick % 2 === 0 || segment === undefined ? makeHead(`topic ${pick}`) : segment.head;
      return [put(head), migrated(first.id, head.id)];
    }
    case 'visit':
      if (segment === undefined) return null;
      return [
        { op: 'segment_visited', segment_id: segment.head.id, visits: 1, at: '2026-06-01T00:00:00.000Z' },
      ];
    case 'archive':
      return segment === undefined ? null : [{ op: 'segment_archived', segment_id: segment.head.id }];
    case 'forget':
      return page === undefined ? null : [{ op: 'page_forgotten', page_id: page.id }];
    default:
      return null;
  }
}

/** Two processes on one folder, and a simple model of their expected content. */
class History {
  readonly dataDir: string;
  readonly model = emptyState();
  readonly archive: string[] = [];
  readonly #processes: { store: UserStore; files: FaultyFiles; crashAt: number }[] = [];

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  async start(index: number): Promise<void> {
    const entry = { crashAt: Number.POSITIVE_INFINITY };
    const files = faultyFiles((step) => (step.number >= entry.crashAt ? 'crash' : null));
    const store = await this.open(files);
    this.#processes[index] = Object.assign(entry, { store, files });
  }

  open(files: Files): Promise<UserStore> {
    return createFileStore({ dataDir: this.dataDir, files, ...times }).open(alice);
  }

  async run(step: Deed): Promise<void> {
    const process = this.#processes[step.by];
    if (process === undefined) throw new Error('both are started');
    if (step.kind === 'crash') {
      process.crashAt = process.files.steps.length + 1 + step.after;
      return;
    }
    const operations = 'pick' in step ? operationsOf(this.model, step) : null;
    try {
      await this.#carryOut(process.store, step, operations);
      if (operations !== null) this.#apply(operations);
      if (step.kind === 'restart') await this.start(step.by);
    } catch (error) {
      if (!process.files.crashed) throw error;
      await this.start(step.by);
      await this.#afterCrash(this.#processes[step.by]?.store, operations);
    }
  }

  async #carryOut(store: UserStore, step: Deed, operations: Operation[] | null): Promise<void> {
    if (operations !== null) await store.transact(() => operations);
    else if (step.kind === 'checkpoint') await store.checkpoint();
    else if (step.kind === 'purge') await store.purge((entry) => entry);
    else if (step.kind === 'look') await this.check(store);
    else if (step.kind === 'restart') await store.close();
  }

  /** The interrupted change must be there completely or not at all. The model takes over which. */
  async #afterCrash(store: UserStore | undefined, operations: Operation[] | null): Promise<void> {
    if (store === undefined) return;
    const found = JSON.stringify(snapshot(store.state));
    if (found !== JSON.stringify(snapshot(this.model)) && operations !== null) this.#apply(operations);
    await this.check(store);
  }

  #apply(operations: Operation[]): void {
    const { departed } = applyTransaction(this.model, structuredClone(operations));
    this.archive.push(...departed.segments.map(({ head }) => head.id));
  }

  async check(store: UserStore): Promise<void> {
    await store.refresh();
    expect(snapshot(store.state)).toEqual(snapshot(this.model));
    expect(await archivedIds(store)).toEqual(this.archive);
    expect(store.notices.filter(({ level }) => level !== 'info')).toEqual([]);
  }

  async finish(): Promise<void> {
    for (const [index, process] of this.#processes.entries()) {
      process.crashAt = Number.POSITIVE_INFINITY;
      // The process may have stopped in its background work.
      if (process.files.crashed) await this.start(index);
      const { store } = this.#processes[index] ?? process;
      await this.check(store);
      await store.close();
    }
    expect((await verifyMemory(this.dataDir, alice)).defects.filter(({ level }) => level !== 'info')).toEqual(
      [],
    );
    await rm(this.dataDir, { recursive: true });
  }
}

describe('random histories of two processes', () => {
  it('match a simple model through crashes and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 40 }), async (deeds) => {
        runs += 1;
        const history = new History(`${root.folder}/${runs}`);
        await history.start(0);
        await history.start(1);
        for (const step of deeds) await history.run(step);
        await history.finish();
      }),
      { numRuns: 40, interruptAfterTimeLimit: 25_000 },
    );
  }, 60_000);
});
